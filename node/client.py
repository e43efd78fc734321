"""A typed client of a node's API: for commands, tests, and programs beside the node."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import httpx2
from pydantic import TypeAdapter
from starlette.applications import Starlette

from node.doorway import doorway
from schemas.api import ExchangeView, NodeStatus, Problem, QuarantineView, StatisticsView
from schemas.attachments import AttachmentNote
from schemas.directory import Directory
from schemas.exchange import Act, Exchange

TIMEOUT_SECONDS = 60.0

_EXCHANGES: TypeAdapter[list[Exchange]] = TypeAdapter(list[Exchange])
_QUARANTINE: TypeAdapter[list[QuarantineView]] = TypeAdapter(list[QuarantineView])


class NodeAway(Exception):
    """No node answers at that door; the message says what to do."""


class Declined(Exception):
    """The node did not do it, and says why.

    Attributes:
        problem: the whole answer, with the fields that are wrong.
    """

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail or problem.title)
        self.problem = problem


class NodeClient:
    """Speaks to one node."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        """Use a connection that somebody else opens and closes; see `connect` and `inside`."""
        self._http = http

    @classmethod
    @asynccontextmanager
    async def connect(cls, socket: Path) -> AsyncIterator[Self]:
        """Go through a node's local door, the socket in its folder."""
        with doorway(socket) as path:
            transport = httpx2.AsyncHTTPTransport(uds=path)
            async with httpx2.AsyncClient(transport=transport, base_url="http://node", timeout=TIMEOUT_SECONDS) as http:
                yield cls(http)

    @classmethod
    @asynccontextmanager
    async def inside(cls, app: Starlette) -> AsyncIterator[Self]:
        """Speak to a node in the same process."""
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://node") as http:
            yield cls(http)

    async def status(self) -> NodeStatus:
        """How the node is."""
        return NodeStatus.model_validate_json(await self._get("/status"))

    async def take(self, act: Act) -> Exchange:
        """Take a step, in an exchange or to open one.

        Raises:
            Declined: with the fields that are wrong.
        """
        return Exchange.model_validate_json(await self._post("/exchanges", act.model_dump_json()))

    async def exchanges(self, *, state: str | None = None, after: str | None = None, limit: int = 50) -> list[Exchange]:
        """Exchanges, the newest first."""
        query = {"state": state, "after": after, "limit": str(limit)}
        return _EXCHANGES.validate_json(await self._get("/exchanges", query))

    async def exchange(self, exchange_id: str) -> ExchangeView:
        """One exchange with its content; raises Declined where there is none."""
        return ExchangeView.model_validate_json(await self._get(f"/exchanges/{exchange_id}"))

    async def note_opened(self, exchange_id: str) -> None:
        """Tell the other parties that the responsible authority has seen what they sent."""
        await self._post(f"/exchanges/{exchange_id}/opened", "")

    async def evidence(self, exchange_id: str) -> bytes:
        """The evidence of an exchange, a ZIP archive."""
        return await self._get(f"/exchanges/{exchange_id}/evidence")

    async def attach(
        self, exchange_id: str, content: bytes, *, name: str, media_type: str, description: str = ""
    ) -> AttachmentNote:
        """Keep a file in an exchange until a step names it; returns what the form then says of it."""
        answer = await self._send(
            "POST",
            f"/exchanges/{exchange_id}/attachments",
            body=content,
            query={"name": name, "description": description},
            media_type=media_type,
        )
        return AttachmentNote.model_validate_json(answer)

    async def attachment(self, exchange_id: str, digest: str) -> bytes:
        """A file of an exchange; raises Declined where there is none, or it is blocked."""
        return await self._get(f"/exchanges/{exchange_id}/attachments/{digest}")

    async def directory(self) -> Directory | None:
        """The directory in force."""
        return TypeAdapter(Directory | None).validate_json(await self._get("/directory"))

    async def publish_directory(self, roots: tuple[str, ...], directory: str) -> int:
        """Take over a newly signed directory and pass it on; returns to how many nodes."""
        body = TypeAdapter(dict[str, Any]).dump_json({"roots": roots, "directory": directory}).decode()
        return _count(await self._post("/directory", body))

    async def quarantine(self) -> list[QuarantineView]:
        """What came and could not be processed."""
        return _QUARANTINE.validate_json(await self._get("/quarantine"))

    async def statistics(self, as_of: datetime | None = None) -> StatisticsView:
        """At the Commission what the nodes reported; elsewhere what the node counts itself."""
        return StatisticsView.model_validate_json(await self._get("/statistics", _as_of(as_of)))

    async def report_statistics(self, as_of: datetime | None = None) -> int:
        """Report to the Commission now; returns how many exchanges were counted."""
        return _count(await self._post("/statistics", "", _as_of(as_of)))

    async def tick(self) -> int:
        """Do at once what time has made due; returns how many exchanges were blocked or deleted."""
        return _count(await self._post("/tick", ""))

    async def _get(self, path: str, query: dict[str, str | None] | None = None) -> bytes:
        return await self._send("GET", path, query=query)

    async def _post(self, path: str, body: str, query: dict[str, str | None] | None = None) -> bytes:
        return await self._send("POST", path, body=body, query=query)

    async def _send(
        self,
        method: str,
        path: str,
        *,
        body: str | bytes = "",
        query: dict[str, str | None] | None = None,
        media_type: str = "application/json",
    ) -> bytes:
        params = {name: value for name, value in (query or {}).items() if value is not None}
        headers = {"content-type": media_type}
        try:
            answer = await self._http.request(method, f"/api/v1{path}", content=body, params=params, headers=headers)
        except httpx2.TransportError as error:
            raise NodeAway(f"no node answers there ({error}); start it with `imi node run FOLDER`") from error
        if answer.is_error:
            raise Declined(_problem(answer))
        return bytes(answer.content)


def _problem(answer: httpx2.Response) -> Problem:
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        return Problem.model_validate_json(answer.content)
    return Problem(title="The node failed; its log says why.", status=answer.status_code)


def _as_of(at: datetime | None) -> dict[str, str | None]:
    return {"as_of": f"{at:%Y-%m-%dT%H:%M:%S}Z" if at is not None else None}


def _count(body: bytes) -> int:
    return int(TypeAdapter(dict[str, int]).validate_json(body)["count"])
