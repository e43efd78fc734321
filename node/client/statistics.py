"""Statistics of a node, and of the federation at the Commission's."""

from datetime import datetime

from node.client.talk import Talk, as_of_query, count_in
from schemas.statistics import Check, StatisticsView


class Statistics:
    """Counts, reports and checks."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def show(self, as_of: datetime | None = None) -> StatisticsView:
        """At the Commission what the nodes reported; elsewhere what the node counts itself."""
        return StatisticsView.model_validate_json(await self._talk.get("/statistics", as_of_query(as_of)))

    async def report(self, as_of: datetime | None = None) -> int:
        """Report to the Commission now; returns how many exchanges the node opened."""
        return count_in(await self._talk.post("/statistics", "", as_of_query(as_of)))

    async def confirm_none(self, year: int) -> None:
        """Confirm that the node took part in no exchange sent in a year, and report it; raises Declined if it did."""
        await self._talk.post("/statistics/no-cases", f'{{"year": {year}}}')

    async def check(self, year: int | None = None, as_of: datetime | None = None) -> Check:
        """At the Commission: contradictions between the reports, and silent parties of a year, this one by default."""
        query = {**as_of_query(as_of), "year": str(year) if year is not None else None}
        return Check.model_validate_json(await self._talk.get("/statistics/check", query))
