"""Searching among the exchanges of a node."""

from node.client.talk import Talk
from schemas.search import Found, Query


class Search:
    """Finds exchanges."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def find(self, query: Query) -> Found:
        """A page of the exchanges that meet a query, the newest first.

        Raises:
            Declined: the query names a field, a code or a status that there is not.
        """
        return Found.model_validate_json(await self._talk.post("/search", query.model_dump_json()))
