"""What the node asks of a broker, and the two ways in which one fails.

A confirm means that the broker took the envelope, no more: only the recipient's signed receipt ends a
message. Deliveries may be lost, repeated, delayed, reordered or forged; the node copes with all of it.
"""

from typing import Protocol

from pydantic import BaseModel, ConfigDict


class BrokerDown(Exception):
    """The broker can't be reached, refuses us, or does not answer in time; try again later."""


class Unroutable(Exception):
    """The broker knows no inbox for that recipient."""


class Delivery(BaseModel):
    """One envelope out of this node's inbox, held by the broker until it is settled."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    body: bytes
    tag: int
    """The broker's handle for settling; valid only for the connection that delivered it."""
    link: int = 0
    """Which connection delivered it: a settlement for an older one is dropped, the broker will redeliver."""


class BrokerHealth(BaseModel):
    """What the operator sees of the connection."""

    model_config = ConfigDict(frozen=True)

    connected: bool
    detail: str
    """One sentence in plain words, with the remedy when it is not connected."""
    rebuilt: int = 0
    """How often the connection was rebuilt since the start."""


class Broker(Protocol):
    """A node's connection to the place where envelopes are exchanged."""

    async def start(self) -> None:
        """Begin to connect; returns at once, and never raises because the broker is away."""

    async def stop(self) -> None:
        """Stop cleanly; what is not settled is delivered again at the next start."""

    async def publish(self, recipient: str, envelope: bytes) -> None:
        """Hand over one envelope, persistent, and wait for the broker's confirm.

        Safe to call many times at once; each call waits for its own confirm.

        Raises:
            BrokerDown: not connected, refused, or no confirm within the time limit.
            Unroutable: no inbox of that recipient is bound.
        """

    async def receive(self, limit: int) -> list[Delivery]:
        """Wait for at least one delivery, then return all that wait, up to `limit`, in order of arrival."""

    async def settle(self, deliveries: list[Delivery]) -> None:
        """Tell the broker that these are safely stored and need not be delivered again; never raises."""

    def health(self) -> BrokerHealth:
        """Say how the connection is."""
