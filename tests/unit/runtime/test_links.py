"""Links lead to what one may see, and tell no more of the rest than that it is there; drafts are copied, not leaked."""

import pytest

from node.handlers.access import OWN_ACCOUNT_ALONE, Actor, Denied
from node.handlers.refused import Refused
from node.runtime.copying import copy_into
from node.runtime.reading import Unknown
from node.runtime.versions import versions_of
from schemas.people import Grant, User
from tests.unit.runtime.desks import START, Town

ALONE = OWN_ACCOUNT_ALONE


def user(role: str, authority: str = "DE/consumer-protection", *procedures: str) -> Actor:
    grant = Grant.model_validate({"authority": authority, "role": role, "procedures": procedures})
    return Actor(User(id="erika", name="Erika", since=START), grants=(grant,))


async def linked(town: Town) -> tuple[str, str]:
    """DE's request, and the notification that follows it."""
    request = await town.DE.open("CY")
    notification = await town.DE.open("CY", "notification", requests=[request])
    await town.carry()
    return request, notification


async def test_a_link_that_a_step_says_is_known_to_all_who_got_it(town: Town) -> None:
    request, notification = await linked(town)

    (forward,), (back,) = [await town.CY.runtime.links.of(name, ALONE) for name in (notification, request)]
    assert (forward.kind, forward.outgoing, forward.told, forward.exchange) == ("follows", True, True, request)
    assert (forward.state, forward.state_label) == ("awaiting_acceptance", "Awaiting acceptance")
    assert (back.kind, back.outgoing, back.exchange) == ("follows", False, notification)
    (at_commission,) = await town.EC.runtime.links.of(notification, ALONE)
    assert (at_commission.exchange, at_commission.state, at_commission.parties) == (None, None, {})


async def test_who_may_not_see_the_other_end_sees_only_that_it_is_there(town: Town) -> None:
    request, notification = await linked(town)

    (link,) = await town.DE.runtime.links.of(notification, user("viewer", "DE/consumer-protection", "notification"))
    assert (link.kind, link.exchange, link.state_label, link.area) == ("follows", None, None, None)
    with pytest.raises(Unknown):
        await town.DE.runtime.links.of(request, user("viewer", "DE/consumer-protection", "notification"))


async def test_a_link_noted_here_is_told_to_nobody(town: Town) -> None:
    one, other = await town.DE.open("CY"), await town.DE.open("CY")
    await town.carry()
    before = await town.DE.counts("statements")

    await town.DE.runtime.links.note(one, other, "relates_to", ALONE)
    await town.DE.runtime.links.note(one, other, "relates_to", ALONE)
    await town.carry()

    (link,) = await town.DE.runtime.links.of(other, ALONE)
    assert (link.exchange, link.told, link.outgoing) == (one, False, False)
    assert await town.CY.runtime.links.of(one, ALONE) == []
    assert await town.DE.counts("statements") == before
    notes = await town.DE.rows("SELECT subject FROM ledger WHERE action = 'link.noted'")
    assert notes == [(one,), (one,)]


async def test_nobody_links_what_he_may_not_work_on_or_does_not_know(town: Town) -> None:
    one, other = await town.DE.open("CY"), await town.DE.open("CY")
    note = town.DE.runtime.links.note

    with pytest.raises(Denied):
        await note(one, other, "relates_to", user("viewer"))
    with pytest.raises(Refused, match="knows no exchange"):
        await note(one, other, "relates_to", user("handler", "DE/another"))
    with pytest.raises(Refused, match="knows no exchange"):
        await note(one, "ECOM-REQ-DE-2026-000099", "relates_to", ALONE)
    with pytest.raises(Refused, match="can't be linked to itself"):
        await note(one, one, "relates_to", ALONE)


async def test_a_draft_copied_from_a_request_names_it_and_goes_on_as_any_draft(town: Town) -> None:
    request = await town.DE.open("CY", subject="Fake shop", provider_kind="natural_person", provider_name="Erika")
    await town.carry()

    draft = await copy_into(town.DE.runtime, request, "notification", "DE/consumer-protection", user("handler"))

    view = await town.DE.view(draft.id)
    assert (draft.state, draft.procedure, view.draft is not None) == ("draft", "notification", True)
    assert view.draft is not None
    assert (view.draft["provider_name"], view.draft["requests"]) == ("Erika", [request])
    assert await town.DE.runtime.links.of(request, ALONE) == []  # a draft tells nothing yet


async def test_what_is_not_to_be_seen_is_not_copied(town: Town) -> None:
    request = await town.DE.open("CY")
    await town.carry()
    await town.CY.act("refuse", request)
    await town.carry()

    with pytest.raises(Refused, match="was not sent by this country"):
        await copy_into(town.CY.runtime, request, "notification", "CY/consumer-protection", ALONE)
    with pytest.raises(Denied, match="to see personal data"):
        await copy_into(town.DE.runtime, request, "notification", "DE/coordinator", user("handler", "DE/coordinator"))
    with pytest.raises(Refused, match="does not say how"):
        await copy_into(town.DE.runtime, request, "outside", "DE/consumer-protection", ALONE)
    town.clock.advance(days=200)
    await town.DE.runtime.tick()
    with pytest.raises(Refused, match="blocked or deleted"):
        await copy_into(town.DE.runtime, request, "notification", "DE/consumer-protection", ALONE)
    assert await versions_of(town.DE.seat, request, ALONE) == []
