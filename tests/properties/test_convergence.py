"""What `diverging_story` passes does converge: at random, with more steps under way than it looks at."""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from node.handlers.exchanges.closure import Closing, closing
from node.handlers.exchanges.convergence import diverging_story
from schemas.policy_area import Party, Procedure, State, StepRule
from tests.unit.handlers.cases import AREA

STATES = ("one", "two", "three")
PARTIES = {
    "a": Party(label="A", filled_by="initiator"),
    "b": Party(label="B", filled_by="field", field="country"),
    "c": Party(label="C", filled_by="commission"),
}


@st.composite
def procedures(draw: st.DrawFn) -> Procedure:
    """A small procedure; crossing rules mostly let the later state stand, as real ones do."""
    roles = draw(st.sampled_from([("a", "b"), ("a", "b", "c")]))
    finals = draw(st.sets(st.sampled_from(STATES), max_size=2))
    steps = {
        "send": StepRule.model_validate({"label": "x", "by": ("a",), "from": ("draft",), "to": "one", "opens": True})
    }
    for number in range(draw(st.integers(1, 4))):
        sources = draw(st.lists(st.sampled_from(STATES), min_size=1, max_size=2, unique=True))
        crossing = {
            state: draw(st.sampled_from((state, state, state, *STATES)))
            for state in STATES
            if state not in sources and draw(st.integers(0, 3))
        }
        steps[f"step{number}"] = StepRule.model_validate(
            {
                "label": "x",
                "by": (draw(st.sampled_from(roles)),),
                "from": tuple(sources),
                "to": draw(st.sampled_from((None, *STATES))),
                "crossing": crossing,
            }
        )
    return Procedure(
        kind="request",
        code="TOY",
        label="Toy",
        legal_basis="Article 1",
        purpose="To try",
        initial="draft",
        parties={role: PARTIES[role] for role in roles},
        states={name: State(label=name, final=name in finals) for name in ("draft", *STATES)},
        steps=steps,
    )


class Copy:
    """One party's copy: applies its own steps at once, and others' once all that they build on is there."""

    def __init__(self, procedure: Procedure, party: str, state: str) -> None:
        self.procedure, self.party, self.state = procedure, party, state
        self.closing: frozenset[tuple[str, int]] = frozenset()
        self.known: dict[str, int] = {}
        self.arrived: list[tuple[str, int, str, Mapping[str, int]]] = []

    def possible(self) -> list[str]:
        return [
            name
            for name, rule in self.procedure.steps.items()
            if self.party in rule.by and self.state in rule.sources and not (rule.opens or rule.local)
        ]

    def act(self, step: str) -> tuple[str, int, str, Mapping[str, int]]:
        message = (self.party, self.known.get(self.party, 0) + 1, step, dict(self.known))
        self._apply(message, own=True)
        self.known[self.party] = message[1]
        return message

    def receive(self, message: tuple[str, int, str, Mapping[str, int]]) -> None:
        self.arrived.append(message)
        while ready := next((each for each in self.arrived if self._has_all_before(each)), None):
            self.arrived.remove(ready)
            self._apply(ready, own=False)
            self.known[ready[0]] = ready[1]

    def _has_all_before(self, message: tuple[str, int, str, Mapping[str, int]]) -> bool:
        return all(self.known.get(party, 0) >= number for party, number in message[3].items())

    def _apply(self, message: tuple[str, int, str, Mapping[str, int]], *, own: bool) -> None:
        step, before = message[2], self.state
        rule = self.procedure.steps[step]
        if self.state in rule.sources:
            self.state = rule.to or self.state
        else:
            assert not own
            assert self.state in rule.crossing, f"{step} means nothing at {self.state}"
            self.state = rule.crossing[self.state]
        match closing(self.procedure, rule, before, self.state):
            case Closing.CLOSES:
                self.closing |= {message[:2]}
            case Closing.REOPENS:
                self.closing = frozenset()
            case Closing.NEITHER:
                pass


def live_through(procedure: Procedure, chance: Random, acts: int) -> set[tuple[str, frozenset[tuple[str, int]]]]:
    """Let parties act and letters arrive at random; returns how the copies end, and which steps closed them."""
    opening = procedure.steps[procedure.opening].to
    assert opening is not None
    copies = [Copy(procedure, party, opening) for party in procedure.parties]
    letters: list[tuple[Copy, tuple[str, int, str, Mapping[str, int]]]] = []
    while acts or letters:
        actors = [copy for copy in copies if copy.possible()] if acts else []
        if actors and (not letters or chance.random() < 0.5):
            actor = chance.choice(actors)
            message = actor.act(chance.choice(actor.possible()))
            letters += [(copy, message) for copy in copies if copy is not actor]
            acts -= 1
        elif letters:
            copy, message = letters.pop(chance.randrange(len(letters)))
            copy.receive(message)
        else:
            break
    assert not [copy.arrived for copy in copies if copy.arrived]
    return {(copy.state, copy.closing) for copy in copies}


@settings(max_examples=300)
@given(procedures(), st.integers(0, 2**32))
def test_what_has_no_diverging_story_converges_in_deeper_random_histories(procedure: Procedure, seed: int) -> None:
    assume(diverging_story(procedure, acts=3) is None)
    chance = Random(seed)  # noqa: S311  a reproducible story

    for _ in range(30):
        assert len(live_through(procedure, chance, acts=9)) == 1


@settings(max_examples=150)
@given(procedures())
def test_a_diverging_story_is_no_shorter_than_it_must_be_and_is_true(procedure: Procedure) -> None:
    story = diverging_story(procedure, acts=3)
    assume(story is not None)
    assert story is not None

    assert diverging_story(procedure, acts=len(story.moves) - 1) is None
    assert diverging_story(procedure, acts=len(story.moves)) is not None


@pytest.mark.parametrize("name", ["request", "notification"])
@settings(max_examples=200)
@given(seed=st.integers(0, 2**32))
def test_the_shipped_procedures_converge_in_long_random_histories(name: str, seed: int) -> None:
    chance = Random(seed)  # noqa: S311  a reproducible story

    assert len(live_through(AREA.procedures[name], chance, acts=25)) == 1
