"""The policy areas of a node, and their publication at the Commission's."""

from pydantic import TypeAdapter

from node.client.talk import Talk, count_in
from schemas.policy_area import PolicyArea
from schemas.publication import AreaView, DeclarationView, Publishing

_VIEWS: TypeAdapter[list[AreaView]] = TypeAdapter(list[AreaView])
_AREAS: TypeAdapter[list[PolicyArea]] = TypeAdapter(list[PolicyArea])


class Declarations:
    """Lists, shows and publishes declarations."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def all(self) -> list[AreaView]:
        """Every version of every policy area that the node knows, with its stage."""
        return _VIEWS.validate_json(await self._talk.get("/areas"))

    async def published(self) -> list[PolicyArea]:
        """The declarations that were published to the node, as it uses them."""
        return _AREAS.validate_json(await self._talk.get("/areas/published"))

    async def show(self, area: str, version: int | None = None) -> DeclarationView:
        """One version with its text, the newest one where none is named; raises Declined where there is none."""
        query = {"version": str(version) if version is not None else None}
        return DeclarationView.model_validate_json(await self._talk.get(f"/areas/{area}", query))

    async def publish(self, publishing: Publishing) -> int:
        """Publish a declaration, or a further stage of one; returns how many nodes are told.

        Raises:
            Declined: this is not the Commission's node, or the declaration can't be used or does not follow.
        """
        return count_in(await self._talk.post("/areas", publishing.model_dump_json()))
