"""Works out the fewest acknowledgements that settle a batch and nothing beyond it."""

from collections.abc import Collection, Iterator
from typing import NamedTuple


class Ack(NamedTuple):
    """One AMQP `basic.ack`: up to a tag, or just that tag."""

    tag: int
    multiple: bool


class Outstanding:
    """The delivery tags of one link that came in and are not settled yet."""

    def __init__(self) -> None:
        self._tags: dict[int, None] = {}  # a dict keeps the order of arrival, which is that of the tags

    def __len__(self) -> int:
        return len(self._tags)

    def add(self, tag: int) -> None:
        """Note that a delivery came in; tags come in rising order."""
        self._tags[tag] = None

    def settle(self, tags: Collection[int]) -> Iterator[Ack]:
        """Strike tags off, and say how to tell the broker.

        All below the oldest that stays outstanding are covered by one `multiple` acknowledgement; the others
        are acknowledged each by itself, so that one envelope that stays unsettled never holds up the rest.
        Tags that are not outstanding are passed over: acknowledging one twice makes the broker close the link.
        """
        settled = sorted(tag for tag in set(tags) if tag in self._tags)
        for tag in settled:
            del self._tags[tag]
        oldest = next(iter(self._tags), None)
        together = [tag for tag in settled if oldest is None or tag < oldest]
        if together:
            yield Ack(together[-1], multiple=True)
        for tag in settled[len(together) :]:
            yield Ack(tag, multiple=False)
