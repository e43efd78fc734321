"""The API over a desk: each mistake gets one clear sentence, and nothing is half done."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from node.client import Declined, NodeClient
from node.runtime.working_set import WorkingSet
from node.sandbox.federation import Validity
from node.web.answers import MAX_BODY_BYTES
from node.web.api import Api
from schemas.api import Problem
from tests.unit.runtime.desks import LONG, Town, TownLife, make_federation


@pytest.fixture
async def http(town: Town) -> AsyncIterator[httpx2.AsyncClient]:
    app = Api(town.DE.runtime, town.DE.broker).app()
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://node") as http:
        yield http


BAD: list[tuple[str, str, bytes, int, str]] = [
    ("POST", "/exchanges", b"", 422, "is no JSON"),
    ("POST", "/exchanges", b"{}", 422, "step: is missing; add it"),
    ("POST", "/exchanges", b'{"step":"send","authority":"nobody"}', 422, "authority"),
    ("POST", "/exchanges", b'{"step":"send","authority":"DE/consumer-protection","area":"tax"}', 422, "no policy area"),
    ("POST", "/exchanges", b" " * (MAX_BODY_BYTES + 1), 413, "MB are not taken"),
    ("GET", "/exchanges/ECOM-REQ-DE-2026-000099", b"", 404, "knows no exchange"),
    ("POST", "/exchanges/ECOM-REQ-DE-2026-000099/opened", b"", 422, "knows no exchange"),
    ("GET", "/statistics?as_of=yesterday", b"", 422, "takes a time in UTC"),
    ("POST", "/directory", b'{"directory":"rubbish"}', 422, "no JWS"),
    ("GET", "/nothing", b"", 404, "Not Found"),
    ("DELETE", "/exchanges", b"", 405, "Method Not Allowed"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "words"), BAD)
async def test_a_mistake_gets_a_problem_that_says_what_is_wrong(
    town: Town, http: httpx2.AsyncClient, *, method: str, path: str, body: bytes, status: int, words: str
) -> None:
    answer = await http.request(method, f"/api/v1{path}", content=body)

    problem = Problem.model_validate_json(answer.content)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem.status) == (status, status)
    assert words in f"{problem.title} {problem.detail}"
    assert await town.DE.counts("exchanges") == 0


async def test_a_store_that_can_not_be_written_is_said_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_: WorkingSet) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    app = Api(town.DE.runtime, town.DE.broker).app()
    async with NodeClient.inside(app) as client:
        with monkeypatch.context() as patch:
            patch.setattr(WorkingSet, "save", full)
            with pytest.raises(Declined, match=r"disk is full.*nothing has changed") as caught:
                await client.take(town.DE.intention("send", country_of_establishment="CY"))
        assert caught.value.problem.status == 503
        assert (await client.take(town.DE.intention("send", country_of_establishment="CY"))).id.endswith("000001")


async def test_the_status_tells_what_is_under_way(town: Town) -> None:
    async with NodeClient.inside(Api(town.DE.runtime, town.DE.broker).app()) as client:
        await town.DE.open("CY")
        before = await client.status()
        await town.carry()
        town.exchange.cut("DE")
        after = await client.status()

    assert (before.ready, before.outbox, before.outbox_since) == (True, {"waiting": 1}, town.wall.now())
    assert (after.ready, after.outbox, after.outbox_since) == (False, {"delivered": 1}, None)
    assert "cut off" in after.broker.detail


async def test_the_status_says_that_the_directory_expired_and_what_to_do(tmp_path: Path) -> None:
    short = Validity(signing=LONG.signing, sealing=LONG.sealing, directory=timedelta(days=90))
    federation = make_federation(tmp_path / "papers", ("DE", "CY"), validity=short)
    async with (
        TownLife(tmp_path, federation) as town,
        NodeClient.inside(Api(town.DE.runtime, town.DE.broker).app()) as client,
    ):
        assert (await client.status()).alarms == ()
        town.clock.advance(days=91)
        [in_grace] = (await client.status()).alarms
        town.clock.advance(days=31)
        [expired] = (await client.status()).alarms

    assert in_grace == (
        "The directory expired, and is used on for 30 days: "
        "have the Commission publish a current one before they are over."
    )
    assert expired.startswith("The directory expired, and the 30 days of grace are over: nothing is sent or opened")
    assert expired.endswith("take over the current directory from the Commission to go on.")
