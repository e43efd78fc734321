"""What both versions of eTranslation need to know of this node, and what both do alike."""

import base64
import binascii
import json
from dataclasses import dataclass, field

from node.translation.http import Reply
from node.translation.languages import LANGUAGES
from node.translation.port import BadAnswer, EngineAway, Pair

SNIPPET_CHARACTERS = 5000
"""A longer text goes as a document; documents are not to be cut into snippets."""
DOCUMENT_BYTES = 20 * 1024 * 1024  # of base64
AT_ONCE = 50
"""Active jobs of one application."""
REFUSED = (401, 403)


@dataclass(frozen=True, slots=True)
class Account:
    """An application's account."""

    application: str
    password: str = field(repr=False)
    callback: str
    """Where answers come to, as eTranslation reaches it: https://…, without a slash at the end."""
    domain: str = "GEN"

    def address(self, back: str, kind: str) -> str:
        """The address for one kind of answer to one job."""
        return f"{self.callback}/{back}/{kind}"


def require_known(reply: Reply) -> None:
    """Insist that the account was taken; raises EngineAway."""
    if reply.status in REFUSED:
        raise EngineAway(
            f"eTranslation does not know this application (HTTP {reply.status}): see the file of its credentials",
            pause_seconds=600,
        )


def pairs_of(found: object, domain: str) -> frozenset[Pair]:
    """Read what `get-domains` lists for a domain, in either of the two shapes that are seen; raises EngineAway."""
    if isinstance(found, list):
        domains = {str(each.get("domain")): each for each in found if isinstance(each, dict)}
    else:
        domains = found if isinstance(found, dict) else {}
    listed = domains.get(domain)
    if not isinstance(listed, dict) or not isinstance(listed.get("languagePairs"), list):
        names = ", ".join(sorted(domains)) or "none"
        raise EngineAway(f"eTranslation has no domain {domain} for this application; it has {names}", pause_seconds=600)
    pairs = (str(each).lower().split("-")[:2] for each in listed["languagePairs"])  # EN-ES, or EN-ES-LLM
    return frozenset((pair[0], pair[1]) for pair in pairs if len(pair) > 1 and set(pair) <= LANGUAGES)


def encoded(text: str) -> str:
    """A text as the content of a document."""
    return base64.b64encode(text.encode()).decode()


def decoded(content: str | bytes) -> str:
    """The text of a document; raises BadAnswer."""
    try:
        return base64.b64decode(content, validate=False).decode("utf-8-sig")
    except (binascii.Error, ValueError) as error:
        raise BadAnswer("the document is no base64 of UTF-8") from error


def json_object(body: bytes) -> dict[str, object]:
    """Read a JSON object; raises BadAnswer."""
    try:
        found = json.loads(body)
    except ValueError as error:
        raise BadAnswer("the answer is no JSON") from error
    if not isinstance(found, dict):
        raise BadAnswer("the answer is no JSON object")
    return found
