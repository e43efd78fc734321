"""eTranslation REST v2, which the Commission recommends: HTTP Basic, `POST askTranslate`, JSON both ways."""

from collections.abc import Mapping

import httpx2

from node.translation.addresses import pieces
from node.translation.etranslation.account import (
    AT_ONCE,
    DOCUMENT_BYTES,
    SNIPPET_CHARACTERS,
    Account,
    decoded,
    encoded,
    json_object,
    pairs_of,
    require_known,
)
from node.translation.etranslation.codes import V2, failure
from node.translation.http import Http
from node.translation.port import (
    Accepted,
    Answer,
    AnswerKind,
    BadAnswer,
    EngineAway,
    EngineBusy,
    EngineDeclined,
    Pair,
    Text,
)

URL = "https://language-tools.ec.europa.eu/etranslation/api"
_OK = 200
_KEEP, _KEPT = "[notranslate]", "[/notranslate]"
_BLOCKED = 3  # of `/status`: 0 is normal, 2 critical load, 3 blocked


class ETranslationV2:
    """An application's account at eTranslation, by REST v2."""

    outside = True
    answers_later = True
    at_once = AT_ONCE

    def __init__(self, name: str, account: Account, url: str = URL) -> None:
        """Use this account."""
        self.name = name
        self._account = account
        self._http = Http(url, httpx2.BasicAuth(account.application, account.password))

    async def pairs(self) -> frozenset[Pair]:
        """Ask `getDomains`; while the service says that it is blocked it has none."""
        status = await self._http.ask("GET", "/status")
        require_known(status)
        said = status.json()
        if isinstance(said, dict) and said.get("level") == _BLOCKED:
            raise EngineBusy("eTranslation says that it is blocked (status level 3)", pause_seconds=600)
        reply = await self._http.ask("GET", "/getDomains")
        require_known(reply)
        return pairs_of(reply.json(), self._account.domain)

    async def submit(self, text: Text) -> Accepted:
        """Hand over a text; its answers come to the addresses that are named with it."""
        reply = await self._http.ask("POST", "/askTranslate", body=self._request(text))
        said = reply.json() if reply.body.startswith(b"{") else {}
        number = said.get("errorCode") if isinstance(said, dict) else None
        if isinstance(number, int):
            raise failure(V2, number)
        require_known(reply)
        reference = said.get("requestId") if isinstance(said, dict) else None
        if reply.status != _OK or not isinstance(reference, int):
            raise EngineAway(f"eTranslation answers {reply.status} without a request id")
        return Accepted(str(reference))

    def read(self, kind: AnswerKind, query: Mapping[str, str], body: bytes) -> Answer:
        """Read a callback, a JSON object: `result` is base64 for a document, plain for a snippet."""
        del query  # v1 has something in it
        said = json_object(body)
        match kind:
            case "failed":
                number = said.get("errorCode")
                if not isinstance(number, int):
                    raise BadAnswer("the answer has no error code")
                return _answer(said, None, failure(V2, number))
            case "document":
                return _answer(said, decoded(_text(said, "result") or ""))
            case "delivery":
                return _answer(said, _text(said, "result"))
            case "done":
                return _answer(said, _text(said, "translatedText"))

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()

    def _request(self, text: Text) -> dict[str, object]:
        account = self._account
        asked: dict[str, object] = {
            "sourceLanguage": text.source.upper(),
            "targetLanguages": [text.target.upper()],
            "domain": account.domain,
            "callerInformation": {"externalReference": text.job},
            "notifications": {
                "success": {"http": account.address(text.back, "done")},
                "failure": {"http": account.address(text.back, "failed")},
            },
        }
        words = protected(text.text)
        if len(words) <= SNIPPET_CHARACTERS:
            delivery = account.address(text.back, "delivery")
            return {**asked, "textToTranslate": words, "deliveries": {"http": delivery}}
        content = encoded(words)
        if len(content) > DOCUMENT_BYTES:
            raise EngineDeclined("the text is larger than the 20 MB of a document")
        return {
            **asked,
            "documentToTranslate": {"document": {"content": content, "format": "txt", "filename": "text.txt"}},
            "deliveries": {"http": account.address(text.back, "document")},
        }


def protected(text: str) -> str:
    """Mark the addresses in a text, which the service then leaves as they are."""
    return "".join(f"{_KEEP}{piece}{_KEPT}" if kept else piece for piece, kept in pieces(text))


def _answer(said: Mapping[str, object], text: str | None, problem: EngineAway | EngineDeclined | None = None) -> Answer:
    job, reference = said.get("externalReference"), said.get("requestId")
    if not isinstance(job, str) or not job:
        raise BadAnswer("the answer names no job")
    return Answer(
        job=job,
        reference=str(reference) if isinstance(reference, int | str) else "",
        target=str(said.get("targetLanguage") or "").lower(),
        text=text.replace(_KEEP, "").replace(_KEPT, "") if text is not None else None,
        failure=problem,
    )


def _text(said: Mapping[str, object], name: str) -> str | None:
    value = said.get(name)
    if value is not None and not isinstance(value, str):
        raise BadAnswer(f"{name} is no text")
    return value
