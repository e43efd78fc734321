"""Fill envelopes: statements that wait for the same recipient travel together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from node.crypto.statement import Packed
from node.runtime.working_set import MAX_STATEMENT_BYTES

BUNDLE_BYTES = MAX_STATEMENT_BYTES
"""Of statements and disclosures before compression: as much as one statement may have."""


SIGNAL, RETURN = "", "~"  # no node has such a name


@dataclass(frozen=True, slots=True)
class Load:
    """A signed statement on its way, and the row that it comes from."""

    row: tuple[str, int]
    """A stream's recipient and number in the outbox; or `SIGNAL` or `RETURN` and its id."""
    packed: Packed

    @property
    def size(self) -> int:
        """Bytes before compression."""
        return len(self.packed.jws) + sum(len(disclosure) + 1 for disclosure in self.packed.disclosures)


def bundles(loads: Iterable[Load], limit: int = BUNDLE_BYTES) -> Iterator[list[Load]]:
    """Group loads, in order, so that each group stays within the limit; one that is larger travels alone."""
    bundle: list[Load] = []
    size = 0
    for load in loads:
        if bundle and size + load.size > limit:
            yield bundle
            bundle, size = [], 0
        bundle.append(load)
        size += load.size
    if bundle:
        yield bundle
