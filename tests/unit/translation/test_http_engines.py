"""LibreTranslate and Apertium's server, spoken to by HTTP as their documentation has it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from node.translation.apy import ApertiumServer
from node.translation.libretranslate import LibreTranslate
from node.translation.port import EngineAway, EngineDeclined, Text
from tests.unit.translation.serving import serving

TEXT = Text("job", "Ciao a tutti", "it", "es")


@dataclass
class Libre:
    """LibreTranslate's documented routes: `/languages`, `/translate`, its limits and its errors."""

    key: str | None = None
    most: int = 100
    asked: list[dict[str, Any]] = field(default_factory=list)
    next_answer: Callable[[], Response] | None = None

    def app(self) -> Starlette:
        return Starlette(
            routes=[Route("/languages", self.languages), Route("/translate", self.translate, methods=["POST"])]
        )

    async def languages(self, _: Request) -> Response:
        return JSONResponse(
            [
                {"code": "it", "name": "Italian", "targets": ["en", "es", "it"]},
                {"code": "zh", "name": "Chinese", "targets": ["en"]},
            ]
        )

    async def translate(self, request: Request) -> Response:
        asked = await request.json()
        self.asked.append(asked)
        if self.next_answer is not None:
            return self.next_answer()
        if self.key is not None and asked.get("api_key") != self.key:
            return JSONResponse({"error": "Invalid API key"}, status_code=403)
        if not {"q", "source", "target"} <= asked.keys():
            return JSONResponse({"error": "Invalid request: missing q parameter"}, status_code=400)
        if len(asked["q"]) > self.most:
            return JSONResponse({"error": f"Invalid request: text exceeds {self.most}"}, status_code=400)
        return JSONResponse({"translatedText": f"es:{asked['q']}"})


async def test_libretranslate_translates_what_it_lists() -> None:
    libre = Libre(key="secret")
    async with serving(libre.app()) as url:
        engine = LibreTranslate("libre", url, key="secret")
        assert await engine.pairs() == {("it", "en"), ("it", "es")}
        made = await engine.submit(TEXT)
        await engine.close()

    assert (made.text, made.unknown) == ("es:Ciao a tutti", None)
    assert libre.asked == [{"q": "Ciao a tutti", "source": "it", "target": "es", "format": "text", "api_key": "secret"}]


@pytest.mark.parametrize(
    ("answer", "expected", "words", "pause"),
    [
        (lambda: JSONResponse({"error": "too long"}, status_code=400), EngineDeclined, "400", None),
        (lambda: JSONResponse({"error": "banned"}, status_code=403), EngineAway, "API key", 600),
        (lambda: JSONResponse({"error": "Slowdown: x"}, status_code=429), EngineAway, "429", None),
        (lambda: PlainTextResponse("", 429, {"retry-after": "9"}), EngineAway, "429", 9),
        (lambda: JSONResponse({"error": "x"}, status_code=500), EngineAway, "500", None),
        (lambda: PlainTextResponse("<html>"), EngineAway, "no JSON", None),
        (lambda: PlainTextResponse("x" * (9 * 1024 * 1024)), EngineAway, "more than", None),
    ],
)
async def test_each_refusal_says_whether_to_come_again(
    answer: Callable[[], Response], expected: type[Exception], words: str, pause: float | None
) -> None:
    async with serving(Libre(next_answer=answer).app()) as url:
        engine = LibreTranslate("libre", url)
        with pytest.raises(expected, match=words) as caught:
            await engine.submit(TEXT)
        await engine.close()

    assert "Ciao" not in str(caught.value)
    assert getattr(caught.value, "pause_seconds", None) == pause


async def test_a_server_that_is_not_there_is_away() -> None:
    engine = LibreTranslate("libre", "http://127.0.0.1:9")
    with pytest.raises(EngineAway, match="can't be reached"):
        await engine.pairs()
    await engine.close()


async def test_apertiums_server_translates_by_its_own_codes() -> None:
    asked = []

    async def pairs(_: Request) -> Response:
        listed = [("ita", "spa"), ("spa", "cat"), ("nob", "swe")]
        data = [{"sourceLanguage": source, "targetLanguage": target} for source, target in listed]
        return JSONResponse({"responseData": data, "responseDetails": None, "responseStatus": 200})

    async def translate(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        asked.append(form)
        if form["q"] == "no":
            return JSONResponse({"status": "error", "code": 400, "message": "x"}, status_code=400)
        answer = {"translatedText": "Hola a *tutti"}
        return JSONResponse({"responseData": answer, "responseDetails": None, "responseStatus": 200})

    app = Starlette(routes=[Route("/listPairs", pairs), Route("/translate", translate, methods=["POST"])])
    async with serving(app) as url:
        engine = ApertiumServer("apy", url, outside=False)
        made = await engine.submit(TEXT)
        assert await engine.pairs() == {("it", "es"), ("nb", "sv")}
        with pytest.raises(EngineDeclined, match="400"):
            await engine.submit(Text("job", "no", "it", "es"))
        with pytest.raises(EngineDeclined, match="no es-it"):
            await engine.submit(Text("job", "no", "es", "it"))
        await engine.close()

    assert (made.text, made.version) == ("Hola a tutti", "ita-spa")
    assert made.unknown == pytest.approx(1 / 3)
    assert asked[0] == {"langpair": "ita|spa", "q": "Ciao a tutti", "markUnknown": "yes", "format": "txt"}
