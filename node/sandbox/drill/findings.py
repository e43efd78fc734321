"""What a drill finds: for every stage and place how many canaries were expected there, seen, missing and too many."""

from collections.abc import Iterable
from enum import StrEnum

from pydantic import NonNegativeInt, computed_field

from node.sandbox.drill.canaries import Canary
from node.sandbox.drill.traces import CUT_SHORT
from schemas.frozen import Frozen


class Place(StrEnum):
    """Where canaries are looked for; the value is what the report calls it."""

    FILES = "Files of the nodes, logs included"
    OTHER_FILES = "Other files, copies of stores"
    BROKER_FILES = "Files of the broker"
    LETTERS = "Letters in the broker's queues"
    ORDINARY = "Stores, opened with ordinary keys"
    BLOCKED = "Stores, opened with blocked keys"
    TRANSLATIONS = "Stores, translations opened with keys"
    SEALED = "Sealed bytes, after deletion"
    READERS = "API: who may read"
    SEARCH = "Search: who may read"
    LOOKERS = "API: who sees no personal data"
    OTHERS = "API and search: everybody else"
    FIRST_ANSWERS = "First answers after an absence"


class Finding(Frozen):
    """One place at one stage."""

    stage: str
    place: Place
    node: str = ""
    """Whose; empty for the broker and for what belongs to no node."""
    expected: NonNegativeInt
    """How many canaries, or pieces of sealed bytes, must be there."""
    seen: NonNegativeInt
    surplus: tuple[str, ...] = ()
    """What must not be there: case, party, step and field; never the word itself."""
    missing: tuple[str, ...] = ()
    """What must be there, and is not."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def as_expected(self) -> bool:
        """Whether nothing is a surprise."""
        return not self.surplus and not self.missing and self.seen == self.expected


class Outcome(Frozen):
    """All that a drill found."""

    nodes: tuple[str, ...]
    cases: NonNegativeInt
    canaries: NonNegativeInt
    files: NonNegativeInt
    """How many were searched, over all stages."""
    letters: NonNegativeInt
    """How many that lay in the broker's queues."""
    mebibytes: float
    answers: NonNegativeInt
    """How many answers of the API."""
    seconds: float
    findings: tuple[Finding, ...]

    @property
    def surprises(self) -> tuple[Finding, ...]:
        """The places where something is not as it must be."""
        return tuple(each for each in self.findings if not each.as_expected)


def compared(stage: str, place: Place, expected: Iterable[Canary], *seen: Iterable[Canary], node: str = "") -> Finding:
    """Compare what must be in a place with what is there; with several views of it, what must be in each.

    Args:
        stage: when.
        place: where.
        expected: what must be there.
        seen: what is there; for each of those who look.
        node: whose place.
    """
    wanted, views = set(expected), [set(each) for each in seen]
    there = set[Canary]().union(*views)
    if wanted:  # where canaries belong, a word may be cut short by the line or piece that it stands in
        there.discard(CUT_SHORT)
    lacking = {each for each in wanted if not all(each in view for view in views)}
    return Finding(
        stage=stage,
        place=place,
        node=node,
        expected=len(wanted),
        seen=len(there),
        surplus=tuple(sorted(map(str, there - wanted))),
        missing=tuple(sorted(map(str, lacking))),
    )
