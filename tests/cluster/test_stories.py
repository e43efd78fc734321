"""The stories of the field, over processes and a real broker; and that it stays blind meanwhile (G5)."""

import pytest

from node.client import Declined
from node.sandbox.cluster import Cluster
from node.sandbox.filling import fill
from schemas.exchange import Act
from tests.cluster.checking import require_one_truth
from tests.cluster.operator import Operator
from tests.properties.canaries import found

pytestmark = pytest.mark.asyncio(loop_scope="session")

CANARY = "Canary-Erika-Mustermann-1975"


async def test_a_request_is_accepted_answered_and_closed(c: Cluster) -> None:
    case = await c.DE.send("request", to="CY")
    await c.settle()
    assert await c.CY.state(case) == "awaiting_acceptance"
    with pytest.raises(Declined) as caught:
        await c.EC.exchange(case)
    assert caught.value.problem.status == 404

    await c.CY.take("accept", case)
    await c.settle()
    await c.CY.take("reply", case)
    await c.settle()
    await c.DE.take("close", case)
    await c.settle()

    views = [await member.exchange(case) for member in (c.DE, c.CY)]
    assert [view.exchange.state for view in views] == ["closed", "closed"]
    assert views[0].exchange == views[1].exchange
    assert [delivery.state for step in views[0].steps for delivery in step.deliveries] == ["delivered"] * 2


async def test_an_urgent_notification_is_opened_commented_and_assessed(c: Cluster, operator: Operator) -> None:
    async with operator.recording():
        case = await c.DE.send("notification", to="CY", variant="urgent", subject=CANARY, provider_name=CANARY)
        await c.settle()
        await c.EC.take("open", case)
        await c.settle()
        await c.CY.take("comment", case)
        await c.EC.take("assess", case)
        await c.settle()
        await c.DE.take("close", case)
        await c.settle()
        passed = await operator.recorded()

    views = [await member.exchange(case) for member in (c.DE, c.CY, c.EC)]
    assert {view.exchange.state for view in views} == {"closed"}
    assert [view.steps[0].form is not None and view.steps[0].form["subject"] for view in views] == [CANARY] * 3
    assert {len(view.steps) for view in views} == {5}
    assert len({str(sorted(entry.message for entry in view.exchange.history)) for view in views}) == 1
    words = [CANARY, case, "notification", "open_for_comments", "consumer-protection", "e_commerce", "establishment"]
    assert len(passed) >= 10
    assert found(words, b"\n".join(envelope for _, envelope in passed)) == []


async def test_a_withdrawal_that_crosses_an_acceptance_wins_on_both_nodes(c: Cluster) -> None:
    case = await c.DE.send("request", to="CY")
    await c.settle()
    assert c.rabbit is not None
    c.rabbit.pause()
    await c.DE.take("withdraw", case)
    await c.CY.take("accept", case)
    assert [await c.DE.state(case), await c.CY.state(case)] == ["withdrawn", "accepted"]

    c.rabbit.resume()
    await c.settle()

    copies = [(await member.exchange(case)).exchange for member in (c.DE, c.CY)]
    assert [copy.state for copy in copies] == ["withdrawn", "withdrawn"]
    assert copies[0].closed_at == copies[1].closed_at == c.now()
    assert [copy.history[-1].crossed for copy in copies] == [True, False]
    await require_one_truth(c, [entry.message for entry in copies[0].history])


BAD: dict[str, tuple[dict[str, object], str, str]] = {
    "a field is missing": ({"service_name": ""}, "service_name", "is mandatory"),
    "a field is wrong": ({"service_category": "casino"}, "service_category", "takes one of"),
    "the own country": ({"country_of_establishment": "DE"}, "country_of_establishment", "your own country"),
    "no ground": ({"grounds": []}, "grounds", "is mandatory"),
    "urgency without reasons": ({"variant": "urgent", "urgency_reasons": []}, "urgency_reasons", "is mandatory"),
    "an unknown field": ({"colour": "red"}, "colour", "no such field"),
}


@pytest.mark.parametrize(("form", "name", "words"), BAD.values(), ids=BAD)
async def test_bad_input_is_declined_with_the_field_and_the_remedy(
    c: Cluster, form: dict[str, object], name: str, words: str
) -> None:
    before = (await c.DE.client.status()).outbox

    right = fill(c.area, "notification", {"country_of_establishment": "CY", **form}, c.now())
    act = Act(step="send", authority="DE/consumer-protection", procedure="notification", form={**right, **form})

    with pytest.raises(Declined) as caught:
        await c.DE.client.take(act)

    told = {problem.field: problem.message for problem in caught.value.problem.problems}
    assert words in told[name]
    assert (await c.DE.client.status()).outbox == before


async def test_an_unknown_authority_is_declined(c: Cluster) -> None:
    with pytest.raises(Declined, match="no authority DE/nobody is known here"):
        await c.DE.send("request", to="CY", authority="DE/nobody")
