"""What a node has translated, and by whom."""

from pydantic import TypeAdapter

from node.client.talk import Talk, count_in
from schemas.translation import Draft, Suggestion, TranslationStatus

_STATUS: TypeAdapter[TranslationStatus | None] = TypeAdapter(TranslationStatus | None)


class Translation:
    """Machine translation at a node."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def status(self) -> TranslationStatus | None:
        """What can be translated there, and what is on its way; None where no engine is configured."""
        return _STATUS.validate_json(await self._talk.get("/translation"))

    async def retry(self) -> int:
        """Try again what has no translation; returns how many texts."""
        return count_in(await self._talk.post("/translation/retry", ""))

    async def language(self, text: str) -> str | None:
        """Suggest the language of a text (ISO 639-1); None where it can't be told."""
        answer = await self._talk.post("/language", Draft(text=text).model_dump_json())
        return Suggestion.model_validate_json(answer).language
