"""The decision table is walked along every path of answers that there is."""

from collections.abc import Iterator

import pytest

from node.areas import guidance_table
from node.handlers.guidance import BadAnswer, Unanswered, next_question, outcome
from schemas.guidance import UNSURE, Outcome

TABLE = guidance_table()
MOST_QUESTIONS = 6

OWN = {"establishment": "other_country", "action": "own_measure"}
ONLINE = {**OWN, "subject": "other", "service": "online"}


def walks(answers: dict[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Every path of answers from the first question to the end."""
    given = answers or {}
    question = next_question(TABLE, given)
    if question is None:
        yield given
        return
    assert question.name not in given, "asked twice"
    for code in question.answers:
        yield from walks({**given, question.name: code})


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [outcome(TABLE, answers) for answers in walks()]


def test_every_path_ends_after_a_few_questions(outcomes: list[Outcome]) -> None:
    assert max(len(each.path) for each in outcomes) == MOST_QUESTIONS
    assert len({tuple(each.path.items()) for each in outcomes}) == len(outcomes) > 1000


def test_every_rule_is_the_main_recommendation_of_some_path(outcomes: list[Outcome]) -> None:
    assert {each.main.rule for each in outcomes} == {rule.id for rule in TABLE.rules}


def test_whoever_is_sure_gets_the_first_rule_that_holds(outcomes: list[Outcome]) -> None:
    for each in (one for one in outcomes if not one.doubts):
        holding = [
            rule.id for rule in TABLE.rules if all(each.path.get(name) in codes for name, codes in rule.when.items())
        ]
        assert each.main.rule == holding[0]
        assert [found.rule for found in each.also] == holding[1:-1]
        assert all(found.certain for found in each.also)


def test_unsure_leads_to_the_comparison_and_counts_as_a_doubt(outcomes: list[Outcome]) -> None:
    unsure = [each for each in outcomes if UNSURE in each.path.values()]

    assert unsure
    assert {each.main.rule for each in unsure} == {"G22"}
    assert all(each.is_doubtful and each.form["guidance_doubt"] is True and each.doubts for each in unsure)


def test_a_question_is_asked_only_if_it_can_still_change_something(outcomes: list[Outcome]) -> None:
    by_path = {tuple(each.path.items()): each for each in outcomes}
    for path in by_path:
        *before, (last, _) = path
        siblings = [by_path[other] for other in by_path if list(other[:-1]) == before and other[-1][0] == last]
        told = {(each.main.rule, tuple(found.rule for found in each.also)) for each in siblings}
        if len(siblings) == len(TABLE.questions[last].answers) + 1:  # none of them is asked on
            assert len(told) > 1, f"{last} changes nothing after {before}"


def test_the_outcome_of_every_path_fits_into_the_form(outcomes: list[Outcome]) -> None:
    for each in outcomes:
        path = str(each.form["guidance_path"])
        assert len(path) <= 400
        assert path.split() == [
            "online_services/1",
            *(f"{name}={code}" for name, code in each.path.items()),
            each.main.rule,
        ]


EXAMPLES: dict[str, tuple[dict[str, str], str, list[str]]] = {
    "a provider of one's own": ({"establishment": "own_country"}, "national", []),
    "a law on online services": (
        {"establishment": "no_single_provider", "action": "general_rule", "service": "online"},
        "tris",
        ["services_notification"],
    ),
    "court proceedings": ({**OWN, "action": "court_criminal", "subject": "other"}, "court_criminal", []),
    "duties of an intermediary": (
        {**OWN, "action": "other_country_acts", "subject": "intermediary_duties"},
        "dsa_coordinator",
        [],
    ),
    "consumer law, to be enforced abroad": (
        {**OWN, "action": "other_country_acts", "subject": "consumer_law"},
        "cpc",
        [],
    ),
    "consumer law, a measure of one's own": (
        {**OWN, "subject": "consumer_law", "service": "online"},
        "ecommerce_and_cpc",
        [],
    ),
    "a dangerous craftsman": (
        {**OWN, "subject": "service_safety", "service": "offline"},
        "services_derogation",
        ["services_alert"],
    ),
    "terrorist content to be removed": (
        {**OWN, "action": "removal_order", "subject": "terrorist_content"},
        "dsa_order",
        ["terrorist_content"],
    ),
    "minors, not urgent": ({**ONLINE, "ground": "public_policy", "urgent": "no"}, "ecommerce", []),
    "minors, urgent": ({**ONLINE, "ground": "public_policy", "urgent": "yes"}, "ecommerce_urgent", []),
    "an economic ground": ({**ONLINE, "ground": "other"}, "not_covered", []),
}


@pytest.mark.parametrize(("answers", "main", "also"), EXAMPLES.values(), ids=EXAMPLES)
def test_an_example(answers: dict[str, str], main: str, also: list[str]) -> None:
    found = outcome(TABLE, answers)

    assert (found.main.channel, [each.channel for each in found.also]) == (main, also)
    assert not found.is_doubtful
    assert list(found.comparison) == [TABLE.channels[name].label for name in (main, *also)]


def test_unsure_about_urgency_shows_what_is_possible() -> None:
    found = outcome(TABLE, {**ONLINE, "ground": "consumers", "urgent": UNSURE})

    assert found.main.rule == "G22"
    assert [(each.rule, each.certain) for each in found.also] == [("G19", False), ("G20", False)]
    assert found.doubts == ("urgent",)


def test_where_no_rule_fits_all_channels_are_compared_and_it_is_a_doubt() -> None:
    found = outcome(TABLE, {**OWN, "subject": "other", "service": "offline"})

    assert (found.main.rule, found.also, found.is_doubtful) == ("G22", (), True)
    assert len(found.comparison) == len(TABLE.channels)


def test_answers_that_nobody_asked_for_count_for_nothing() -> None:
    found = outcome(TABLE, {"urgent": UNSURE, "establishment": "own_country"})

    assert found.path == {"establishment": "own_country"}
    assert not found.is_doubtful


def test_an_open_question_is_named() -> None:
    with pytest.raises(Unanswered, match="action is not answered: What do you plan"):
        outcome(TABLE, {"establishment": "other_country"})


@pytest.mark.parametrize(
    ("answers", "words"), [({"colour": "red"}, "no question colour"), ({"urgent": "maybe"}, "yes, no, unsure")]
)
def test_an_unknown_answer_is_refused_with_those_that_there_are(answers: dict[str, str], words: str) -> None:
    with pytest.raises(BadAnswer, match=words):
        next_question(TABLE, answers)
