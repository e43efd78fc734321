"""Asking a node which mechanism is the right one."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from node.client.talk import Talk
from schemas.guidance import GuidanceStep

_ANSWERS: TypeAdapter[Mapping[str, str]] = TypeAdapter(Mapping[str, str])


class Guidance:
    """Walks the decision table, a question at a time."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def after(self, answers: Mapping[str, str]) -> GuidanceStep:
        """The next question after these answers (question -> code), or the recommendation.

        Raises:
            Declined: the table has no such question or answer.
        """
        return GuidanceStep.model_validate_json(
            await self._talk.post("/guidance", _ANSWERS.dump_json(answers).decode())
        )
