"""Each type of field and each rule: what is right passes, what is wrong gets one sentence with the remedy."""

import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from node.handlers.exchanges.forms import (
    MAX_ENTRIES,
    Problem,
    Setting,
    beginning,
    filled,
    is_personal,
    problems,
    without_personal,
)
from schemas.policy_area import Field, Form, PolicyArea

TODAY = date(2026, 11, 24)
AREA = PolicyArea(
    area="toy",
    code="TOY",
    version=1,
    label="Toy",
    legal_basis="Article 1",
    answers={"colours": {"red": "Red", "blue": "Blue"}},
    forms={},
    procedures={},
)
SETTING = Setting(area=AREA, country="DE", today=TODAY)
NOTE = {"name": "a.pdf", "type": "application/pdf", "size": 3, "hash": "h" * 43}


def field(kind: str, **rules: Any) -> Field:
    if kind in ("choice", "choices"):
        rules = {"answers": "colours", **rules}
    if kind == "group":
        rules = {"fields": (field("text", name="inner", mandatory=True), field("number", name="count")), **rules}
    return Field(**{"name": "asked", "type": kind, "label": "The question", **rules})


def check(content: dict[str, Any], *fields: Field) -> list[Problem]:
    return problems(Form(label="Form", fields=fields), content, SETTING)


RIGHT: list[tuple[str, dict[str, Any], Any]] = [
    ("text", {}, "One line"),
    ("text", {"max_length": 3}, "abc"),
    ("long_text", {}, "Two\nlines"),
    ("choice", {}, "red"),
    ("choices", {}, ["red", "blue"]),
    ("yes_no", {}, False),
    ("number", {}, 0),
    ("number", {"minimum": 2}, 2.5),
    ("date", {}, "2026-11-24"),
    ("date", {"not_before_today": True}, "2026-11-24"),
    ("date", {"not_after_today": True}, "2026-11-24"),
    ("moment", {}, "2026-11-24T08:00:00Z"),
    ("country", {}, "EL"),
    ("country", {"not_own_country": True}, "CY"),
    ("country", {"repeatable": True}, ["CY", "MT"]),
    ("urls", {}, ["https://shop.example", "short code 12345"]),
    ("exchanges", {}, ["ECOM-REQ-DE-2026-000123"]),
    ("attachments", {}, [NOTE]),
    ("group", {}, {"inner": "x", "count": 3}),
    ("group", {"repeatable": True}, [{"inner": "x"}, {"inner": "y"}]),
]


@pytest.mark.parametrize(("kind", "rules", "answer"), RIGHT)
def test_a_right_answer_passes(kind: str, rules: dict[str, Any], answer: Any) -> None:
    assert check({"asked": answer}, field(kind, **rules)) == []


WRONG: list[tuple[str, dict[str, Any], Any, str, str]] = [
    ("text", {}, 7, "asked", "takes text"),
    ("text", {}, "   ", "asked", "takes text"),
    ("text", {}, "two\nlines", "asked", "takes one line"),
    ("text", {"max_length": 3}, "abcd", "asked", "is 4 characters long; at most 3 are possible"),
    ("long_text", {}, ["x"], "asked", "takes text"),
    ("choice", {}, "green", "asked", "takes one of red, blue"),
    ("choice", {}, True, "asked", "takes one of red, blue"),
    ("choices", {}, "red", "asked", "takes a list of answers"),
    ("choices", {}, ["red", "green"], "asked[2]", "takes one of red, blue"),
    ("choices", {}, ["red", "red"], "asked", "names the same answer twice"),
    ("yes_no", {}, "yes", "asked", "takes true or false"),
    ("yes_no", {}, 1, "asked", "takes true or false"),
    ("number", {}, "7", "asked", "takes a number"),
    ("number", {}, True, "asked", "takes a number"),
    ("number", {"minimum": 2}, 1, "asked", "is below 2"),
    ("number", {"minimum": 0}, math.nan, "asked", "takes a number"),
    ("date", {}, "24.11.2026", "asked", "takes a date: 2026-11-24"),
    ("date", {}, "2026-02-30", "asked", "takes a date: 2026-11-24"),
    ("date", {}, 20261124, "asked", "takes a date: 2026-11-24"),
    ("date", {}, "20261124", "asked", "takes a date: 2026-11-24"),
    ("date", {"not_before_today": True}, "2026-11-23", "asked", "lies in the past; the earliest day is 2026-11-24"),
    ("date", {"not_after_today": True}, "2026-11-25", "asked", "lies in the future; the latest day is 2026-11-24"),
    ("moment", {}, "2026-11-24T08:00:00", "asked", "takes a time in UTC: 2026-11-24T08:00:00Z"),
    ("moment", {}, "2026-11-24T08:00:00+01:00", "asked", "takes a time in UTC: 2026-11-24T08:00:00Z"),
    ("moment", {}, "1732435200", "asked", "takes a time in UTC: 2026-11-24T08:00:00Z"),
    ("country", {}, "GR", "asked", "takes the EU code"),
    ("country", {}, "EC", "asked", "takes the EU code"),
    ("country", {"not_own_country": True}, "DE", "asked", "DE is your own country"),
    ("urls", {}, "https://shop.example", "asked", "takes a list of answers"),
    ("urls", {}, ["x"] * (MAX_ENTRIES + 1), "asked", f"takes at most {MAX_ENTRIES} entries, not {MAX_ENTRIES + 1}"),
    ("exchanges", {}, ["123"], "asked[1]", "takes a case number"),
    ("attachments", {}, [{**NOTE, "name": "../a"}], "asked[1]", "does not describe an attachment"),
    ("attachments", {}, [{**NOTE, "size": 0}], "asked[1]", "does not describe an attachment"),
    ("attachments", {}, ["a.pdf"], "asked[1]", "does not describe an attachment"),
    ("group", {}, "x", "asked", "has fields of its own: inner, count"),
    ("group", {}, {"count": 3}, "asked.inner", "is mandatory: The question"),
    ("group", {}, {"inner": "x", "other": 1}, "asked.other", "this form has no such field; leave it out"),
    ("group", {"repeatable": True}, [{"inner": "x"}, {"inner": 1}], "asked[2].inner", "takes text"),
]


@pytest.mark.parametrize(("kind", "rules", "answer", "where", "message"), WRONG)
def test_a_wrong_answer_gets_its_field_and_the_remedy(
    kind: str, rules: dict[str, Any], answer: Any, where: str, message: str
) -> None:
    [found] = check({"asked": answer}, field(kind, **rules))

    assert found.field == where
    assert found.message.startswith(message)


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_what_is_left_open_is_no_answer(nothing: object) -> None:
    assert filled({"asked": nothing, "other": False, "number": 0}) == {"other": False, "number": 0}
    assert check({"asked": nothing}, field("text")) == []
    [found] = check({"asked": nothing}, field("text", mandatory=True))
    assert str(found) == "asked: is mandatory: The question"


CONDITIONS: list[tuple[dict[str, tuple[str, ...]], dict[str, Any], bool]] = [
    ({"colour": ("red",)}, {"colour": "red"}, True),
    ({"colour": ("red",)}, {"colour": "blue"}, False),
    ({"colour": ("red",)}, {}, False),
    ({"colour": ("red", "blue")}, {"colour": "blue"}, True),
    ({"several": ("red",)}, {"several": ["blue", "red"]}, True),
    ({"several": ("red",)}, {"several": ["blue"]}, False),
    ({"agreed": ("yes",)}, {"agreed": True}, True),
    ({"agreed": ("yes",)}, {"agreed": False}, False),
    ({"agreed": ("no",)}, {"agreed": False}, True),
    ({"colour": ("red",), "agreed": ("no",)}, {"agreed": False}, True),
]


@pytest.mark.parametrize(("when", "content", "is_mandatory"), CONDITIONS)
def test_a_field_is_mandatory_when_another_has_an_answer(
    *, when: dict[str, tuple[str, ...]], content: dict[str, Any], is_mandatory: bool
) -> None:
    fields = (
        field("choice", name="colour"),
        field("choices", name="several"),
        field("yes_no", name="agreed"),
        field("text", mandatory_when=when),
    )

    assert [found.field for found in check(content, *fields)] == (["asked"] if is_mandatory else [])
    assert check({**content, "asked": "x"}, *fields) == []


@pytest.mark.parametrize("hostile", [{"agreed": {"yes": 1}}, {"agreed": [[1], {}]}, {"agreed": 1.5}])
def test_a_condition_on_an_answer_of_the_wrong_type_is_no_crash(hostile: dict[str, Any]) -> None:
    found = check(hostile, field("yes_no", name="agreed"), field("text", mandatory_when={"agreed": ("yes",)}))

    assert [each.field for each in found] == ["agreed"]


def test_all_mistakes_are_told_at_once_and_which_names_were_made_up() -> None:
    found = check(
        {"number": "x", "made up": 1},
        field("number", name="number"),
        field("text", mandatory=True),
    )

    assert [(each.field, each.is_declared) for each in found] == [("made up", False), ("number", True), ("asked", True)]


def test_a_choice_may_be_narrowed_to_some_codes_of_its_list() -> None:
    narrowed = field("choice", only=("red",))

    assert check({"asked": "red"}, narrowed) == []
    (problem,) = check({"asked": "blue"}, narrowed)
    assert problem.message == "takes one of red"
    assert check({"asked": ["blue"]}, field("choices", only=("red",)))[0].field == "asked[1]"


def test_an_empty_form_begins_with_the_declared_defaults() -> None:
    chosen = field("choice", name="colour", default="red")
    fields = (chosen, field("yes_no", default="yes"), field("text", name="open"))

    assert beginning(Form(label="Form", fields=fields)) == {"colour": "red", "asked": True}


KIND = field("choice", name="kind")
NAME = field("text", name="person", personal_when={"kind": ("red",)})


def test_a_name_is_personal_where_another_answer_makes_it_so() -> None:
    assert is_personal(NAME, {"kind": "red"})
    assert not is_personal(NAME, {"kind": "blue"})
    assert is_personal(field("text", personal=True), {})


def test_what_is_personal_is_left_out_of_forms_and_of_their_groups() -> None:
    parts = (field("text", name="reference"), field("text", name="owner", personal=True))
    group = field("group", name="parts", fields=parts, repeatable=True)
    single = field("group", name="single", fields=parts)
    form = Form(label="Form", fields=(KIND, NAME, group, single, field("urls", name="addresses", personal=True)))
    entry = {"reference": "A 1", "owner": "Erika"}
    content = {
        "kind": "red",
        "person": "Erika",
        "parts": [entry],
        "single": entry,
        "addresses": ["x"],
        "other": "Erika",
    }

    kept = without_personal(form, content)

    assert kept == {"kind": "red", "parts": [{"reference": "A 1"}], "single": {"reference": "A 1"}}
    assert without_personal(form, {**content, "kind": "blue"})["person"] == "Erika"


def test_a_draft_may_be_filled_in_half_but_not_wrongly() -> None:
    fields = (field("date", not_before_today=True, mandatory=True), field("text", name="other", mandatory=True))
    form, draft = Form(label="Form", fields=fields), replace(SETTING, is_draft=True)

    assert problems(form, {}, draft) == []
    assert problems(form, {"asked": "2026-11-23"}, draft) == []
    assert [each.message for each in problems(form, {"asked": "tomorrow"}, draft)] == ["takes a date: 2026-11-24"]
    assert [each.field for each in problems(form, {"another": "x"}, draft)] == ["another"]
