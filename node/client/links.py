"""Links of exchanges, the versions of what they say, and drafts copied from them."""

from pydantic import TypeAdapter

from node.client.talk import Talk
from schemas.exchange import Exchange
from schemas.links import CopyOrder, LinkKind, LinkOrder, LinkView
from schemas.versions import Version

_LINKS: TypeAdapter[list[LinkView]] = TypeAdapter(list[LinkView])
_VERSIONS: TypeAdapter[list[Version]] = TypeAdapter(list[Version])


class Links:
    """Links, versions and copies."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def of(self, exchange_id: str) -> list[LinkView]:
        """The links of an exchange, from it and to it."""
        return _LINKS.validate_json(await self._talk.get(f"/exchanges/{exchange_id}/links"))

    async def note(self, exchange_id: str, other: str, kind: LinkKind = "relates_to") -> None:
        """Note that an exchange follows or relates to another; nobody else is told.

        Raises:
            Declined: one of them is not known.
        """
        await self._talk.post(f"/exchanges/{exchange_id}/links", LinkOrder(other=other, kind=kind).model_dump_json())

    async def copy_into(self, exchange_id: str, procedure: str, authority: str) -> Exchange:
        """Begin a draft of a procedure with what an exchange says; returns the draft.

        Raises:
            Declined: it can't be copied so, or its content is not to be seen any more.
        """
        order = CopyOrder(procedure=procedure, authority=authority)
        answer = await self._talk.post(f"/exchanges/{exchange_id}/copies", order.model_dump_json())
        return Exchange.model_validate_json(answer)

    async def versions(self, exchange_id: str) -> list[Version]:
        """What an exchange said and says, with what changed between."""
        return _VERSIONS.validate_json(await self._talk.get(f"/exchanges/{exchange_id}/versions"))
