"""Blocks, guards, copying, amendments and records: what does not fit together is refused, with the place named."""

import pytest

from schemas.declaration import BadDeclaration, parse_policy_area
from schemas.policy_area import dated_facts
from tests.unit.schemas.test_declaration import SOUND

RICH = SOUND.replace(
    """[procedures.ask.deadlines.answer]""",
    """[procedures.ask.guards.order]
label = "Nothing went before"
legal_basis = "Article 1"
step = "send"
reason_field = "reason"
when = { colour = ["red"] }
unless = { hurry = ["yes"] }
earliest_today = "planned_on"

[procedures.ask.guards.order.needs_link]
field = "earlier"

[procedures.ask.guards.order.needs_link.procedures]
ask = ["open"]

[procedures.ask.copies.ask]
form = "question"
fields = { remark = "reason" }
leaves_out = ["people"]
facts = { colour = "colour" }
link_field = "earlier"
sent_on_field = "planned_on"

[procedures.ask.steps.correct]
label = "Correct"
by = ["asking"]
from = ["open"]
form = "correction"
amends = true
crossing = { done = "done" }

[procedures.note]
kind = "record"
code = "NOTE"
label = "Note"
legal_basis = "Article 1"
purpose = "To note"
initial = "draft"

[procedures.note.parties.noting]
label = "Noting"
filled_by = "initiator"

[procedures.note.parties.other]
label = "Other"
filled_by = "field"
field = "country"

[procedures.note.states.draft]
label = "Draft"

[procedures.note.states.kept]
label = "Kept"
final = true

[procedures.note.steps.keep]
label = "Keep"
by = ["noting"]
from = ["draft"]
to = "kept"
form = "question"
local = true
opens = true

[procedures.ask.deadlines.answer]""",
).replace(
    """[procedures.ask]""",
    """[[forms.question.fields]]
block = "rest"

[[blocks.rest]]
name = "reason"
label = "Reason"
type = "text"
personal_when = { colour = ["red"] }

[[blocks.rest]]
name = "planned_on"
label = "Planned on"
type = "date"
fact = true

[[blocks.rest]]
name = "hurry"
label = "Hurry"
type = "yes_no"
default = "no"

[[blocks.rest]]
name = "earlier"
label = "Earlier"
type = "exchanges"

[[blocks.rest]]
name = "shade"
label = "Shade"
type = "choice"
answers = "colours"
only = ["red"]
default = "red"

[forms.correction]
label = "Correction"

[[forms.correction.fields]]
name = "remark"
label = "Remark"
type = "text"

[procedures.ask]""",
    1,
)

BROKEN_PARTS = {
    "unknown block": ('block = "rest"', 'block = "best"', r"forms.question: there is no block best; there are rest"),
    "something beside a block": ('block = "rest"', 'block = "rest"\nname = "x"', r"beside `block` stands nothing"),
    "unused block": ("[forms.correction]", '[[blocks.more]]\nname = "x"\n[forms.correction]', r"no form uses more"),
    "only of an unknown code": ('only = ["red"]', 'only = ["blue"]', r"question.shade: only names blue"),
    "only of a text": ("personal_when =", 'only = ["red"]\npersonal_when =', r"field reason: `only` goes with"),
    "default of an unknown code": ('default = "red"', 'default = "blue"', r"shade: default is blue; possible are red"),
    "default of a text": ("personal_when =", 'default = "red"\npersonal_when =', r"field reason: `default` goes with"),
    "default neither yes nor no": ('default = "no"', 'default = "red"', r"hurry: default is red; possible are no, yes"),
    "personal when nothing": ("personal_when = { colour", "personal_when = { size", r"personal_when names the unknown"),
    "personal when no answer": (
        'personal_when = { colour = ["red"]',
        'personal_when = { colour = ["blue"]',
        r"personal_when: colour has no answer blue",
    ),
    "guard on an unknown step": ('step = "send"', 'step = "post"', r"guards.order: the step post is not declared"),
    "guard on a step without a form": (
        'step = "send"',
        'step = "answer"',
        r"the step answer is not declared, or has no",
    ),
    "guard without a place for the reason": (
        'reason_field = "reason"',
        'reason_field = "hurry"',
        r"guards.order: the reason_field hurry is no text of the form",
    ),
    "guard that never asks": (
        (
            'earliest_today = "planned_on"\n\n[procedures.ask.guards.order.needs_link]\nfield = "earlier"\n\n'
            '[procedures.ask.guards.order.needs_link.procedures]\nask = ["open"]'
        ),
        "",
        r"procedures.ask.guards.order: .*else it would never ask",
    ),
    "guard unless nothing": ("unless = { hurry", "unless = { haste", r"guards.order: unless names the unknown field"),
    "guard when no answer": (
        'when = { colour = ["red"] }\nunless',
        'when = { colour = ["blue"] }\nunless',
        r"when: colour",
    ),
    "guard on a day that is none": ('earliest_today = "planned_on"', 'earliest_today = "remark"', r"which is no date"),
    "guard that needs an unknown field": (
        'earliest_today = "planned_on"',
        'needs_fields = ["size"]',
        r"needs_fields names the unknown field size",
    ),
    "link by a field that names none": ('field = "earlier"\n\n[', 'field = "remark"\n\n[', r"which names no exchanges"),
    "link to an unknown procedure": ('ask = ["open"]', 'beg = ["open"]', r"needs_link names the unknown procedure beg"),
    "link in an unknown state": ('ask = ["open"]', 'ask = ["ajar"]', r"needs_link: ask has no state ajar"),
    "copying from an unknown procedure": ("copies.ask", "copies.beg", r"copies.beg: the procedure, or its form"),
    "copying from an unknown form": ('form = "question"\nfields', 'form = "poem"\nfields', r"or its form poem, is not"),
    "copying an unknown field": (
        '{ remark = "reason" }',
        '{ size = "reason" }',
        r"the form question has no field size",
    ),
    "copying to an unknown field": (
        '{ remark = "reason" }',
        '{ remark = "size" }',
        r"the opening form has no field size",
    ),
    "copying to another type": ('{ remark = "reason" }', '{ remark = "hurry" }', r"remark can\'t be copied to hurry"),
    "copying personal data into the open": (
        '{ remark = "reason" }',
        '{ reason = "remark" }',
        r"reason holds personal data, and remark is declared to hold none",
    ),
    "leaving out an unknown field": ('leaves_out = ["people"]', 'leaves_out = ["size"]', r"has no field size"),
    "copying a fact that nobody states": ('{ colour = "colour" }\nlink', '{ size = "colour" }\nlink', r"the fact size"),
    "copying a fact to another type": (
        '{ colour = "colour" }\nlink',
        '{ colour = "remark" }\nlink',
        r"the fact colour can",
    ),
    "linking in no field": (
        'link_field = "earlier"',
        'link_field = "remark"',
        r"link_field is remark, which is no field",
    ),
    "sent on no day": (
        'sent_on_field = "planned_on"',
        'sent_on_field = "remark"',
        r"sent_on_field is remark, which is no",
    ),
    "amending nothing": (
        'name = "remark"\nlabel = "Remark"\ntype = "text"\n\n[pro',
        'name = "x"\nlabel = "X"\ntype = "text"\n\n[pro',
        r"has no field of the opening",
    ),
    "amending to another type": (
        'label = "Remark"\ntype = "text"\n\n[pro',
        'label = "Remark"\ntype = "date"\n\n[pro',
        r"steps.correct: it amends remark",
    ),
    "a record that is told": ("local = true\nopens", "opens", r"procedures.note: a record is kept at home"),
    "deadline by a day that is no fact": (
        "days = 7",
        'field = "planned_at"',
        r"planned_at is no date with `fact = true`",
    ),
    "hiding from nobody": (
        'label = "Kept"',
        'label = "Kept"\nhides_personal_from = ["judge"]',
        r"states.kept: it hides personal data from the role judge",
    ),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN_PARTS.values(), ids=BROKEN_PARTS)
def test_a_broken_part_is_refused_with_the_place_named(old: str, new: str, message: str) -> None:
    assert old in RICH

    with pytest.raises(BadDeclaration, match=message):
        parse_policy_area(RICH.replace(old, new, 1))


def test_a_block_stands_where_it_is_named() -> None:
    names = [field.name for field in parse_policy_area(RICH).forms["question"].fields]

    assert names == ["country", "colour", "remark", "people", "reason", "planned_on", "hurry", "earlier", "shade"]


def test_a_record_has_local_steps_only() -> None:
    area = parse_policy_area(RICH)

    assert area.procedures["note"].opening == "keep"
    assert dated_facts(area) == {"planned_on"}
