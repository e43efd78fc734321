"""LibreTranslate over HTTP (1.9): `/languages` and `/translate`, answered at once."""

from node.translation.http import Http, Reply
from node.translation.languages import LANGUAGES
from node.translation.port import EngineAway, EngineDeclined, Pair, Text, Translated

_OK, _FORBIDDEN = 200, 403


class LibreTranslate:
    """A LibreTranslate server."""

    answers_later = False
    at_once = 4

    def __init__(self, name: str, url: str, *, key: str | None = None, outside: bool = True) -> None:
        """Use the server at this address, with an API key where it wants one."""
        self.name = name
        self.outside = outside
        self._key = key
        self._http = Http(url)

    async def pairs(self) -> frozenset[Pair]:
        """Ask `/languages`."""
        reply = await self._http.ask("GET", "/languages")
        if reply.status != _OK or not isinstance(listed := reply.json(), list):
            raise EngineAway(f"LibreTranslate answers {reply.status} when asked for its languages")
        return frozenset(
            (str(each["code"]), str(target))
            for each in listed
            if isinstance(each, dict) and each.get("code") in LANGUAGES
            for target in each.get("targets") or ()
            if target in LANGUAGES and target != each["code"]
        )

    async def submit(self, text: Text) -> Translated:
        """Translate."""
        asked: dict[str, object] = {"q": text.text, "source": text.source, "target": text.target, "format": "text"}
        if self._key is not None:
            asked["api_key"] = self._key
        reply = await self._http.ask("POST", "/translate", body=asked)
        found = reply.json()
        translation = found.get("translatedText") if isinstance(found, dict) else None
        if reply.status == _OK and isinstance(translation, str):
            return Translated(text=translation)
        raise _refusal(reply)

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()


def _refusal(reply: Reply) -> EngineAway | EngineDeclined:
    """A missing or banned key is mended by the operator; anything else lies in what was asked.

    The server's own sentence may quote the text, so it is not passed on.
    """
    if reply.status == _FORBIDDEN:
        return EngineAway("LibreTranslate refuses this node (403): see its API key", pause_seconds=600)
    return EngineDeclined(f"LibreTranslate answers {reply.status}")
