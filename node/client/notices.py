"""What is to be done at a node, and what became of the digests that tell it."""

from pydantic import TypeAdapter

from node.client.talk import Talk
from schemas.notices import MailView, WorkItem

_WORK: TypeAdapter[list[WorkItem]] = TypeAdapter(list[WorkItem])
_MAILS: TypeAdapter[list[MailView]] = TypeAdapter(list[MailView])


class Notices:
    """Asks for notices."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def work(self) -> list[WorkItem]:
        """What the user has to do, the most urgent first."""
        return _WORK.validate_json(await self._talk.get("/notices"))

    async def mails(self) -> list[MailView]:
        """Digests that wait for the mail server, then those that it took or refused."""
        return _MAILS.validate_json(await self._talk.get("/mails"))
