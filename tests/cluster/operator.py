"""Whoever runs the broker: reads all that passes, and puts in what it likes, under any name."""

import base64
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from broker import topology
from broker.management import Management

_QUEUE = "queues/%2F/recording"


@dataclass
class Operator:
    """An administrator of the broker, through its management API."""

    management: Management

    @contextlib.asynccontextmanager
    async def recording(self) -> AsyncIterator["Operator"]:
        """Record every envelope from now on until the block ends."""
        await self.management.request("PUT", _QUEUE, {"durable": True, "arguments": {"x-queue-type": "quorum"}})
        await self.management.request(
            "POST", f"bindings/%2F/e/{topology.EXCHANGE}/q/recording", {"routing_key": "#", "arguments": {}}
        )
        try:
            yield self
        finally:
            await self.management.request("DELETE", _QUEUE)

    async def recorded(self) -> list[tuple[str, bytes]]:
        """What was recorded so far, as routing key and envelope; it is forgotten then."""
        question = {"count": 100_000, "ackmode": "ack_requeue_false", "encoding": "base64"}
        found = await self.management.request("POST", f"{_QUEUE}/get", question)
        return [(each["routing_key"], base64.b64decode(each["payload"])) for each in found]

    async def inject(self, recipient: str, envelope: bytes, *, sender: str = "DE") -> None:
        """Put an envelope into a node's inbox."""
        message = {
            "properties": {"delivery_mode": 2},
            "routing_key": topology.routing_key(sender, recipient),
            "payload": base64.b64encode(envelope).decode(),
            "payload_encoding": "base64",
        }
        answer = await self.management.request("POST", f"exchanges/%2F/{topology.EXCHANGE}/publish", message)
        assert answer == {"routed": True}
