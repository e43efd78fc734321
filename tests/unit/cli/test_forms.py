"""Empty forms that a person can fill in, and filled ones as they come out of files and options."""

import tomllib
from pathlib import Path

import pytest

from node.cli.forms import BadForm, empty_form, find_form, read_form
from node.cli.talk import built_in_areas
from schemas.policy_area import all_fields

AREA = built_in_areas()["e_commerce", 1]
REQUEST = AREA.forms["request"]


@pytest.mark.parametrize("name", sorted(AREA.forms))
def test_an_empty_form_is_toml_and_names_every_field(name: str) -> None:
    form = AREA.forms[name]

    text = empty_form(form, AREA)

    mandatory = {field.name for field in form.fields if field.mandatory}
    assert set(tomllib.loads(text)) == mandatory
    assert all(f"{field.name} = " in text or f"[{field.name}]" in text for field in all_fields(form.fields))


@pytest.mark.parametrize("name", sorted(AREA.forms))
def test_a_form_with_every_question_taken_up_is_still_toml(name: str) -> None:
    form = AREA.forms[name]
    lines = empty_form(form, AREA).splitlines()
    fields = tuple(f"# {field.name} = " for field in all_fields(form.fields))
    taken_up = [line[2:] if line.startswith((*fields, "# [")) else line for line in lines]

    assert set(tomllib.loads("\n".join(taken_up))) == {field.name for field in form.fields}


@pytest.mark.parametrize(
    ("name", "procedure", "label"),
    [
        ("request", None, "Request for measures"),
        ("accept", None, "Acceptance"),
        ("acceptance", None, "Acceptance"),
        ("comment", None, "Comment"),
        ("send", "request", "Request for measures"),
    ],
)
def test_a_form_is_found_by_its_name_its_step_or_its_procedure(name: str, procedure: str | None, label: str) -> None:
    assert find_form(AREA, name, procedure).label == label


def test_a_step_of_two_procedures_has_to_be_said_which() -> None:
    with pytest.raises(BadForm, match="choose with --procedure"):
        find_form(AREA, "send", None)
    with pytest.raises(BadForm, match="there is no form for nonsense"):
        find_form(AREA, "nonsense", None)


def test_answers_come_from_the_file_and_then_from_the_command_line(tmp_path: Path) -> None:
    file = tmp_path / "form.toml"
    file.write_text('subject = "A"\nreply_requested_by = 2026-12-24\n[[provisions]]\nprovision_reference = "P"\n')

    answers = read_form(file, ["subject=B", "proceedings=no", "grounds=health", "grounds=cons", "harm=a = b"], REQUEST)

    assert answers == {
        "subject": "B",
        "reply_requested_by": "2026-12-24",
        "provisions": [{"provision_reference": "P"}],
        "proceedings": False,
        "grounds": ["health", "cons"],
        "harm": "a = b",
    }


def test_moments_of_toml_become_utc(tmp_path: Path) -> None:
    file = tmp_path / "form.toml"
    file.write_text("at = 2026-12-24T10:00:00+02:00\n")

    assert read_form(file, (), None) == {"at": "2026-12-24T08:00:00Z"}


def test_json_is_read_by_the_name_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "form.json"
    file.write_text('{"subject": "A"}')

    assert read_form(file, (), REQUEST) == {"subject": "A"}


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("subject", "write field=value"),
        ("nonsense=1", "nonsense: the form has no such field; it has language, subject"),
        ("proceedings=perhaps", "proceedings: takes yes or no"),
        ("provisions=x", "provisions: has parts of its own"),
    ],
)
def test_a_setting_that_has_no_place_is_refused_with_the_remedy(setting: str, says: str) -> None:
    with pytest.raises(BadForm, match=says):
        read_form(None, [setting], REQUEST)


@pytest.mark.parametrize(("name", "kind"), [("form.json", "JSON"), ("form.toml", "TOML")])
def test_a_file_that_is_not_what_its_name_says_is_refused(tmp_path: Path, name: str, kind: str) -> None:
    file = tmp_path / name
    file.write_text("{[")

    with pytest.raises(BadForm, match=f"is not valid {kind}"):
        read_form(file, (), REQUEST)


def test_a_step_without_a_form_takes_no_setting() -> None:
    with pytest.raises(BadForm, match="has no form"):
        read_form(None, ["a=b"], None)
