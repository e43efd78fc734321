"""A declaration whose copies could differ is found out, by the shortest story; one that passes does converge."""

import pytest

from node.handlers.exchanges.convergence import diverging_story
from schemas.policy_area import Party, Procedure, State, StepRule
from tests.unit.handlers.cases import AREA


def declared(**steps: StepRule) -> Procedure:
    """A procedure between `a` and `b`, with what follows the opening."""
    states = {"draft", "open", *(name for rule in steps.values() for name in (*rule.sources, rule.to or "open"))}
    states |= {name for rule in steps.values() for pair in rule.crossing.items() for name in pair}
    return Procedure(
        kind="request",
        code="TOY",
        label="Toy",
        legal_basis="Article 1",
        purpose="To try",
        initial="draft",
        parties={
            "a": Party(label="A", filled_by="initiator"),
            "b": Party(label="B", filled_by="field", field="country"),
        },
        states={name: State(label=name) for name in states},
        steps={"send": rule("a", "draft", "open", opens=True), **steps},
    )


def rule(by: str, sources: str, to: str | None = None, *, opens: bool = False, **crossing: str) -> StepRule:
    return StepRule.model_validate(
        {"label": "x", "by": by.split(), "from": sources.split(), "to": to, "opens": opens, "crossing": crossing}
    )


@pytest.mark.parametrize("name", ["request", "notification"])
def test_the_shipped_procedures_converge(name: str) -> None:
    assert diverging_story(AREA.procedures[name]) is None


@pytest.mark.parametrize("name", ["request", "notification"])
def test_every_crossing_rule_of_the_shipped_procedures_is_needed_or_harmless(name: str) -> None:
    """Without any of its crossing rules a procedure with two free sides does not converge."""
    procedure = AREA.procedures[name]
    bare = {step: each.model_copy(update={"crossing": {}}) for step, each in procedure.steps.items()}

    story = diverging_story(procedure.model_copy(update={"steps": bare}))

    assert story is not None
    assert len(story.moves) == 2


def test_turns_need_no_crossing_rules() -> None:
    procedure = declared(ask=rule("a", "open", "asked"), answer=rule("b", "asked", "open"))

    assert diverging_story(procedure) is None


def test_a_step_without_meaning_is_the_shortest_story() -> None:
    procedure = declared(accept=rule("b", "open", "accepted"), withdraw=rule("a", "open", "withdrawn"))

    story = diverging_story(procedure)

    assert story is not None
    assert story.start == "open"
    assert {(move.party, move.step, len(move.after)) for move in story.moves} == {
        ("a", "withdraw", 0),
        ("b", "accept", 0),
    }
    assert "means nothing there" in story.outcome
    assert str(story).startswith("All copies stand at open.\n1. ")
    assert "knowing of nothing new" in str(story)


def test_copies_that_end_differently_are_found() -> None:
    procedure = declared(
        accept=rule("b", "open", "accepted", withdrawn="withdrawn"),
        withdraw=rule("a", "open", "withdrawn", accepted="accepted"),
    )

    story = diverging_story(procedure)

    assert story is not None
    assert "ends at withdrawn" in story.outcome
    assert "ends at accepted" in story.outcome


def test_a_rule_by_which_one_side_wins_settles_it() -> None:
    procedure = declared(
        accept=rule("b", "open", "accepted", withdrawn="withdrawn"),
        withdraw=rule("a", "open accepted", "withdrawn"),
    )

    assert diverging_story(procedure) is None


def test_what_goes_wrong_only_later_is_found_with_where_it_begins() -> None:
    procedure = declared(
        begin=rule("a", "open", "under_way"),
        stop=rule("a", "under_way", "stopped"),
        report=rule("b", "under_way", None),
    )

    story = diverging_story(procedure)

    assert story is not None
    assert story.start == "under_way"
    assert {move.step for move in story.moves} == {"stop", "report"}


def test_what_takes_three_steps_is_found_only_when_three_are_looked_at() -> None:
    procedure = declared(
        one=rule("a", "open", "first", moved="moved"),
        two=rule("a", "first", "second"),
        move=rule("b", "open", "moved", first="moved", second="elsewhere"),
    )

    assert diverging_story(procedure, acts=1) is None
    story = diverging_story(procedure, acts=3)

    assert story is not None
    assert "move" in {move.step for move in story.moves}


def final(procedure: Procedure, *names: str) -> Procedure:
    """The same procedure, with these states formally closed."""
    states = {name: state.model_copy(update={"final": name in names}) for name, state in procedure.states.items()}
    return procedure.model_copy(update={"states": states})


def test_copies_that_are_closed_by_different_steps_are_found() -> None:
    """Both lead to one state, and where the closing comes last it reopens nothing: the periods would differ."""
    procedure = final(
        declared(
            close=rule("a", "open", "closed", resumed="resumed"),
            resume=rule("b", "open", "resumed", closed="resumed"),
            end=rule("a", "resumed", "ended"),
        ),
        "closed",
        "ended",
    )

    story = diverging_story(procedure)

    assert story is not None
    assert "closed by different steps" in story.outcome
    assert {move.step for move in story.moves} >= {"close", "resume"}


def test_closing_and_reopening_in_turns_converges() -> None:
    procedure = final(
        declared(
            close=rule("a", "open", "closed"),
            propose=rule("a", "closed", "proposed"),
            agree=rule("b", "proposed", "open"),
        ),
        "closed",
        "proposed",
    )

    assert diverging_story(procedure) is None


def test_a_record_is_told_to_nobody_and_can_not_diverge() -> None:
    assert diverging_story(AREA.procedures["outside"]) is None


@pytest.mark.parametrize(
    ("step", "crossing"),
    [
        ("withdraw", {"answered": "withdrawn", "refused": "withdrawn"}),
        ("suggest_reopening", {"withdrawn": "withdrawn"}),
        ("give_information", {}),
        ("agree_date", {"forwarded": "forwarded"}),
    ],
)
def test_the_request_needs_its_crossing_rules(step: str, crossing: dict[str, str]) -> None:
    procedure = AREA.procedures["request"]
    less = procedure.steps[step].model_copy(update={"crossing": crossing})

    story = diverging_story(procedure.model_copy(update={"steps": {**procedure.steps, step: less}}))

    assert story is not None
    assert step in {move.step for move in story.moves}
