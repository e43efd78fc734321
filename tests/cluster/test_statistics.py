"""The Commission counts what it never sees, measures who answers in time, and notices a node that lies."""

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from node.client import Declined
from node.handlers.counts.indicators import scores
from node.handlers.counts.statistics import opened
from node.sandbox.cluster import Arrangement, cluster
from node.sandbox.federation import Validity

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
YEARS = timedelta(days=20 * 365)


async def test_the_federation_is_counted_measured_and_checked() -> None:
    validity = Validity(signing=YEARS, sealing=YEARS, directory=YEARS)
    nodes = ("DE", "CY", "FR", "IT", "EC")
    async with cluster(*nodes, start=START, validity=validity, arrangement=Arrangement.ONE_PROCESS) as c:
        quick = await c.DE.send("request", to="CY", reply_requested_by="2026-02-28")
        late = await c.DE.send("request", to="CY", reply_requested_by="2026-01-20")
        await c.DE.send("notification", to="CY", duration="permanent")
        await c.settle()
        await c.advance(days=2)
        await c.CY.take("accept", quick, reply_proposed_by="2026-02-20")
        await c.CY.take("reply", quick)
        await c.settle()
        await c.advance(days=20)
        await c.CY.take("accept", late, reply_proposed_by="2026-01-30")
        await c.CY.take("reply", late)
        await c.settle()
        await c.advance(days=40)

        for member in (c.DE, c.CY, c.FR):
            await member.client.statistics.report()
        await c.settle()
        told = await c.EC.client.statistics.show()
        rows = opened(row for rows in told.reports.values() for row in rows)
        assert {(row.procedure, row.status, row.count) for row in rows} == {
            ("request", "answered", 2),
            ("notification", "sent", 1),
        }
        assert [row.facts for row in rows if row.procedure == "request"] == [{}]
        [cyprus] = scores(row for rows in told.indicators.values() for row in rows if row.reported_as == "opened")
        values = {each.name: (each.value, each.of, each.colour) for each in cyprus.indicators}
        assert values["acceptance"] == (50.0, 2, "red")
        assert values["answering"] == (12.0, 2, "green")
        assert values["agreed_date"] == (100.0, 2, "green")
        assert (cyprus.country, cyprus.score, cyprus.overall) == ("CY", 1, "medium")

        check = await c.EC.client.statistics.check(2026)
        assert check.contradictions == ()
        await c.advance(days=365)
        with pytest.raises(Declined, match="took part in exchanges sent in 2026"):
            await c.DE.client.statistics.confirm_none(2026)
        await c.FR.client.statistics.confirm_none(2026)

        with sqlite3.connect(c.DE.config.store) as tampered:
            tampered.execute("DELETE FROM exchanges WHERE id = ?", (late,))
        tampered.close()
        for member in (c.DE, c.CY):
            await member.client.statistics.report()
        await c.settle()

        check = await c.EC.client.statistics.check(2026)
        [lie] = check.contradictions
        assert (lie.opened_by, lie.opened, lie.told_by, lie.received) == ("DE", 1, "CY", 2)
        assert (lie.procedure, lie.year, lie.month) == ("request", 2026, 1)
        silent = [(each.country, each.confirmed, each.reported) for each in check.silences]
        assert silent == [("FR", True, True), ("IT", False, False)]
