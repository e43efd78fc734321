"""eTranslation REST v1: HTTP Digest, `POST translate`, a bare number as the answer, forms as callbacks."""

from collections.abc import Mapping
from urllib.parse import parse_qs

import httpx2

from node.translation.etranslation.account import (
    AT_ONCE,
    DOCUMENT_BYTES,
    SNIPPET_CHARACTERS,
    Account,
    decoded,
    encoded,
    pairs_of,
    require_known,
)
from node.translation.etranslation.codes import V1, failure
from node.translation.http import Http
from node.translation.port import Accepted, Answer, AnswerKind, BadAnswer, EngineAway, EngineDeclined, Pair, Text

URL = "https://webgate.ec.europa.eu/etranslation/si"
_OK = 200


class ETranslationV1:
    """An application's account at eTranslation, by REST v1."""

    outside = True
    answers_later = True
    at_once = AT_ONCE

    def __init__(self, name: str, account: Account, url: str = URL) -> None:
        """Use this account."""
        self.name = name
        self._account = account
        self._http = Http(url, httpx2.DigestAuth(account.application, account.password))

    async def pairs(self) -> frozenset[Pair]:
        """Ask `get-domains`."""
        reply = await self._http.ask("GET", "/get-domains")
        require_known(reply)
        return pairs_of(reply.json(), self._account.domain)

    async def submit(self, text: Text) -> Accepted:
        """Hand over a text; its answers come to the addresses that are named with it."""
        reply = await self._http.ask("POST", "/translate", body=self._request(text))
        require_known(reply)
        said = reply.body.strip()
        try:
            number = int(said)
        except ValueError as error:
            raise EngineAway(f"eTranslation answers {reply.status} with what is no number") from error
        if number <= 0 or reply.status != _OK:
            raise failure(V1, number)
        return Accepted(str(number))

    def read(self, kind: AnswerKind, query: Mapping[str, str], body: bytes) -> Answer:
        """Read a callback: a form, or for a document the parts of the address with the content as base64."""
        if kind == "document":
            return _answer(query, decoded(body))
        said = {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
        if kind == "failed":
            return _answer(said, None, failure(V1, _number(said.get("error-code") or said.get("error_code"))))
        return _answer(said, said.get("translated-text"))

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()

    def _request(self, text: Text) -> dict[str, object]:
        account = self._account
        asked: dict[str, object] = {
            "priority": 0,
            "externalReference": text.job,
            "callerInformation": {"application": account.application, "username": account.application},
            "sourceLanguage": text.source.upper(),
            "targetLanguages": [text.target.upper()],
            "domain": account.domain,
            "requesterCallback": account.address(text.back, "done"),
            "errorCallback": account.address(text.back, "failed"),
            "destinations": {},
        }
        if len(text.text) <= SNIPPET_CHARACTERS:
            return {**asked, "textToTranslate": text.text}
        content = encoded(text.text)
        if len(content) > DOCUMENT_BYTES:
            raise EngineDeclined("the text is larger than the 20 MB of a document")
        return {
            **asked,
            "documentToTranslateBase64": {"content": content, "format": "txt", "filename": "text.txt"},
            "destinations": {"httpDestinations": [account.address(text.back, "document")]},
        }


def _answer(said: Mapping[str, str], text: str | None, problem: EngineAway | EngineDeclined | None = None) -> Answer:
    job = said.get("external-reference")
    if not job:
        raise BadAnswer("the answer names no job")
    return Answer(
        job=job,
        reference=said.get("request-id", ""),
        target=said.get("target-language", "").lower(),
        text=text,
        failure=problem,
    )


def _number(said: str | None) -> int:
    try:
        return int(said or "")
    except ValueError as error:
        raise BadAnswer("the answer has no error code") from error
