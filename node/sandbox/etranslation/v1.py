"""The stand-in's REST v1: Digest, a bare number, forms as callbacks."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

import httpx2
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from node.sandbox.etranslation.behaviour import (
    DOCUMENT_CHARACTERS,
    LANGUAGES,
    SNIPPET_CHARACTERS,
    Behaviour,
    behaviour_of,
    translated,
)

if TYPE_CHECKING:
    from node.sandbox.etranslation.service import Post, StandIn

Handler = Callable[[Request], Awaitable[Response]]

_FORMATS = {"txt", "html", "docx"}


class _Wrong(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def domains(stand_in: StandIn) -> Handler:
    """`get-domains`."""

    async def handle(request: Request) -> Response:
        return _refused(stand_in, request) or JSONResponse(stand_in.pairs())

    return handle


def translate(stand_in: StandIn) -> Handler:
    """`translate`: the number of the job, or of what is wrong."""

    async def handle(request: Request) -> Response:
        if refusal := _refused(stand_in, request):
            return refusal
        asked = json.loads(await request.body())
        stand_in.requests.append(asked)
        try:
            text = _checked(asked)
            behaviour = _admitted(stand_in, text)
        except _Wrong as wrong:
            return PlainTextResponse(str(wrong.number))
        posts: list[Post] = []
        number = stand_in.accept(behaviour, posts)
        posts += _posts(asked, text, number, behaviour)
        return PlainTextResponse(str(number))

    return handle


def _refused(stand_in: StandIn, request: Request) -> Response | None:
    header = request.headers.get("authorization", "")
    if header.startswith("Digest ") and stand_in.digest.lets_in(header, request.method, request.url.path):
        return None
    return Response(status_code=401, headers={"www-authenticate": stand_in.digest.challenge()})


def _admitted(stand_in: StandIn, text: str) -> Behaviour:
    behaviour = behaviour_of(text)
    if behaviour.error is not None:
        raise _Wrong(behaviour.error)
    if stand_in.is_full:
        raise _Wrong(-20028)
    return behaviour


def _checked(asked: Mapping[str, object]) -> str:
    """Check a request in the order in which the service is seen to, and give its text."""
    caller = asked.get("callerInformation")
    if not isinstance(caller, dict):
        raise _Wrong(-20005)
    if not caller.get("application"):
        raise _Wrong(-20006)
    if not caller.get("username"):
        raise _Wrong(-20014)
    source, targets = asked.get("sourceLanguage"), asked.get("targetLanguages")
    if not source:
        raise _Wrong(-20000)
    if source not in LANGUAGES:
        raise _Wrong(-20001)
    if not isinstance(targets, list) or not targets:
        raise _Wrong(-20002)
    if not set(targets) <= LANGUAGES:
        raise _Wrong(-20003)
    if source in targets:
        raise _Wrong(-20013)
    given = [
        name for name in ("textToTranslate", "documentToTranslatePath", "documentToTranslateBase64") if name in asked
    ]
    if len(given) != 1:
        raise _Wrong(-20012)
    return _text(asked, given[0])


def _text(asked: Mapping[str, object], name: str) -> str:
    given = asked[name]
    if isinstance(given, str):
        if not given:
            raise _Wrong(-20030)
        if len(given) > SNIPPET_CHARACTERS:
            raise _Wrong(-20021)
        return given
    if not isinstance(given, dict):
        raise _Wrong(-20039)
    if given.get("format") not in _FORMATS:
        raise _Wrong(-20029 if given.get("format") else -20040)
    content = str(given.get("content") or "")
    if not content:
        raise _Wrong(-20041)
    if len(content) > DOCUMENT_CHARACTERS:
        raise _Wrong(-20046)
    destinations = asked.get("destinations")
    if not isinstance(destinations, dict) or not destinations.get("httpDestinations"):
        raise _Wrong(-20025)
    try:
        return base64.b64decode(content, validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise _Wrong(-20033) from error


def _posts(asked: Mapping[str, object], text: str, number: int, behaviour: Behaviour) -> list[Post]:
    job, targets = str(asked["externalReference"]), asked["targetLanguages"]
    assert isinstance(targets, list)  # noqa: S101  checked above
    if behaviour.fail is not None:
        failure = {
            "external-reference": job,
            "request-id": str(number),
            "error-code": str(behaviour.fail),
            "error-message": "on demand",
            "target-languages": ",".join(targets),
        }
        return [_form(str(asked["errorCallback"]), failure)]
    posts: list[Post] = []
    for target in targets:
        said = {"request-id": str(number), "target-language": target, "external-reference": job}
        if "textToTranslate" in asked:
            posts.append(_form(str(asked["requesterCallback"]), {**said, "translated-text": translated(text, target)}))
            continue
        destinations = asked["destinations"]
        assert isinstance(destinations, dict)  # noqa: S101  checked above
        content = base64.b64encode(translated(text, target).encode())
        posts += [_document(str(address), said, content) for address in destinations["httpDestinations"]]
    return posts


def _form(address: str, said: Mapping[str, str]) -> Post:
    async def post(client: httpx2.AsyncClient) -> httpx2.Response:
        return await client.post(address, data=dict(said))

    return post


def _document(address: str, said: Mapping[str, str], content: bytes) -> Post:
    async def post(client: httpx2.AsyncClient) -> httpx2.Response:
        return await client.post(address, params=dict(said), content=content)

    return post
