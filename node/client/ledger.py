"""Auditing a node's ledger."""

from pydantic import TypeAdapter

from node.client.talk import Talk
from schemas.audit import CheckpointView, Sightings, WhoSaw

_CHECKPOINTS: TypeAdapter[list[CheckpointView]] = TypeAdapter(list[CheckpointView])


class Ledger:
    """Who saw what, and the ledger itself."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def who_saw(self, asked: WhoSaw) -> Sightings:
        """Who read the personal data of exchanges; raises Declined."""
        return Sightings.model_validate_json(await self._talk.post("/ledger/who-saw", asked.model_dump_json()))

    async def extract(self, after: int = 0) -> bytes:
        """The ledger as lines of JSON, from the entry after a number on; raises Declined."""
        return await self._talk.get("/ledger", {"after": str(after)})

    async def checkpoints(self) -> list[CheckpointView]:
        """The signed heads of ledgers that the node holds; raises Declined."""
        return _CHECKPOINTS.validate_json(await self._talk.get("/ledger/checkpoints"))
