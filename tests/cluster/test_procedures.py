"""Requests and notifications in full, between nodes over RabbitMQ: dates, split, referral, reopening, versions."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from node.client import Declined
from node.sandbox.cluster import Arrangement, Cluster, cluster
from node.sandbox.federation import default_authorities
from node.sandbox.filling import fill
from schemas.authorities import Authority
from schemas.exchange import Act, Exchange
from schemas.identifiers import node_of
from tests.cluster.checking import require_one_truth

pytestmark = pytest.mark.asyncio(loop_scope="module")

NODES = ("DE", "CY", "IT", "EC")
MODULES = {"e_commerce": ("request", "notification")}


def _authorities() -> dict[str, tuple[Authority, ...]]:
    """Each country has its two; Cyprus one more for telecommunications, and one that acts for a local one."""
    telecom = Authority(id="CY/telecom", name="Telecommunications", modules=MODULES)
    central = Authority(id="CY/central", name="Central authority", modules=MODULES, acts_for=("CY/limassol",))
    named = {node: default_authorities(node) for node in NODES}
    return {**named, "CY": (*named["CY"], telecom, central)}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def c() -> AsyncIterator[Cluster]:
    async with cluster(*NODES, arrangement=Arrangement.ONE_PROCESS, authorities=_authorities()) as made:
        yield made


async def step(
    c: Cluster,
    case: str,
    name: str,
    by: str,
    *,
    addressed: str | None = None,
    on_behalf_of: str | None = None,
    **form: object,
) -> Exchange:
    """Take a step as an authority, and wait until all have it."""
    member = c[node_of(by)]
    exchange = (await member.exchange(case)).exchange
    declared = c.area.procedures[exchange.procedure].steps[name].form
    act = Act(
        step=name,
        authority=by,
        exchange=case,
        form=fill(c.area, declared, form, c.now()) if declared is not None else {},
        addressed=addressed,
        on_behalf_of=on_behalf_of,
    )
    after = await member.client.take(act)
    await c.settle()
    return after


async def copies(c: Cluster, case: str, *nodes: str) -> Exchange:
    """The exchange, which all these nodes hold alike but for the order of crossing steps."""
    found = [(await c[node].exchange(case)).exchange for node in nodes]
    for other in found[1:]:
        for what in ("state", "closed_at", "facts", "authorities", "further", "seen"):
            assert getattr(other, what) == getattr(found[0], what)
    await require_one_truth(c, [entry.message for entry in found[0].history])
    return found[0]


async def test_a_request_with_dates_a_split_a_referral_and_a_reopening(c: Cluster) -> None:
    case = await c.DE.send("request", to="CY", reply_requested_by="2030-01-10", authority="DE/consumer-protection")
    await c.settle()
    await step(c, case, "accept", "CY/central", on_behalf_of="CY/limassol", reply_proposed_by="2030-02-01")
    await step(c, case, "forward", "CY/central", addressed="CY/consumer-protection")
    await step(c, case, "accept", "CY/consumer-protection", reply_proposed_by="2030-02-10")
    await step(c, case, "ask_information", "CY/consumer-protection")
    await step(c, case, "give_information", "DE/consumer-protection")
    await step(c, case, "propose_date", "CY/consumer-protection", reply_proposed_by="2030-03-01")
    await step(c, case, "agree_date", "DE/consumer-protection", reply_agreed_by="2030-02-20")
    await step(c, case, "split", "CY/consumer-protection", addressed="CY/telecom", split_measures=["number_barring"])
    await step(c, case, "part_reply", "CY/telecom", part_measures=["number_barring"])
    exchange = await copies(c, case, "DE", "CY")

    assert exchange.state == "more_information_given"
    assert exchange.authorities["responding"] == "CY/consumer-protection"
    assert exchange.further == {"responding": ("CY/telecom",)}
    dates = ("reply_requested_by", "reply_proposed_by", "reply_agreed_by")
    assert [exchange.facts[name] for name in dates] == ["2030-01-10", "2030-03-01", "2030-02-20"]
    acceptance = next(entry for entry in exchange.history if entry.step == "accept")
    assert (acceptance.authority, acceptance.on_behalf_of) == ("CY/central", "CY/limassol")

    await step(c, case, "reply", "CY/consumer-protection")
    await step(c, case, "check", "DE/consumer-protection", satisfied="not_satisfied")
    await step(c, case, "refer", "DE/consumer-protection")
    await step(c, case, "reconsider", "CY/coordinator", reply_proposed_by="2030-04-01")
    await step(c, case, "reply", "CY/consumer-protection")
    await step(c, case, "close", "DE/consumer-protection", timeliness="fair", effort="good")
    closed = await copies(c, case, "DE", "CY")
    assert (closed.state, closed.facts["timeliness"], closed.facts["effort"]) == ("closed", "fair", "good")
    assert closed.authorities["responding"] == "CY/consumer-protection"

    await step(c, case, "suggest_reopening", "CY/coordinator")
    suggested = await copies(c, case, "DE", "CY")
    assert suggested.closed_at == closed.closed_at
    with pytest.raises(Declined):
        await step(c, case, "agree_suggestion", "CY/coordinator")
    await step(c, case, "agree_suggestion", "DE/coordinator")
    reopened = await copies(c, case, "DE", "CY")
    assert (reopened.state, reopened.closed_at) == ("accepted", None)


async def test_two_proposals_to_reopen_that_cross_are_an_agreement(c: Cluster) -> None:
    case = await c.DE.send("request", to="CY")
    await c.settle()
    for name, by in (("accept", "CY/telecom"), ("reply", "CY/telecom"), ("close", "DE/consumer-protection")):
        await step(c, case, name, by)

    assert c.rabbit is not None
    c.rabbit.pause()
    await c.DE.take("propose_reopening", case)
    await c.CY.take("suggest_reopening", case)
    states = [await c.DE.state(case), await c.CY.state(case)]
    c.rabbit.resume()
    await c.settle()

    assert states == ["reopening_proposed", "reopening_suggested"]
    reopened = await copies(c, case, "DE", "CY")
    assert (reopened.state, reopened.closed_at) == ("accepted", None)


async def test_two_people_of_one_authority_answer_at_once(c: Cluster) -> None:
    case = await c.DE.send("request", to="CY")
    await c.settle()
    await step(c, case, "accept", "CY/telecom")

    answers = (c.CY.take("reply", case, authority="CY/telecom") for _ in range(2))
    told = await asyncio.gather(*answers, return_exceptions=True)
    await c.settle()

    (taken,) = (one for one in told if isinstance(one, Exchange))
    (declined,) = (one for one in told if isinstance(one, Declined))
    assert taken.state == "answered"
    assert "stands at 'Answered'" in str(declined)

    assert [entry.step for entry in (await copies(c, case, "DE", "CY")).history] == ["send", "accept", "reply"]


async def test_an_amendment_and_a_comment_that_cross_both_count(c: Cluster) -> None:
    case = await c.DE.send("notification", to="CY", variant="intention", duration="permanent")
    await c.settle()
    await step(c, case, "open", "EC/e-commerce")

    assert c.rabbit is not None
    c.rabbit.pause()
    await c.DE.take("amend", case, duration="temporary", measure_ends_on="2030-01-01")
    await c.CY.take("comment", case, authority="CY/coordinator", comment_type="question")
    states = [await c[node].state(case) for node in ("DE", "CY")]
    c.rabbit.resume()
    await c.settle()

    assert states == ["amended", "open_for_comments"]
    amended = await copies(c, case, "DE", "CY", "EC")
    assert (amended.state, amended.facts["duration"]) == ("amended", "temporary")
    orders = {
        node: [entry.step for entry in (await c[node].exchange(case)).exchange.history] for node in ("DE", "CY", "EC")
    }
    assert orders["DE"] == ["send", "open", "amend", "comment"]
    assert orders["CY"] == ["send", "open", "comment", "amend"]
    assert sorted(orders["EC"]) == sorted(orders["DE"])
    shown = (await c.EC.exchange(case)).steps
    assert {each.step: each.form for each in shown}["comment"] is not None


async def test_a_notification_copied_from_a_request_amended_assessed_and_added_to(c: Cluster) -> None:
    request = await c.IT.send("request", to="CY", subject="Fake shop", persons=[], harm="Losses")
    await c.settle()
    await step(c, request, "refuse", "CY/telecom")
    draft = await c.IT.client.links.copy_into(request, "notification", "IT/consumer-protection")
    begun = (await c.IT.exchange(draft.id)).draft
    assert begun is not None
    assert (begun["subject"], begun["risk"], begun["requests"]) == ("Fake shop", "Losses", [request])

    # It is filled in but for the reasons that guards ask for: the refused request went before, so that none does.
    filled = fill(c.area, "notification", {**begun, "variant": "intention"}, c.now())
    plain = {
        name: answer for name, answer in filled.items() if name not in ("no_request_reason", "early_measure_reason")
    }
    sent = Act(step="send", authority="IT/consumer-protection", exchange=draft.id, form=plain)
    early = sent.model_copy(update={"form": {**plain, "measure_planned_on": "2020-01-01"}})
    with pytest.raises(Declined) as asked:
        await c.IT.client.take(early)
    assert [problem.field for problem in asked.value.problem.problems] == ["early_measure_reason"]
    case = (await c.IT.client.take(sent)).id
    await c.settle()

    await step(c, case, "open", "EC/e-commerce")
    await step(c, case, "amend", "IT/consumer-protection", duration="temporary", measure_ends_on="2030-01-01")
    await step(c, case, "comment", "CY/coordinator", comment_type="question")
    assert (await copies(c, case, *NODES[1:])).state == "amended"

    await step(c, case, "assess", "EC/e-commerce", assessment_status="examined", conclusion="incompatible_refrain")
    await step(c, case, "answer", "IT/consumer-protection", measure_response="changed")
    await step(c, case, "close", "IT/consumer-protection")
    closed = await copies(c, case, *NODES[1:])
    await step(c, case, "addendum", "IT/consumer-protection", duration="until_compliance")
    await step(c, case, "follow_up", "IT/consumer-protection", measure_result="lifted")
    told = await copies(c, case, *NODES[1:])
    assert (told.state, told.closed_at) == ("closed", closed.closed_at)
    assert [told.facts[name] for name in ("conclusion", "measure_response", "duration", "measure_result")] == [
        "incompatible_refrain",
        "changed",
        "until_compliance",
        "lifted",
    ]

    versions = {node: await c[node].client.links.versions(case) for node in NODES[1:]}
    assert versions["IT"] == versions["CY"] == versions["EC"]
    assert [[change.field for change in each.changes] for each in versions["EC"]] == [
        [],
        ["duration", "measure_ends_on"],
        ["duration"],
    ]

    # Cyprus knows the request that is followed; the Commission has never heard of it.
    (at_cyprus,), (at_commission,) = [await c[node].client.links.of(case) for node in ("CY", "EC")]
    assert (at_cyprus.kind, at_cyprus.exchange, at_cyprus.state) == ("follows", request, "refused")
    assert (at_commission.kind, at_commission.exchange, at_commission.state) == ("follows", None, None)


async def test_without_a_request_before_it_a_notification_says_why(c: Cluster) -> None:
    form = fill(c.area, "notification", {"country_of_establishment": "CY", "variant": "intention"}, c.now())
    reason = form.pop("no_request_reason")
    act = Act(step="send", authority="DE/consumer-protection", procedure="notification", form=form)

    with pytest.raises(Declined) as asked:
        await c.DE.client.take(act)
    (problem,) = asked.value.problem.problems
    assert problem.field == "no_request_reason"
    assert "Article 3(4)(b)" in problem.message

    sent = await c.DE.client.take(act.model_copy(update={"form": {**form, "no_request_reason": reason}}))
    await c.settle()
    assert await c.EC.state(sent.id) == "sent"


async def test_an_exchange_outside_the_system_is_recorded_and_linked_at_home_only(c: Cluster) -> None:
    begun = Act(
        step="save", authority="DE/consumer-protection", procedure="outside", form={"counterpart_country": "CY"}
    )
    case = (await c.DE.client.take(begun)).id
    note = await c.DE.client.attach(case, b"Dear colleagues", name="letter.txt", media_type="text/plain")
    form = fill(c.area, "outside", {"counterpart_country": "CY", "outside_on": "2020-02-03"}, c.now())
    form["outside_documents"] = [note.model_dump(mode="json", exclude_none=True)]
    recorded = await c.DE.client.take(Act(step="record", authority=begun.authority, exchange=case, form=form))
    request = await c.DE.send("request", to="CY")
    await c.settle()
    await c.DE.client.links.note(request, case, "follows")

    assert case.startswith("ECOM-OUT-DE-")
    assert recorded.closed_at is not None
    kept = await c.DE.exchange(case)
    assert kept.draft is not None
    assert kept.draft["outside_on"] == "2020-02-03"
    assert await c.DE.client.attachment(case, note.hash) == b"Dear colleagues"
    with pytest.raises(Declined):
        await c.CY.exchange(case)
    (link,), (back,) = await c.DE.client.links.of(request), await c.DE.client.links.of(case)
    assert (link.exchange, link.told, link.outgoing, back.exchange, back.outgoing) == (
        case,
        False,
        True,
        request,
        False,
    )
    assert await c.CY.client.links.of(request) == []
