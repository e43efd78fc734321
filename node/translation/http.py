"""Asking an engine by HTTP: what may go wrong on the way, and how much is read of an answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import httpx2

from node.translation.port import EngineAway

TIMEOUT_SECONDS = 30.0
MOST_BYTES = 8 * 1024 * 1024  # of an answer
_LEFT_ALONE = 429
_FAULT = 500


@dataclass(frozen=True, slots=True)
class Reply:
    """What an engine answered."""

    status: int
    body: bytes

    def json(self) -> object:
        """Its body as JSON; raises EngineAway where it is none."""
        try:
            found: object = json.loads(self.body)
        except ValueError as error:
            raise EngineAway(f"the engine answers {self.status} with what is no JSON") from error
        return found


class Http:
    """A connection to one engine."""

    def __init__(self, url: str, auth: httpx2.Auth | None = None) -> None:
        """Speak to the engine at this address."""
        self._url = url.rstrip("/")
        self._client = httpx2.AsyncClient(auth=auth, timeout=TIMEOUT_SECONDS, follow_redirects=False)

    async def ask(self, method: str, path: str, *, body: object = None, form: Mapping[str, str] | None = None) -> Reply:
        """Ask, and read the whole answer.

        Raises:
            EngineAway: it can't be reached, answers with a fault of its own (5xx), or too much.
        """
        request = self._client.build_request(method, self._url + path, json=body, data=form)
        try:
            response = await self._client.send(request, stream=True)
            try:
                read = await _capped(response)
            finally:
                await response.aclose()
        except httpx2.HTTPError as error:
            raise EngineAway(f"the engine can't be reached: {type(error).__name__}") from error
        if response.status_code == _LEFT_ALONE:
            raise EngineAway("the engine wants to be left alone (429)", pause_seconds=_pause(response))
        if response.status_code >= _FAULT:
            raise EngineAway(f"the engine answers {response.status_code}")
        return Reply(response.status_code, read)

    async def close(self) -> None:
        """Close the connection."""
        await self._client.aclose()


async def _capped(response: httpx2.Response) -> bytes:
    read = bytearray()
    async for piece in response.aiter_bytes():
        read += piece
        if len(read) > MOST_BYTES:
            raise EngineAway(f"the engine answers with more than {MOST_BYTES} bytes")
    return bytes(read)


def _pause(response: httpx2.Response) -> float | None:
    said = response.headers.get("retry-after", "")
    return float(said) if said.isascii() and said.isdigit() else None
