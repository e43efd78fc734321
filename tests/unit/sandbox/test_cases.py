"""A file of cases that contradicts itself is refused, and the message names the case and the field."""

import json
from pathlib import Path

import pytest

from node.sandbox.cases import BadCases, read_cases

GOOD: dict[str, object] = {
    "about": ["A test."],
    "registry": {
        "DE": [
            {"id": "DE/one", "name": "One", "modules": ["request"], "national_coordinator": True},
            {"id": "DE/two", "name": "Two", "modules": ["request"]},
        ],
        "FR": [{"id": "FR/one", "name": "One", "modules": ["notification", "request"]}],
    },
    "cases": [
        {
            "id": "R001",
            "procedure": "request",
            "sender": "FR/one",
            "receiver": "DE/one",
            "events": [
                {"at": "2014-01-07T09:00Z", "by": "FR", "step": "send"},
                {"at": "2014-01-08T09:00Z", "by": "DE", "step": "forward", "addressed": "DE/two"},
            ],
        },
        {
            "id": "N001",
            "procedure": "request",
            "sender": "DE/one",
            "receiver": "FR/one",
            "events": [{"at": "2014-02-07T09:00Z", "by": "DE", "step": "send"}],
        },
    ],
}

BAD = {
    "label": ('"id": "R001"', '"id": "first"', r"case first: id: String should match"),
    "no label": ('"id": "R001", ', "", r"case number 1 of the file: id: Field required"),
    "label used twice": ('"id": "N001"', '"id": "R001"', r"case R001: id: it is used twice"),
    "unknown procedure": (
        '"procedure": "request", "sender": "FR',
        '"procedure": "x", "sender": "FR',
        r"case R001: procedure: ",
    ),
    "no time zone": ("2014-01-08T09:00Z", "2014-01-08T09:00", r"case R001: events.1.at: a time needs its zone"),
    "seconds": ("2014-01-08T09:00Z", "2014-01-08T09:00:05Z", r"case R001: events.1.at: it is no whole minute"),
    "same minute": (
        "2014-01-08T09:00Z",
        "2014-01-07T09:00Z",
        r"case R001: events.1.at: it is not after the event before",
    ),
    "does not begin": ('"step": "send"}, ', '"step": "save"}, ', r"case R001: events.0: a case begins with `send`"),
    "begun by the receiver": (
        '"by": "FR", "step": "send"',
        '"by": "DE", "step": "send"',
        r"case R001: events.0: a case begins",
    ),
    "no party": (
        '"by": "DE", "step": "forward"',
        '"by": "EC", "step": "forward"',
        r"case R001: events.1.by: EC is no party",
    ),
    "own country": (
        '"receiver": "DE/one"',
        '"receiver": "FR/one"',
        r"case R001: receiver: it is in the sender's own country",
    ),
    "unknown receiver": (
        '"receiver": "DE/one"',
        '"receiver": "DE/six"',
        r"case R001: receiver: DE/six is not in the registry",
    ),
    "no access": (
        '"modules": ["notification", "request"]',
        '"modules": ["notification"]',
        r"case R001: sender: FR/one has no access",
    ),
    "forwarded to nobody": (
        ', "addressed": "DE/two"',
        "",
        r"case R001: events.1.addressed: a forwarding, and nothing else",
    ),
    "forwarded abroad": (
        '"addressed": "DE/two"',
        '"addressed": "FR/one"',
        r"case R001: events.1.addressed: FR/one is in another country",
    ),
    "forwarded to an unknown one": (
        '"addressed": "DE/two"',
        '"addressed": "DE/six"',
        r"case R001: events.1.addressed: DE/six is not in",
    ),
    "follows nothing": (
        '"id": "N001"',
        '"id": "N001", "follows": ["R009"]',
        r"case N001: follows: there is no case R009",
    ),
    "unknown word": ('"id": "N001"', '"id": "N001", "colour": 1', r"case N001: colour: Extra inputs are not permitted"),
    "foreign authority": (
        '"id": "DE/two"',
        '"id": "FR/two"',
        r"registry.DE: FR/two is an authority of another country",
    ),
    "authority twice": ('"id": "DE/two"', '"id": "DE/one"', r"registry.DE: two authorities are DE/one"),
    "two coordinators": (
        '"name": "Two"',
        '"name": "Two", "national_coordinator": true',
        r"registry.DE: a country has one national",
    ),
    "authority without a module": ('"modules": ["request"]}', '"modules": []}', r"registry.DE.1.modules: "),
    "no cases": ('"cases"', '"casts"', r"^cases: Field required"),
    "a case that is a number": ('"cases": [', '"cases": [1, ', r"case number 1 of the file: Input should be a valid"),
    "not JSON": ('{"about"', '{about"', r"cases.json: it is not JSON in UTF-8"),
}


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(GOOD), encoding="utf-8")

    pilot = read_cases(path)

    assert [case.id for case in pilot.cases] == ["R001", "N001"]
    assert pilot.cases[0].parties == {"DE", "FR"}


@pytest.mark.parametrize(("old", "new", "message"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_case_and_field_named(tmp_path: Path, old: str, new: str, message: str) -> None:
    path, text = tmp_path / "cases.json", json.dumps(GOOD)
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(BadCases, match=message):
        read_cases(path)


def test_a_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(BadCases, match=r"none\.json: it can't be read"):
        read_cases(tmp_path / "none.json")
