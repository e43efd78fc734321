"""Apertium's server, apertium-apy (0.11), over HTTP: `/listPairs` and `/translate`, answered at once."""

from node.translation.http import Http
from node.translation.languages import short
from node.translation.port import EngineAway, EngineDeclined, Pair, Text, Translated
from node.translation.quality import unknown_share, without_marks

_OK = 200


class ApertiumServer:
    """An apertium-apy server. It listens at all addresses of its machine: keep it behind a firewall."""

    answers_later = False
    at_once = 4

    def __init__(self, name: str, url: str, *, outside: bool = True) -> None:
        """Use the server at this address."""
        self.name = name
        self.outside = outside
        self._http = Http(url)
        self._codes: dict[Pair, str] = {}

    async def pairs(self) -> frozenset[Pair]:
        """Ask `/listPairs`."""
        reply = await self._http.ask("GET", "/listPairs")
        listed = reply.json()
        found = listed.get("responseData") if isinstance(listed, dict) else None
        if reply.status != _OK or not isinstance(found, list):
            raise EngineAway(f"apertium-apy answers {reply.status} when asked for its pairs")
        self._codes = {}
        for each in found:
            source, target = str(each.get("sourceLanguage")), str(each.get("targetLanguage"))
            pair = short(source), short(target)
            if pair[0] and pair[1] and pair[0] != pair[1]:
                self._codes.setdefault((pair[0], pair[1]), f"{source}|{target}")
        return frozenset(self._codes)

    async def submit(self, text: Text) -> Translated:
        """Translate."""
        if not self._codes:
            await self.pairs()
        codes = self._codes.get((text.source, text.target))
        if codes is None:
            raise EngineDeclined(f"no {text.source}-{text.target} is installed")
        asked = {"langpair": codes, "q": text.text, "markUnknown": "yes", "format": "txt"}
        reply = await self._http.ask("POST", "/translate", form=asked)
        found = reply.json()
        said = found.get("responseData") if isinstance(found, dict) else None
        translation = said.get("translatedText") if isinstance(said, dict) else None
        if reply.status != _OK or not isinstance(translation, str):
            raise EngineDeclined(f"apertium-apy answers {reply.status}")
        return Translated(
            text=without_marks(text.text, translation).strip(),
            version=codes.replace("|", "-"),
            unknown=unknown_share(text.text, translation),
        )

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()
