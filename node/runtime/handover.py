"""What was just stored goes to the sender from memory, instead of being read and unsealed again.

It is a shortcut and never the truth: what is to be sent stands in the outbox alone, and whatever is missing here is
read from the store. Nothing stays: each look of the sender takes all, and what it does not need then is dropped, so
that nothing is sent from memory long after it was blocked or deleted.
"""

from collections.abc import Mapping

from node.crypto.bundle import packed_size
from node.crypto.statement import Packed

MAX_BYTES = 16 * 1024 * 1024


class Handover:
    """Signed statements with their disclosures, by message id, until the sender looks."""

    def __init__(self) -> None:
        """Begin with none."""
        self._statements: dict[str, Packed] = {}
        self._bytes = 0

    def give(self, statements: Mapping[str, Packed]) -> None:
        """Lay down what is committed, as far as there is room."""
        for message_id, packed in statements.items():
            self._bytes += packed_size(packed)
            if self._bytes > MAX_BYTES:
                return
            self._statements[message_id] = packed

    def take(self) -> dict[str, Packed]:
        """Take all that lies here."""
        taken, self._statements, self._bytes = self._statements, {}, 0
        return taken
