"""A declaration that contradicts itself is refused, and the message names the place."""

import pytest

from schemas.declaration import BadDeclaration, parse_policy_area
from schemas.policy_area import all_fields

SOUND = """
area = "toy"
code = "TOY"
version = 1
label = "Toy area"
legal_basis = "Regulation (EU) 1/2000, Article 1"

[retention]
block_after_months = 6

[answers.colours]
red = "Red"

[forms.question]
label = "Question"

[[forms.question.fields]]
name = "country"
label = "Country"
type = "country"

[[forms.question.fields]]
name = "colour"
label = "Colour"
type = "choice"
answers = "colours"
fact = true

[[forms.question.fields]]
name = "remark"
label = "Remark"
type = "text"
mandatory_when = { colour = ["red"] }

[[forms.question.fields]]
name = "people"
label = "People"
type = "group"
[[forms.question.fields.fields]]
name = "person"
label = "Person"
type = "text"
personal = true

[procedures.ask]
kind = "request"
code = "ASK"
label = "Ask"
legal_basis = "Article 1"
purpose = "To ask"
initial = "draft"

[procedures.ask.parties.asking]
label = "Asking"
filled_by = "initiator"

[procedures.ask.parties.asked]
label = "Asked"
filled_by = "field"
field = "country"

[procedures.ask.states.draft]
label = "Draft"
turn = "asking"

[procedures.ask.states.open]
label = "Open"
turn = "asked"

[procedures.ask.states.done]
label = "Done"
final = true

[procedures.ask.steps.send]
label = "Send"
by = ["asking"]
from = ["draft"]
to = "open"
form = "question"
opens = true

[procedures.ask.steps.answer]
label = "Answer"
by = ["asked"]
from = ["open"]
to = "done"
crossing = { done = "done" }

[procedures.ask.deadlines.answer]
label = "Answer"
party = "asked"
started_by = ["send"]
settled_by = ["answer"]
days = 7
"""

BROKEN = {
    "not TOML": ("[retention]", "[retention", r"the declaration is not valid TOML"),
    "no area": ('area = "toy"', "", r"^area: Field required"),
    "name with capitals": ('area = "toy"', 'area = "Toy"', r"^area: String should match"),
    "case code in small letters": ('code = "TOY"', 'code = "toy"', r"^code: String should match"),
    "version zero": ("version = 1", "version = 0", r"^version: Input should be greater than 0"),
    "empty label": ('label = "Toy area"', 'label = " "', r"^label: String should have at least 1 character"),
    "unknown word": ("version = 1", "version = 1\ncolour = 1", r"^colour: Extra inputs are not permitted"),
    "blocked after 19 months": (
        "months = 6",
        "months = 19",
        r"^retention.block_after_months: .* less than or equal to 18",
    ),
    "deleted after 4 years": (
        "months = 6",
        "months = 6\ndelete_after_years = 4",
        r"^retention.delete_after_years: .* less than or equal to 3",
    ),
    "empty wording of an answer": ('red = "Red"', 'red = ""', r"^answers.colours.red: "),
    "unknown type of field": ('type = "country"', 'type = "land"', r"^forms.question.fields.0.type: "),
    "choice without answers": (
        'answers = "colours"\nfact = true',
        "",
        r"^forms.question.fields.1: .*field colour: `answers` goes with the types choice",
    ),
    "answers of a text": (
        'type = "text"\nmandatory',
        'type = "text"\nanswers = "colours"\nmandatory',
        r"field remark: `answers`",
    ),
    "group without fields": ('type = "country"', 'type = "group"', r"field country: `fields` goes with the type group"),
    "fields outside a group": ('type = "group"', 'type = "text"', r"field people: `fields` goes with the type group"),
    "personal fact": (
        "fact = true",
        "fact = true\npersonal = true",
        r"field colour: a fact is a coded answer or a day",
    ),
    "fact in free text": ("personal = true", "fact = true", r"field person: a fact is a coded answer or a day"),
    "two fields of one name": ('name = "remark"', 'name = "colour"', r"forms.question: two fields have the same name"),
    "unknown answer list": (
        'answers = "colours"',
        'answers = "sizes"',
        r"forms.question.colour: there is no answer list sizes",
    ),
    "condition on nothing": (
        "{ colour =",
        "{ size =",
        r"forms.question.remark: mandatory_when names the unknown field size",
    ),
    "nobody initiates": (
        '"initiator"',
        '"commission"',
        r"procedures.ask: exactly one party is filled by the initiator",
    ),
    "nobody is named by a field": (
        'filled_by = "field"',
        'filled_by = "commission"',
        r"procedures.ask: .* exactly one by a field",
    ),
    "nothing opens": ("opens = true", "opens = false", r"procedures.ask: exactly one step opens the exchange"),
    "two steps open": (
        "crossing = {",
        "opens = true\ncrossing = {",
        r"procedures.ask: exactly one step opens the exchange",
    ),
    "unknown initial state": (
        'initial = "draft"',
        'initial = "new"',
        r"procedures.ask: the initial state new is not declared",
    ),
    "turn of nobody": (
        'turn = "asked"',
        'turn = "judge"',
        r"procedures.ask: states.open: the role judge is not declared",
    ),
    "step from nowhere": (
        'from = ["open"]',
        'from = ["ajar"]',
        r"procedures.ask: steps.answer: the state ajar is not declared",
    ),
    "step to nowhere": ('to = "done"', 'to = "over"', r"procedures.ask: steps.answer: the state over is not declared"),
    "crossing in no state": ("{ done =", "{ over =", r"procedures.ask: steps.answer: the state over is not declared"),
    "crossing to no state": (
        '= "done" }',
        '= "over" }',
        r"procedures.ask: steps.answer: the state over is not declared",
    ),
    "step of nobody": (
        'by = ["asked"]',
        'by = ["judge"]',
        r"procedures.ask: steps.answer: the role judge is not declared",
    ),
    "unknown form": (
        'form = "question"',
        'form = "poem"',
        r"procedures.ask: steps.send: the form poem is not declared",
    ),
    "local opening": (
        "opens = true",
        "opens = true\nlocal = true",
        r"steps.send: the opening step is taken by the initiator and told",
    ),
    "opened by the other side": (
        'by = ["asking"]',
        'by = ["asked"]',
        r"steps.send: the opening step is taken by the initiator",
    ),
    "addressee is no country": (
        'field = "country"',
        'field = "remark"',
        r"steps.send: the role asked is filled by remark, which is no country",
    ),
    "deadline started by nothing": (
        'started_by = ["send"]',
        'started_by = ["post"]',
        r"deadlines.answer: the step post is not declared",
    ),
    "deadline settled by nothing": (
        'settled_by = ["answer"]',
        'settled_by = ["nod"]',
        r"deadlines.answer: the step nod is not declared",
    ),
    "deadline without a period": (
        "days = 7",
        "",
        r"deadlines.answer: it has one of `days`, `months` and a date `field`",
    ),
    "deadline with two periods": (
        "days = 7",
        'days = 7\nfield = "country"',
        r"deadlines.answer: it has one of `days`, `months`",
    ),
    "unknown kind of procedure": ('kind = "request"', 'kind = "rumour"', r"^procedures.ask.kind: Input should be"),
}


def test_a_sound_declaration_is_read() -> None:
    area = parse_policy_area(SOUND)

    procedure = area.procedures["ask"]
    assert (procedure.initiator, procedure.addressee, procedure.opening) == ("asking", "asked", "send")
    assert procedure.steps["answer"].crossing == {"done": "done"}
    assert [field.name for field in all_fields(area.forms["question"].fields)][-2:] == ["people", "person"]


def test_a_field_is_found_by_its_name() -> None:
    form = parse_policy_area(SOUND).forms["question"]

    assert form.field("colour").answers == "colours"
    with pytest.raises(KeyError, match="size"):
        form.field("size")


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_declaration_is_refused_with_the_place_named(old: str, new: str, message: str) -> None:
    assert old in SOUND

    with pytest.raises(BadDeclaration, match=message):
        parse_policy_area(SOUND.replace(old, new, 1))


def test_all_contradictions_are_told_at_once() -> None:
    text = SOUND.replace('answers = "colours"', 'answers = "sizes"').replace('initial = "draft"', 'initial = "new"')

    with pytest.raises(BadDeclaration) as refused:
        parse_policy_area(text)

    assert "sizes" in str(refused.value)
    assert "initial state new" in str(refused.value)
