"""Asking a node and reading its answer, errors included."""

from collections.abc import Mapping
from datetime import datetime

import httpx2
from pydantic import TypeAdapter

from schemas.api import Problem

TIMEOUT_SECONDS = 60.0
USER_HEADER = "imi-user"


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


class Talk:
    """A connection to one node's API, as one of its users or as the node's own account."""

    def __init__(self, http: httpx2.AsyncClient, user: str | None = None) -> None:
        """Use a connection that somebody else opens and closes."""
        self._http = http
        self._headers = {USER_HEADER: user} if user is not None else {}

    async def get(self, path: str, query: dict[str, str | None] | None = None) -> bytes:
        """Ask; raises NodeAway, Declined."""
        return await self.send("GET", path, query=query)

    async def post(self, path: str, body: str, query: dict[str, str | None] | None = None) -> bytes:
        """Tell, in JSON; raises NodeAway, Declined."""
        return await self.send("POST", path, body=body, query=query)

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: str | bytes = "",
        query: dict[str, str | None] | None = None,
        media_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Make a request under `/api/v1`, leaving out what is None in the query; raises NodeAway, Declined."""
        params = {name: value for name, value in (query or {}).items() if value is not None}
        told = {**(headers or {}), **self._headers, "content-type": media_type}
        try:
            answer = await self._http.request(method, f"/api/v1{path}", content=body, params=params, headers=told)
        except httpx2.TransportError as error:
            raise NodeAway(f"no node answers there ({error}); start it with `imi node run FOLDER`") from error
        if answer.is_error:
            raise Declined(_problem(answer))
        return bytes(answer.content)


def as_of_query(at: datetime | None) -> dict[str, str | None]:
    """The query that names a time."""
    return {"as_of": f"{at:%Y-%m-%dT%H:%M:%S}Z" if at is not None else None}


def count_in(body: bytes) -> int:
    """Read how much was done."""
    return int(TypeAdapter(dict[str, int]).validate_json(body)["count"])


def _problem(answer: httpx2.Response) -> Problem:
    if answer.headers.get("content-type", "").startswith("application/problem+json"):
        return Problem.model_validate_json(answer.content)
    return Problem(title="The node failed; its log says why.", status=answer.status_code)
