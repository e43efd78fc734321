"""Searching over real nodes: each finds what it may know of, until the personal data are blocked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from node.client import Declined
from node.sandbox.cluster import Arrangement, Member, cluster
from node.sandbox.federation import Validity
from schemas.search import Query

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
YEARS = timedelta(days=20 * 365)

WORDS: dict[str, Any] = {
    "subject": "Πώληση φαρμάκων без рецепта, ohne Größe",
    "provider_name": "Canaryname Trading",
    "service_addresses": ["https://www.canary.example/offers/1"],
    "grounds": ["health"],
}


async def found(member: Member, **query: object) -> list[str]:
    page = await member.client.search.find(Query.model_validate(query))
    return [exchange.id for exchange in page.exchanges]


async def test_every_node_finds_what_it_may_know_of_until_it_is_blocked() -> None:
    validity = Validity(signing=YEARS, sealing=YEARS, directory=YEARS)
    async with cluster("DE", "CY", "EC", start=START, validity=validity, arrangement=Arrangement.ONE_PROCESS) as c:
        request = await c.DE.send("request", to="CY", **WORDS)
        notification = await c.DE.send("notification", to="CY", **WORDS, variant="urgent")
        other = await c.CY.send("request", to="DE")
        await c.settle()

        for words in ("πωληση ΦΑΡΜΆΚΩΝ", "РЕЦЕПТА", "groesse", "farmakon*", "subject:größe"):
            expected = [] if words == "farmakon*" else [request, notification]
            assert sorted(await found(c.DE, words=words)) == sorted(expected), words
        assert await found(c.EC, words="рецепта") == [notification]
        assert await found(c.DE, domain="canary.example", procedure="request") == [request]
        assert await found(c.DE, urgent=True) == await found(c.CY, provider="canaryname") == [notification]
        assert sorted(await found(c.CY, ground="health", role="received")) == sorted([request, notification])
        assert await found(c.CY, role="sent", country="DE", status="awaiting_acceptance") == [other]
        with pytest.raises(Declined, match="there is no field colour"):
            await found(c.DE, words="colour:red")

        await c.CY.take("accept", request)
        await c.settle()
        assert sorted(await found(c.CY, provider="canaryname")) == sorted([request, notification])
        assert await found(c.DE, status="accepted", accepted={"first": "2026-11-24", "last": "2026-11-24"}) == [request]

        await c.advance(days=60)
        assert request in await found(c.DE, overdue=True)
        await c.DE.take("withdraw", request)
        await c.settle()
        assert request not in await found(c.DE, overdue=True)

        await c.advance(days=190)
        for member in (c.DE, c.CY):
            assert request not in await found(member, words="canaryname")
            assert request in await found(member, number=request)
            assert request in await found(member, status="blocked")
        files = [file for member in c.members.values() for file in member.config.folder.glob("store.sqlite*")]
        assert len(files) >= len(c.members)
        assert not [file for file in files if b"canary" in file.read_bytes().lower()]
