"""The stand-in's REST v2: Basic, JSON both ways."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from node.sandbox.etranslation.behaviour import (
    APPLICATION,
    DOCUMENT_CHARACTERS,
    PASSWORD,
    SNIPPET_CHARACTERS,
    Behaviour,
    behaviour_of,
    translated,
)

if TYPE_CHECKING:
    from node.sandbox.etranslation.service import Post, StandIn

Handler = Callable[[Request], Awaitable[Response]]

_AGENT = {"user-agent": "etranslation/2.0"}


class _Wrong(Exception):
    def __init__(self, number: int, words: str) -> None:
        super().__init__(words)
        self.number = number


def domains(stand_in: StandIn) -> Handler:
    """`getDomains`."""

    async def handle(request: Request) -> Response:
        return _refused(request) or JSONResponse(stand_in.pairs())

    return handle


def status(stand_in: StandIn) -> Handler:
    """`status`."""

    async def handle(request: Request) -> Response:
        return _refused(request) or JSONResponse({"level": stand_in.level})

    return handle


def translate(stand_in: StandIn) -> Handler:
    """`askTranslate`: the job's number, or what is wrong with status 400."""

    async def handle(request: Request) -> Response:
        if refusal := _refused(request):
            return refusal
        asked = json.loads(await request.body())
        stand_in.requests.append(asked)
        try:
            text = _checked(asked)
            behaviour = _admitted(stand_in, text)
        except _Wrong as wrong:
            return JSONResponse({"errorCode": wrong.number, "errorMessage": str(wrong)}, status_code=400)
        posts: list[Post] = []
        number = stand_in.accept(behaviour, posts)
        posts += _posts(asked, text, number, behaviour)
        return JSONResponse({"requestId": number})

    return handle


def _refused(request: Request) -> Response | None:
    right = "Basic " + base64.b64encode(f"{APPLICATION}:{PASSWORD}".encode()).decode()
    if request.headers.get("authorization") == right:
        return None
    return JSONResponse({"errorCode": -90000, "errorMessage": "NOT_AUTHORIZED"}, status_code=401)


def _admitted(stand_in: StandIn, text: str) -> Behaviour:
    behaviour = behaviour_of(text)
    if behaviour.error is not None:
        raise _Wrong(behaviour.error, "on demand")
    if stand_in.is_full:
        raise _Wrong(-11200, "QUOTA_EXCEEDED")
    return behaviour


def _checked(asked: Mapping[str, object]) -> str:
    """Check a request, and give its text."""
    targets = asked.get("targetLanguages")
    if not asked.get("sourceLanguage") or not isinstance(targets, list) or not targets:
        raise _Wrong(-20000, "LANGUAGE_MISSING")
    if asked.get("domain") not in ("GEN", "SPD"):
        raise _Wrong(-20013, "DOMAIN_NOT_SUPPORTED")
    if "documentToTranslate" in asked and not (asked.get("deliveries") and asked.get("notifications")):
        raise _Wrong(-20025, "DESTINATION_MISSING")
    if "textToTranslate" in asked:
        text = str(asked["textToTranslate"])
        if len(text) > SNIPPET_CHARACTERS:
            raise _Wrong(-20021, "TEXT_TOO_LONG")
        return text
    document = asked.get("documentToTranslate")
    given = document.get("document") if isinstance(document, dict) else None
    content = str(given.get("content") or "") if isinstance(given, dict) else ""
    if not content or len(content) > DOCUMENT_CHARACTERS:
        raise _Wrong(-20046 if content else -20041, "DOCUMENT_SIZE")
    try:
        return base64.b64decode(content, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise _Wrong(-20033, "STREAM_UNREADABLE") from error


def _posts(asked: Mapping[str, object], text: str, number: int, behaviour: Behaviour) -> list[Post]:
    caller, notifications, targets = asked["callerInformation"], asked["notifications"], asked["targetLanguages"]
    assert isinstance(caller, dict)  # noqa: S101
    assert isinstance(notifications, dict)  # noqa: S101
    assert isinstance(targets, list)  # noqa: S101
    said: dict[str, object] = {"requestId": number, "externalReference": caller["externalReference"]}
    if behaviour.fail is not None:
        failure = {**said, "errorCode": behaviour.fail, "errorMessage": "on demand"}
        return [_json(notifications["failure"]["http"], failure)]
    posts: list[Post] = []
    for target in targets:
        result = translated(text, target)
        about = {**said, "sourceLanguage": asked["sourceLanguage"], "targetLanguage": target}
        deliveries = asked.get("deliveries")
        if "textToTranslate" in asked:
            posts.append(_json(notifications["success"]["http"], {**about, "translatedText": result}))
        else:
            posts.append(_json(notifications["success"]["http"], about))
            result = base64.b64encode(result.encode()).decode()
        if isinstance(deliveries, dict):
            posts.append(_json(deliveries["http"], {**about, "outputFormat": "txt", "result": result}))
    return posts


def _json(address: str, said: Mapping[str, object]) -> Post:
    async def post(client: httpx2.AsyncClient) -> httpx2.Response:
        return await client.post(address, json=dict(said), headers=_AGENT)

    return post
