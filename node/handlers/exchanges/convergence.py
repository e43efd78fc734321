"""Can the copies of an exchange be made to differ? Asked once of every procedure, when it is loaded.

Parties act at the same time, so a step may arrive in a state that has moved on. We walk every history of up
to `acts` steps that nobody has yet been told of, from every state in which all copies agree. A history is a
partial order: each act knows the acts that its author had applied. A node applies its own act at once and
the others' on arrival, always after what they build on. In whatever order that leaves open, the copies must
end in the same state, closed by the same steps, and no arriving step may be without meaning.

Longer histories add nothing to a pair of steps that cross but more of the same, so a small number of acts
under way at once is enough to find what can go wrong; the properties in the tests go deeper at random.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from node.handlers.exchanges.closure import Closing, closing
from schemas.policy_area import Procedure

ACTS = 4  # steps under way at once; a third party makes each further one some ten times dearer


@dataclass(frozen=True, slots=True)
class Move:
    """One step in a history, with the moves that its author had applied before."""

    party: str
    step: str
    after: frozenset["Move"]


History = frozenset[Move]


@dataclass(frozen=True, slots=True)
class _Copy:
    """Where a copy stands after a history, and which moves closed it since it was last reopened."""

    state: str
    closing: History = frozenset()


@dataclass(frozen=True, slots=True)
class Story:
    """How the copies come to differ: the shortest one that there is."""

    start: str
    moves: tuple[Move, ...]
    outcome: str

    def __str__(self) -> str:
        lines = [f"All copies stand at {self.start}."]
        for number, move in enumerate(self.moves, start=1):
            known = [str(n) for n, other in enumerate(self.moves, start=1) if other in move.after]
            knowing = f"knowing of {', '.join(known)}" if known else "knowing of nothing new"
            lines.append(f"{number}. {move.party} takes the step {move.step}, {knowing}.")
        return "\n".join([*lines, self.outcome])


class _Diverges(Exception):
    """A history whose end depends on the order of arrival."""


def diverging_story(procedure: Procedure, acts: int = ACTS) -> Story | None:
    """Look for a history after which copies differ, or in which a step arrives without meaning.

    Args:
        procedure: its states, steps and crossing rules.
        acts: how many steps may be under way at once.

    Returns:
        The shortest such story, or None when every history of that many steps converges.
    """
    rule = procedure.steps[procedure.opening]
    starts = [rule.to or procedure.initial]
    best: Story | None = None
    for start in starts:
        depth = acts if best is None else min(acts, len(best.moves) - 1)
        story, reached = _walk(procedure, start, depth)
        best = story or best
        starts += [state for state in sorted(reached) if state not in starts]
    return best


def _walk(procedure: Procedure, start: str, acts: int) -> tuple[Story | None, set[str]]:
    copies: dict[History, _Copy] = {frozenset(): _Copy(start)}
    layer: list[History] = [frozenset()]
    for _ in range(acts):
        grown: list[History] = []
        for history in layer:
            for move in _possible_moves(procedure, copies, history):
                longer = history | {move}
                if longer in copies:
                    continue
                try:
                    copies[longer] = _end(procedure, copies, longer)
                except _Diverges as reason:
                    return Story(start, _in_order(longer), str(reason)), {copy.state for copy in copies.values()}
                grown.append(longer)
        layer = grown
    return None, {copy.state for copy in copies.values()}


def _possible_moves(procedure: Procedure, copies: dict[History, _Copy], history: History) -> Iterator[Move]:
    for party in procedure.parties:
        own = {move for move in history if move.party == party}
        for known in _down_sets(history):
            if own <= known:
                yield from (
                    Move(party, name, known)
                    for name, rule in procedure.steps.items()
                    if party in rule.by and copies[known].state in rule.sources and not rule.local and not rule.opens
                )


def _down_sets(history: History) -> Iterator[History]:
    """All parts of a history that leave out nothing that they build on."""
    for size in range(len(history) + 1):
        for part in combinations(history, size):
            known = frozenset(part)
            if all(move.after <= known for move in known):
                yield known


def _end(procedure: Procedure, copies: dict[History, _Copy], history: History) -> _Copy:
    """The copy after a history, whichever of its last moves arrives last."""
    ends: dict[_Copy, str] = {}
    for last in sorted(history, key=lambda move: (move.party, move.step)):
        if any(last in move.after for move in history):
            continue
        before = copies[history - {last}]
        end = _apply(procedure, last, before, own=last.after == history - {last})
        if end is None:
            raise _Diverges(
                f"Where {last.step} of {last.party} arrives last, it finds {before.state}, and means nothing there."
            )
        ends.setdefault(end, f"{last.step} of {last.party} arrives last")
    if len(ends) > 1:
        (one, how), (other, why) = list(ends.items())[:2]
        if one.state == other.state:
            raise _Diverges(f"Where {how}, and where {why}, the copy ends at {one.state}, closed by different steps.")
        raise _Diverges(f"Where {how}, the copy ends at {one.state}; where {why}, it ends at {other.state}.")
    return next(iter(ends))


def _apply(procedure: Procedure, move: Move, before: _Copy, *, own: bool) -> _Copy | None:
    rule = procedure.steps[move.step]
    if before.state in rule.sources:
        state = rule.to or before.state
    elif own or before.state not in rule.crossing:
        return None
    else:
        state = rule.crossing[before.state]
    match closing(procedure, rule, before.state, state):
        case Closing.REOPENS:
            return _Copy(state)
        case Closing.CLOSES:
            return _Copy(state, before.closing | {move})
        case Closing.NEITHER:
            return _Copy(state, before.closing)


def _in_order(history: History) -> tuple[Move, ...]:
    return tuple(sorted(history, key=lambda move: (len(move.after), move.party, move.step)))
