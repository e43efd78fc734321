"""The client of eTranslation, v1 and v2, against the stand-in, over real HTTP on this machine."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from node.sandbox.etranslation import StandIn
from node.sandbox.etranslation.behaviour import APPLICATION, PASSWORD
from node.translation.etranslation.account import Account
from node.translation.etranslation.codes import V1, V2
from node.translation.etranslation.v1 import ETranslationV1
from node.translation.etranslation.v2 import ETranslationV2
from node.translation.port import Accepted, Answer, AnswerKind, BadAnswer, EngineAway, EngineBusy, EngineDeclined, Text
from tests.rabbit import PATIENCE_SECONDS
from tests.unit.translation.serving import serving

Client = ETranslationV1 | ETranslationV2
VERSIONS = [1, 2]
ROOT = Path(__file__).parents[3]


@dataclass
class Desk:
    """Where answers come to."""

    engine: Client | None = None
    answers: list[tuple[str, AnswerKind, Answer]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    """What to answer first; 200 when they are used up."""

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{back}/{kind}", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        if self.statuses:
            return Response(status_code=self.statuses.pop(0))
        assert self.engine is not None
        kind = cast("AnswerKind", request.path_params["kind"])
        answer = self.engine.read(kind, dict(request.query_params), await request.body())
        self.answers.append((request.path_params["back"], kind, answer))
        return Response()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.answers) < count:  # noqa: ASYNC110  they come from another server
                await asyncio.sleep(0.01)


@asynccontextmanager
async def service(
    version: int, *, password: str = PASSWORD, stand_in: StandIn | None = None
) -> AsyncIterator[tuple[Client, Desk, StandIn]]:
    stand_in = stand_in or StandIn(delay_seconds=0.02)
    desk = Desk()
    async with serving(stand_in.app()) as url, serving(desk.app()) as home:
        account = Account(APPLICATION, password, callback=home)
        engine: Client = (
            ETranslationV1("et", account, f"{url}/si") if version == 1 else ETranslationV2("et", account, f"{url}/api")
        )
        desk.engine = engine
        try:
            yield engine, desk, stand_in
        finally:
            await engine.close()
            await stand_in.close()


def text(words: str, job: str = "job-1") -> Text:
    return Text(job, words, "de", "fr", back=f"{job}.secret")


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_snippet_comes_back_to_the_address_of_its_job(version: int) -> None:
    async with service(version) as (engine, desk, stand_in):
        accepted = await engine.submit(text("Guten Tag [notranslate]EUR 5[/notranslate]"))
        await desk.until(1)

    assert accepted == Accepted("1")
    back, kind, answer = desk.answers[0]
    assert (back, kind) == ("job-1.secret", "done")
    assert (answer.job, answer.reference, answer.target) == ("job-1", "1", "fr")
    assert (answer.text or "").startswith("[fr] Guten Tag EUR 5")
    [asked] = stand_in.requests
    assert asked["sourceLanguage"] == "DE"
    assert "secret" not in str({name: value for name, value in asked.items() if "allback" not in name}["domain"])


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_long_text_goes_and_comes_as_a_document(version: int) -> None:
    words = "Ä" * 5001
    async with service(version) as (engine, desk, stand_in):
        await engine.submit(text(words))
        await desk.until(version)  # v2 tells that it is done, and delivers

    assert "textToTranslate" not in stand_in.requests[0]
    documents = [answer for _, kind, answer in desk.answers if kind == "document"]
    assert [(each.text or "")[:10] for each in documents] == ["[fr] ÄÄÄÄÄ"]
    assert [answer.text for _, kind, answer in desk.answers if kind == "done"] == [None] * (version - 1)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("as_list", [False, True])
async def test_what_it_can_do_is_read_in_both_shapes(version: int, *, as_list: bool) -> None:
    async with service(version, stand_in=StandIn(domains_as_list=as_list)) as (engine, _, _):
        pairs = await engine.pairs()

    assert len(pairs) == 26 * 25
    assert ("mt", "nb") in pairs


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_wrong_password_is_for_the_operator_to_mend(version: int) -> None:
    async with service(version, password="wrong") as (engine, _, _):  # noqa: S106  a wrong one
        for ask in (engine.pairs(), engine.submit(text("x"))):
            with pytest.raises(EngineAway, match=r"credentials|not authorised") as caught:
                await ask
            assert caught.value.pause_seconds == 600
            assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("version", "number", "expected", "words"),
    [
        (1, -20028, EngineBusy, "quota"),
        (2, -20028, EngineBusy, "quota"),
        (2, -11200, EngineBusy, "quota"),
        (1, -20001, EngineDeclined, "invalid source language"),
        (2, -20001, EngineDeclined, "pick-up and deliveries"),
        (1, -20007, EngineAway, "not authorised"),
        (1, -20033, EngineAway, "stream"),
        (1, -99999, EngineDeclined, "unknown code"),
    ],
)
async def test_the_same_number_means_what_its_version_says(
    version: int, number: int, expected: type[Exception], words: str
) -> None:
    async with service(version) as (engine, desk, _):
        with pytest.raises(expected, match=words):
            await engine.submit(text(f"[[error {number}]]"))
        await engine.submit(text(f"[[fail {number}]]"))
        await desk.until(1)

    [(_, kind, answer)] = desk.answers
    assert (kind, answer.job, answer.text) == ("failed", "job-1", None)
    assert type(answer.failure) is expected
    assert words.split(maxsplit=1)[0] in str(answer.failure)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_full_quota_is_a_matter_of_waiting(version: int) -> None:
    async with service(version, stand_in=StandIn(delay_seconds=0.01, at_once=2)) as (engine, desk, stand_in):
        await engine.submit(text("[[silent]]", "a"))
        await engine.submit(text("[[silent]]", "b"))
        with pytest.raises(EngineBusy):
            await engine.submit(text("c", "c"))
        stand_in.at_once = 3
        await engine.submit(text("d", "d"))
        await desk.until(1)

    assert desk.answers[0][0] == "d.secret"


@pytest.mark.parametrize("version", VERSIONS)
async def test_answers_come_out_of_order_twice_and_again_after_a_fault(version: int) -> None:
    async with service(version) as (engine, desk, _):
        desk.statuses = [503, 500]
        await engine.submit(text("[[slow 100]] first", "a"))
        await engine.submit(text("[[twice]] second", "b"))
        await desk.until(2 * version + version)

    order = [back for back, _, _ in desk.answers]
    assert order[0] == "b.secret"
    assert (order.count("b.secret"), order.count("a.secret")) == (2 * version, version)


async def test_a_service_that_says_that_it_is_blocked_is_left_alone() -> None:
    async with service(2, stand_in=StandIn(level=3)) as (engine, _, _):
        with pytest.raises(EngineBusy, match="blocked"):
            await engine.pairs()


async def test_both_spellings_of_v1s_error_code_are_read() -> None:
    engine = ETranslationV1("et", Account("a", "b", "http://127.0.0.1"))
    for spelling in ("error-code", "error_code"):
        answer = engine.read("failed", {}, f"external-reference=j&{spelling}=-20021".encode())
        assert "text too long" in str(answer.failure)
    await engine.close()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("done", b"{}"),
        ("done", b"nonsense"),
        ("done", b"[]"),
        ("done", b'{"externalReference": 1, "translatedText": "x"}'),
        ("done", b'{"externalReference": "j", "translatedText": 1}'),
        ("failed", b'{"externalReference": "j"}'),
        ("document", b'{"externalReference": "j", "result": "/w=="}'),
    ],
)
async def test_what_is_no_answer_is_refused(kind: AnswerKind, body: bytes) -> None:
    engine = ETranslationV2("et", Account("a", "b", "http://127.0.0.1"))
    with pytest.raises(BadAnswer):
        engine.read(kind, {}, body)
    await engine.close()


def test_the_two_tables_are_apart() -> None:
    assert V1[-20001].means != V2[-20001].means
    assert -90000 in V2
    assert -90000 not in V1


def test_an_account_does_not_show_its_password() -> None:
    assert "secret" not in repr(Account("app", "secret", "https://x"))


async def test_it_starts_with_one_command() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    desk = Desk()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "node.sandbox.etranslation",
        f"--port={port}",
        "--delay=0",
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        said = (await process.stdout.readline()).decode()
        assert f"application {APPLICATION}, password {PASSWORD}" in said
        async with serving(desk.app()) as home:
            engine = ETranslationV2("et", Account(APPLICATION, PASSWORD, home), f"http://127.0.0.1:{port}/api")
            desk.engine = engine
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await listening(engine):  # noqa: ASYNC110  another process
                    await asyncio.sleep(0.05)
            await engine.submit(text("Guten Tag"))
            await desk.until(1)
            await engine.close()
    finally:
        process.terminate()
        await process.wait()


async def listening(engine: Client) -> bool:
    try:
        return bool(await engine.pairs())
    except EngineAway:
        return False
