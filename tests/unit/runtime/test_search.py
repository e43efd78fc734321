"""Searching at a desk: what was said is found, by whom it may be, until it is blocked; and never read in the store."""

import pytest

from node.handlers.access import OWN_ACCOUNT_ALONE
from node.handlers.rights import Right
from node.handlers.search.searching import Unsearchable
from node.runtime import search
from node.store import search_index
from schemas.search import Between, Query
from tests.unit.runtime.desks import Desk, Town
from tests.unit.runtime.test_retention import bytes_of


async def found(desk: Desk, **query: object) -> list[str]:
    page = await desk.runtime.find(Query.model_validate(query), OWN_ACCOUNT_ALONE)
    assert page.behind == 0
    return [exchange.id for exchange in page.exchanges]


async def test_both_sides_find_an_exchange_by_what_it_says(town: Town) -> None:
    case = await town.DE.open(
        "CY",
        subject="Straßenverkauf",
        service_addresses=["https://www.shop.example.eu/offer"],
        grounds=["pp_minors"],
        targeted_countries=["de"],
    )
    other = await town.DE.open("CY", subject="Ελληνικός φούρνος", grounds=["health"])
    await town.carry()

    for desk in (town.DE, town.CY):
        assert await found(desk, words="STRASSENVERKAUF") == [case]
        assert await found(desk, words="ελληνικοσ ΦΟΎΡΝΟΣ") == [other]
        assert await found(desk, words="stra*") == [case]
        assert await found(desk, ground="health") == [other]
        assert await found(desk, words="fictitious") == [other, case]
        assert await found(desk, words="strassenverkauf", ground="health") == []
    assert await found(town.EC, words="strassenverkauf") == []


async def test_before_acceptance_nobody_is_led_to_a_request_by_personal_data(town: Town) -> None:
    case = await town.DE.open("CY", service_addresses=["https://www.shop.example.eu/offer"], provider_name="Canaryname")
    await town.carry()

    assert await found(town.DE, domain="example.eu") == await found(town.DE, words="canary*") == [case]
    assert await found(town.CY, domain="example.eu") == await found(town.CY, words="canary*") == []

    await town.CY.act("accept", case)
    assert await found(town.CY, domain="example.eu") == await found(town.CY, words="canary*") == [case]


async def test_what_later_steps_say_is_found_too_and_facets_follow(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.carry()
    await town.CY.act("accept", case)
    await town.CY.act("reply", case, activity_legal_details="Nothing to reproach")
    await town.carry()
    today = town.clock.now().date()

    assert await found(town.DE, status="answered", role="sent", country="CY", authority="CY/consumer-protection") == [
        case
    ]
    assert await found(town.DE, status="awaiting_acceptance") == []
    assert await found(town.DE, words="reproach") == await found(town.CY, words="reproach") == [case]
    assert await found(town.CY, role="received", sent=Between(first=today, last=today)) == [case]
    assert await found(town.DE, number="2026-000001") == [case]
    assert await found(town.DE, number="000_01") == []
    assert await found(town.DE, sent=Between(last=today.replace(day=1))) == []


async def test_overdue_are_those_in_which_a_day_has_passed(town: Town) -> None:
    case = await town.DE.open("CY")
    assert await found(town.DE, overdue=True) == []

    town.clock.advance(days=60)
    assert await found(town.DE, overdue=True) == [case]

    await town.DE.act("withdraw", case)
    assert await found(town.DE, overdue=True) == []


async def test_no_word_of_it_can_be_read_in_the_store(town: Town) -> None:
    await town.DE.open("CY", "notification", provider_name="Canaryname", service_addresses=["https://canary.example"])
    await town.carry()

    for desk in town.desks.values():
        assert len(await found(desk, words="canaryname")) == 1
        raw = bytes_of(desk).lower()
        assert b"canary" not in raw


async def test_from_blocking_on_nothing_is_found_by_what_was_said(town: Town) -> None:
    case = await town.DE.open("CY", "notification", subject="Canaryname")
    other = await town.DE.open("CY", subject="Canaryname")
    await town.carry()
    await town.DE.act("close", case, procedure="notification")
    await town.carry()
    assert set(await found(town.CY, words="canaryname")) == {case, other}

    town.clock.advance(days=183)
    for desk in town.desks.values():
        await desk.runtime.tick()

    assert await found(town.DE, words="canaryname") == await found(town.CY, words="canaryname") == [other]
    assert await found(town.EC, words="canaryname") == []
    assert await found(town.EC, status="blocked") == await found(town.EC, number=case) == [case]
    assert await town.EC.counts("search_terms") == await town.EC.counts("search_sources") == 0


async def test_what_was_not_taken_in_before_blocking_is_never_taken_in(town: Town) -> None:
    case = await town.DE.open("CY", "notification", subject="Canaryname")
    await town.carry()
    await town.DE.act("close", case, procedure="notification")
    await town.carry()

    town.clock.advance(days=183)
    await town.EC.runtime.tick()

    assert await found(town.EC, words="canaryname") == []
    assert await town.EC.counts("search_terms") == 0


async def test_who_may_see_little_gets_full_pages_all_the_same(town: Town) -> None:
    cases = [await town.DE.open("CY") for _ in range(12)]
    mine = set(cases[::4])
    await town.DE.runtime.index()
    pages: list[list[str]] = []
    after: str | None = None
    while after is not None or not pages:
        page = await search.find(
            town.DE.seat, Query(words="fictitious", limit=2, after=after), lambda _, each: each.id in mine
        )
        pages.append([exchange.id for exchange in page.exchanges])
        after = page.next

    assert [case for page in pages for case in page] == sorted(mine, reverse=True)
    assert len(pages[0]) == 2


async def test_drafts_are_found_as_they_are_filled_in_and_under_their_number_when_sent(town: Town) -> None:
    country = {"country_of_establishment": "CY"}
    draft = (await town.DE.act("save", subject="Canaryshop first", **country)).id
    assert await found(town.DE, words="first") == await found(town.DE, status="draft") == [draft]

    await town.DE.act("save", draft, subject="Canaryshop second", **country)
    assert await found(town.DE, words="first") == []
    assert await found(town.DE, words="second canaryshop") == [draft]

    await town.DE.act("send", draft, subject="Canaryshop second", **country)
    await town.carry()
    assert await found(town.DE, words="second") == await found(town.CY, words="second") == [draft]
    assert await found(town.DE, status="draft") == []


async def test_a_draft_that_is_discarded_leaves_no_term(town: Town) -> None:
    draft = (await town.DE.act("save", subject="Canaryshop", country_of_establishment="CY")).id
    assert await found(town.DE, words="canaryshop") == [draft]

    await town.DE.act("discard", draft)

    assert await found(town.DE, words="canaryshop") == []
    assert await town.DE.counts("search_terms") == 0


async def test_what_was_made_outside_the_system_is_found_too(town: Town) -> None:
    record = await town.DE.act("record", procedure="outside", counterpart_country="CY", outside_subject="Canaryshop")

    assert await found(town.DE, words="canaryshop", procedure="outside", role="sent") == [record.id]


async def test_personal_data_lead_to_an_exchange_only_those_who_may_see_them(town: Town) -> None:
    case = await town.DE.open("CY", subject="Canaryshop", provider_name="Canaryname")

    async def found_without_the_right(**query: object) -> list[str]:
        given = Query.model_validate(query)
        page = await search.find(town.DE.seat, given, lambda right, _: right is not Right.SEE_PERSONAL)
        return [exchange.id for exchange in page.exchanges]

    assert await found(town.DE, words="canaryname") == await found(town.DE, provider="canaryname") == [case]
    assert await found_without_the_right(words="canaryname") == []
    assert await found_without_the_right(words="canaryshop canaryname") == []
    assert await found_without_the_right(provider="canaryname") == []
    assert await found_without_the_right(words="canaryshop", country="CY") == [case]


async def test_an_index_that_is_emptied_fills_itself_again(town: Town) -> None:
    case = await town.DE.open("CY", subject="Canaryname")
    assert await found(town.DE, words="canaryname") == [case]
    async with town.DE.seat.store.transaction() as db:
        await db.executescript("DELETE FROM search_terms; UPDATE search_progress SET statement = 0;")

    assert await found(town.DE, words="canaryname") == [case]


async def test_a_query_that_is_none_finds_nothing_and_says_why(town: Town) -> None:
    with pytest.raises(Unsearchable, match="no field colour"):
        await found(town.DE, words="colour:red")


async def test_an_authority_or_a_country_that_there_is_not_is_said_not_to_be_there(town: Town) -> None:
    await town.DE.open("CY")

    assert await found(town.DE, authority="EC/e-commerce") == []
    with pytest.raises(Unsearchable, match="no authority DE/nix is known here; `imi authority find --country DE`"):
        await found(town.DE, authority="DE/nix")
    with pytest.raises(Unsearchable, match="GR: Greece has the code EL"):
        await found(town.DE, country="GR")
    with pytest.raises(Unsearchable, match="there is no policy area nix"):
        await found(town.DE, area="nix")


async def test_a_busy_node_takes_few_into_the_index_and_catches_up_at_rest(town: Town) -> None:
    for _ in range(search.A_FEW + 2):
        await town.DE.open("CY")

    await town.DE.runtime.tick()
    assert await search_index.behind(town.DE.seat.store.read) == 2

    await town.DE.runtime.tick()
    assert await search_index.behind(town.DE.seat.store.read) == 0
