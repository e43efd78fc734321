"""Does a party say the same to everybody? Each step tells, by hash, which steps of the others its author knew.

A sender that signs two different steps under one number, one for each recipient, is found out as soon as one of
them builds on what it got, for the other has something else under that number. So is a node that gave a number
twice because it lost its memory.
"""

from dataclasses import dataclass

from schemas.exchange import Exchange
from schemas.messages import Step


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two signed steps under one number of one sender, by their hashes."""

    sender: str
    sequence: int
    ours: str
    theirs: str


def contradictions(exchange: Exchange, step: Step) -> tuple[Contradiction, ...]:
    """Compare what the author of a step had seen with this copy, as far as it has come."""
    known = {(entry.sender, entry.sequence): entry.hash for entry in exchange.history}
    return tuple(
        Contradiction(sender, seen.sequence, ours, seen.hash)
        for sender, seen in sorted(step.seen.items())
        if (ours := known.get((sender, seen.sequence))) is not None and ours != seen.hash
    )
