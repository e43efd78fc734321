"""The law on personal data over real nodes and a real RabbitMQ: block, confirm, look, correct, delete."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from node.client import Declined
from node.sandbox.cluster import Arrangement, Cluster, Member, cluster
from node.sandbox.federation import Validity
from node.verify import verify_evidence
from node.verify.archive import open_archive
from schemas.api import ExchangeView
from schemas.people import Grant
from schemas.privacy import Asking, Decision, Detail, RectificationOrder
from schemas.register import AddUser
from tests.cluster.conftest import START, YEARS

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANARY = "Canary-Erika-Mustermann-1975"
RIGHT = "Canary-Erika-Musterfrau-1975"
DE, CY = "DE/consumer-protection", "CY/consumer-protection"
DETAIL = Detail(reasons="A court asks for it.", consent="Letter of 3 November, file 12")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def staffed() -> AsyncIterator[tuple[Cluster, Member, Member]]:
    """Give Germany with a handler and an approver, and Cyprus without users."""
    validity = Validity(signing=YEARS, sealing=YEARS, directory=YEARS)
    async with cluster("DE", "CY", "EC", arrangement=Arrangement.ONE_PROCESS, start=START, validity=validity) as c:
        await c.DE.client.register.change(
            AddUser(user="root", name="Root", grants=(Grant(authority="DE/coordinator", role="administrator"),)),
            AddUser(user="anna", name="Anna", grants=(Grant(authority=DE, role="handler"),)),
            AddUser(user="ben", name="Ben", grants=(Grant(authority=DE, role="approver"),)),
        )
        yield c, await c.DE.as_user("anna"), await c.DE.as_user("ben")


def blocked(view: ExchangeView) -> bool:
    return view.exchange.blocked_at is not None and all(step.form is None for step in view.steps)


async def require_proven(member: Member, c: Cluster, case: str, *, undisclosed: int | None = None) -> None:
    """What was erased, corrected and confirmed verifies offline together with the steps."""
    archive = open_archive(await member.client.evidence(case))
    verdict = verify_evidence(archive, areas={("e_commerce", 1): c.area})
    assert verdict.problems == ()
    if undisclosed is not None:
        assert verdict.told[0].undisclosed == undisclosed


async def answered(c: Cluster, anna: Member, **form: object) -> str:
    case = await anna.send("request", to="CY", authority=DE, provider_kind="natural_person", **form)
    await c.settle()
    await c.CY.take("accept", case)
    await c.CY.take("reply", case)
    await c.settle()
    return case


async def test_what_a_person_has_corrected_stands_beside_the_original_on_both_sides(
    staffed: tuple[Cluster, Member, Member],
) -> None:
    c, anna, _ = staffed
    case = await answered(c, anna, provider_name=CANARY)
    step = (await anna.exchange(case)).steps[0]
    request = await anna.client.privacy.ask(Asking(kind="correction", authority=DE, exchange=case, detail=DETAIL))
    assert request.due_on is not None
    assert (request.due_on - request.received_on).days == 30

    order = {"authority": DE, "about": step.message, "field": "provider_name", "request": request.number}
    await anna.client.privacy.rectify(
        case, RectificationOrder.model_validate({**order, "act": "corrects", "corrected": RIGHT})
    )
    await c.settle()

    for member in (anna, c.CY):
        first = (await member.exchange(case)).steps[0]
        assert first.form is not None
        assert first.form["provider_name"] == CANARY
        assert [(said.field, said.corrected, said.sender) for said in first.rectifications] == [
            ("provider_name", RIGHT, "DE")
        ]
    assert (await anna.client.privacy.requests())[0].status == "granted"

    erasing = {name: value for name, value in order.items() if name != "request"}
    await anna.client.privacy.rectify(case, RectificationOrder.model_validate({**erasing, "act": "erases"}))
    await c.settle()
    for member in (anna, c.CY):
        assert CANARY not in (await member.exchange(case)).model_dump_json()
        await require_proven(member, c, case, undisclosed=1)


async def test_one_side_blocks_early_both_confirm_and_two_persons_open_it_for_a_day(
    staffed: tuple[Cluster, Member, Member],
) -> None:
    c, anna, ben = staffed
    case = await answered(c, anna, provider_name=CANARY)
    await anna.take("close", case, authority=DE)
    await c.settle()

    await anna.client.privacy.block(case, DE)
    await c.settle()
    assert blocked(await anna.exchange(case))
    there = await c.CY.exchange(case)
    assert CANARY in there.model_dump_json(), "Cyprus decides for itself"
    assert there.retention is not None
    assert [(each.party, each.blocked_at is not None) for each in there.retention.others] == [("DE", True)]

    asking = Asking(kind="blocked_access", authority=DE, exchange=case, ground="proof_with_consent", detail=DETAIL)
    number = (await anna.client.privacy.ask(asking)).number
    with pytest.raises(Declined):
        await anna.client.privacy.decide(number, Decision(granted=True))
    await ben.client.privacy.decide(number, Decision(granted=True))
    assert CANARY in (await anna.client.privacy.look(number)).model_dump_json()
    assert blocked(await anna.exchange(case))
    with pytest.raises(Declined, match="nobody else"):
        await ben.client.privacy.look(number)

    await c.CY.client.privacy.block(case, CY)
    await c.settle()
    assert [each.blocked_at is not None for each in (await anna.client.privacy.retention(case)).others] == [True]
    await require_proven(anna, c, case)
    await c.advance(days=1)
    with pytest.raises(Declined, match="is over"):
        await anna.client.privacy.look(number)


async def test_early_deletion_reaches_a_node_that_was_away_and_is_confirmed(
    staffed: tuple[Cluster, Member, Member],
) -> None:
    c, anna, ben = staffed
    case = await answered(c, anna, provider_name=CANARY)
    await anna.take("close", case, authority=DE)
    await c.settle()
    await c.CY.stop()
    request = await anna.client.privacy.ask(Asking(kind="early_deletion", authority=DE, exchange=case, detail=DETAIL))
    await ben.client.privacy.decide(request.number, Decision(granted=True))
    await c.advance(days=8)
    [lacking] = await anna.client.privacy.unconfirmed()
    assert (lacking.exchange, [each.party for each in lacking.others if each.deleted_at is None]) == (case, ["CY"])

    await c.CY.start()
    await c.CY.ready()
    await c.settle(120)

    for member in (anna, c.CY):
        view = await member.exchange(case)
        assert view.exchange.deleted_at is not None
        assert CANARY not in view.model_dump_json()
        assert view.retention is not None
        assert all(each.deleted_at is not None for each in view.retention.others)
    assert await anna.client.privacy.unconfirmed() == []
    counts = await anna.client.privacy.counts()
    assert (counts.blocked_accesses, counts.early_deletions, counts.corrections) == (1, 1, 1)


async def test_a_node_that_comes_back_late_has_blocked_before_it_serves_its_first_page(
    staffed: tuple[Cluster, Member, Member],
) -> None:
    c, anna, _ = staffed
    case = await answered(c, anna, provider_name=CANARY)
    await anna.take("close", case, authority=DE)
    await c.settle()
    await c.CY.stop()
    await c.advance(days=200)

    await c.CY.start()

    assert blocked(await c.CY.exchange(case)), "the very first page"
    await c.settle(120)
    assert [each.blocked_at is not None for each in (await anna.client.privacy.retention(case)).others] == [True]
