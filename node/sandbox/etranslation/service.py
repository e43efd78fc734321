"""The stand-in's service: what both versions do alike with a job, and its application."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from node.sandbox.etranslation import v1, v2
from node.sandbox.etranslation.behaviour import APPLICATION, LANGUAGES, PASSWORD, Behaviour
from node.sandbox.etranslation.digest import Digest

AT_ONCE = 50
TRIES = 3  # of a callback that is answered with 5xx
_FAULT = 500

Post = Callable[[httpx2.AsyncClient], Awaitable[httpx2.Response]]
"""Sends one callback."""


@dataclass
class StandIn:
    """One stand-in; its knobs may be turned while it runs."""

    delay_seconds: float = 0.5
    at_once: int = AT_ONCE
    level: int = 0
    """What v2's `/status` says: 0 normal, 2 critical load, 3 blocked."""
    domains_as_list: bool = False
    """The other of the two shapes in which domains are seen."""
    requests: list[dict[str, object]] = field(default_factory=list)
    """What was asked, for tests."""
    active: int = 0
    digest: Digest = field(default_factory=lambda: Digest(APPLICATION, PASSWORD))
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _jobs: set[asyncio.Task[None]] = field(default_factory=set)

    def app(self) -> Starlette:
        """Both versions, v1 under `/si` and v2 under `/api`."""
        return Starlette(
            routes=[
                Route("/si/translate", v1.translate(self), methods=["POST"]),
                Route("/si/get-domains", v1.domains(self), methods=["GET", "POST"]),
                Route("/api/askTranslate", v2.translate(self), methods=["POST"]),
                Route("/api/getDomains", v2.domains(self), methods=["GET"]),
                Route("/api/status", v2.status(self), methods=["GET"]),
            ]
        )

    def pairs(self) -> object:
        """What `get-domains` lists."""
        listed = [
            f"{source}-{target}" for source in sorted(LANGUAGES) for target in sorted(LANGUAGES) if source != target
        ]
        if self.domains_as_list:
            return [{"domain": "GEN", "languagePairs": [*listed, "EN-ES-LLM"]}]
        return {"GEN": {"languagePairs": listed}, "SPD": {"languagePairs": ["EN-FR", "EN-ES-GLS"]}}

    def accept(self, behaviour: Behaviour, posts: list[Post]) -> int:
        """Take a job, whose answers go out after a while, and give its number."""
        number = next(self._ids)
        self.active += 1
        job = asyncio.create_task(self._answer(behaviour, posts))
        self._jobs.add(job)
        job.add_done_callback(self._jobs.discard)
        return number

    @property
    def is_full(self) -> bool:
        """Whether the quota of active jobs is used up."""
        return self.active >= self.at_once

    async def close(self) -> None:
        """Answer nothing more."""
        for job in tuple(self._jobs):
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    async def _answer(self, behaviour: Behaviour, posts: list[Post]) -> None:
        try:
            await asyncio.sleep(self.delay_seconds * behaviour.slower)
            if behaviour.silent:
                await asyncio.Event().wait()  # it stays active, as a lost job does
            async with httpx2.AsyncClient(timeout=10) as client:
                for post in posts * behaviour.times:
                    await _posted(client, post)
        finally:
            self.active -= 1


async def _posted(client: httpx2.AsyncClient, post: Post) -> None:
    for attempt in range(TRIES):
        with suppress(httpx2.HTTPError):
            if (await post(client)).status_code < _FAULT:
                return
        await asyncio.sleep(0.05 * (attempt + 1))


def serve(port: int, delay: float) -> int:
    """Run a stand-in until Ctrl-C; returns the exit status."""
    # Standard output is this command's answer.
    print(  # noqa: T201
        f"eTranslation's stand-in: v1 at http://127.0.0.1:{port}/si, v2 at http://127.0.0.1:{port}/api, "
        f"application {APPLICATION}, password {PASSWORD}",
        flush=True,
    )
    app = StandIn(delay_seconds=delay).app()
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, lifespan="off", access_log=False)
    return 0
