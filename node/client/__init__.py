"""A typed client of a node's API: for commands, tests, and programs beside the node."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx2
from pydantic import TypeAdapter
from starlette.applications import Starlette

from node.client.declarations import Declarations
from node.client.desk import DeskClient
from node.client.guidance import Guidance
from node.client.ledger import Ledger
from node.client.links import Links
from node.client.notices import Notices
from node.client.privacy import Privacy
from node.client.register import Register
from node.client.search import Search
from node.client.statistics import Statistics
from node.client.talk import TIMEOUT_SECONDS, Declined, NodeAway, Talk, count_in
from node.client.translation import Translation
from node.doorway import doorway
from schemas.api import ExchangeView, NodeStatus, QuarantineView
from schemas.attachments import AttachmentNote
from schemas.directory import Directory
from schemas.exchange import Act, Exchange

__all__ = ["Declined", "NodeAway", "NodeClient"]

FILE_HEADER = "imi-file"

_EXCHANGES: TypeAdapter[list[Exchange]] = TypeAdapter(list[Exchange])
_QUARANTINE: TypeAdapter[list[QuarantineView]] = TypeAdapter(list[QuarantineView])


class NodeClient:
    """Speaks to one node."""

    def __init__(self, talk: Talk) -> None:
        """Use a connection that somebody else opens and closes; see `connect` and `inside`."""
        self._talk = talk
        self.notices = Notices(talk)
        self.search = Search(talk)
        self.privacy = Privacy(talk)
        self.register = Register(talk)
        self.desk = DeskClient(talk)
        self.ledger = Ledger(talk)
        self.links = Links(talk)
        self.statistics = Statistics(talk)
        self.guidance = Guidance(talk)
        self.declarations = Declarations(talk)
        self.translation = Translation(talk)

    @classmethod
    @asynccontextmanager
    async def connect(cls, socket: Path, *, user: str | None = None) -> AsyncIterator[Self]:
        """Go through a node's local door, the socket in its folder, as one of its users."""
        with doorway(socket) as path:
            transport = httpx2.AsyncHTTPTransport(uds=path)
            async with httpx2.AsyncClient(transport=transport, base_url="http://node", timeout=TIMEOUT_SECONDS) as http:
                yield cls(Talk(http, user))

    @classmethod
    @asynccontextmanager
    async def inside(cls, app: Starlette, *, user: str | None = None) -> AsyncIterator[Self]:
        """Speak to a node in the same process."""
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://node") as http:
            yield cls(Talk(http, user))

    @property
    def talk(self) -> Talk:
        """The connection itself, for whoever wants answers as they come."""
        return self._talk

    async def status(self) -> NodeStatus:
        """How the node is."""
        return NodeStatus.model_validate_json(await self._talk.get("/status"))

    async def take(self, act: Act) -> Exchange:
        """Take a step, in an exchange or to open one.

        Raises:
            Declined: with the fields that are wrong.
        """
        return Exchange.model_validate_json(await self._talk.post("/exchanges", act.model_dump_json()))

    async def exchanges(
        self, *, state: str | None = None, overdue: bool = False, after: str | None = None, limit: int = 50
    ) -> list[Exchange]:
        """Exchanges, the newest first; or those in which a date has passed, the longest overdue first."""
        query = {"state": state, "after": after, "limit": str(limit), "overdue": "yes" if overdue else None}
        return _EXCHANGES.validate_json(await self._talk.get("/exchanges", query))

    async def exchange(self, exchange_id: str, purpose: str | None = None) -> ExchangeView:
        """One exchange with its content, and why it is read; raises Declined where there is none."""
        return ExchangeView.model_validate_json(await self._talk.get(f"/exchanges/{exchange_id}", _why(purpose)))

    async def note_opened(self, exchange_id: str) -> None:
        """Tell the other parties that the responsible authority has seen what they sent."""
        await self._talk.post(f"/exchanges/{exchange_id}/opened", "")

    async def evidence(self, exchange_id: str, purpose: str | None = None) -> bytes:
        """The evidence of an exchange, a ZIP archive."""
        return await self._talk.get(f"/exchanges/{exchange_id}/evidence", _why(purpose))

    async def attach(
        self, exchange_id: str, content: bytes, *, name: str, media_type: str, description: str = ""
    ) -> AttachmentNote:
        """Keep a file in an exchange until a step names it; returns what the form then says of it."""
        answer = await self._talk.send(
            "POST",
            f"/exchanges/{exchange_id}/attachments",
            body=content,
            media_type=media_type,
            headers={FILE_HEADER: json.dumps({"name": name, "description": description})},
        )
        return AttachmentNote.model_validate_json(answer)

    async def attachment(self, exchange_id: str, digest: str) -> bytes:
        """A file of an exchange; raises Declined where there is none, or it is blocked."""
        return await self._talk.get(f"/exchanges/{exchange_id}/attachments/{digest}")

    async def directory(self) -> Directory | None:
        """The directory in force."""
        return TypeAdapter(Directory | None).validate_json(await self._talk.get("/directory"))

    async def publish_directory(self, roots: tuple[str, ...], directory: str) -> int:
        """Take over a newly signed directory and pass it on; returns to how many nodes."""
        body = TypeAdapter(dict[str, Any]).dump_json({"roots": roots, "directory": directory}).decode()
        return count_in(await self._talk.post("/directory", body))

    async def quarantine(self) -> list[QuarantineView]:
        """What came and could not be processed."""
        return _QUARANTINE.validate_json(await self._talk.get("/quarantine"))

    async def tick(self) -> int:
        """Do at once what time has made due; returns how many exchanges were blocked or deleted."""
        return count_in(await self._talk.post("/tick", ""))

    async def roll_keys(self) -> int:
        """Put everything under a new store key; returns how much that was."""
        return count_in(await self._talk.post("/keys/roll", ""))


def _why(purpose: str | None) -> dict[str, str | None]:
    return {"purpose": purpose}
