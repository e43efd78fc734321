"""A decision table that contradicts itself is refused, with place and remedy; the one that comes along is whole."""

from pathlib import Path

import pytest

from schemas.declaration import parse_policy_area
from schemas.guidance import BadGuidance, GuidanceTable, parse_guidance
from schemas.policy_area import Field

SCHEMAS = Path(__file__).parents[3] / "schemas"
TEXT = (SCHEMAS / "guidance" / "online_services.toml").read_text()

REMEMBERED = {"G2", "G4", "G5", "G6", "G8", "G9", "G10", "G13", "G15", "G16", "G17", "G18", "G20"}
"""The rules of which the domain document says that something in them is from memory."""


@pytest.fixture(scope="module")
def table() -> GuidanceTable:
    return parse_guidance(TEXT)


BROKEN = {
    "no TOML": ("[fields]", "[fields", "not valid TOML"),
    "unknown word": ('name = "online_services"', 'name = "online_services"\ncolour = "red"', "colour"),
    "unknown channel": ('channel = "tris"', 'channel = "fax"', "rules.G3: there is no channel fax"),
    "channel without a rule": ('channel = "cpc"', 'channel = "tris"', "channels.cpc: no rule leads to it"),
    "unknown question": ("when = { establishment = [", "when = { colour = [", "rules.G1: there is no question colour"),
    "unknown answer": ('["own_country"]', '["nowhere"]', "rules.G1: establishment has no answer nowhere"),
    "declared unsure": ('yes = "Yes"', 'yes = "Yes"\nunsure = "Who knows?"', "questions.urgent: leave out unsure"),
    "twice the same id": ('id = "G2"', 'id = "G1"', "rules.G1: two rules have this id"),
    "no last rule": ('id = "G22"\n', 'id = "G22"\nwhen = { urgent = ["yes"] }\n', "the last one, and only that"),
    "unverified without a word": ('note = "From memory; check against EUR-Lex."', 'note = ""', "note"),
}


@pytest.mark.parametrize(("good", "bad", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_table_is_refused_with_the_place_named(good: str, bad: str, words: str) -> None:
    assert good in TEXT

    with pytest.raises(BadGuidance, match=r"(?s).*") as caught:
        parse_guidance(TEXT.replace(good, bad, 1))

    assert words in str(caught.value)


def test_a_question_that_no_rule_asks_for_is_refused() -> None:
    unused = '[questions.colour]\nlabel = "Which colour?"\nanswers = { red = "Red" }\n'

    with pytest.raises(BadGuidance, match=r"questions\.colour: no rule asks for it"):
        parse_guidance(f"{TEXT}\n{unused}")


def test_it_has_the_rules_of_the_domain_in_their_order(table: GuidanceTable) -> None:
    assert [rule.id for rule in table.rules] == [f"G{number}" for number in range(1, 23)]


def test_what_is_from_memory_is_marked_and_says_so(table: GuidanceTable) -> None:
    unverified = {rule.id: rule.note.lower() for rule in table.rules if not rule.verified}

    assert unverified.keys() == REMEMBERED
    assert all("from memory" in note and "check against eur-lex" in note for note in unverified.values())
    assert not any("from memory" in rule.note for rule in table.rules if rule.verified)


@pytest.mark.parametrize("procedure", ["request", "notification"])
def test_the_forms_of_e_commerce_keep_its_outcome(table: GuidanceTable, procedure: str) -> None:
    area = parse_policy_area((SCHEMAS / "policy_areas" / "e_commerce.toml").read_text())
    rule = area.procedures[procedure].steps[area.procedures[procedure].opening]
    form = area.forms[rule.form or ""]
    kept: dict[str, Field] = {name: form.field(field) for name, field in table.fields.model_dump().items()}

    assert {name: field.type for name, field in kept.items()} == {
        "outcome": "choice",
        "reason": "long_text",
        "path": "text",
        "doubt": "yes_no",
    }
    assert {channel.form_code for channel in table.channels.values()} <= area.answers[
        kept["outcome"].answers or ""
    ].keys()
    assert kept["outcome"].fact
    assert kept["doubt"].fact
