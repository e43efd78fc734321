"""Authorities and people over several nodes: three national structures, one scenario, and who may do what at home."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

import node.sandbox
from node.client import Declined, NodeClient
from node.handlers.registers.structures import changes_to
from node.sandbox.cluster import Arrangement, Cluster, Member, cluster
from node.sandbox.filling import fill
from schemas.authorities import Authority, Coordination
from schemas.exchange import Act, Exchange
from schemas.people import Absence, Grant, Role
from schemas.register import (
    AddUser,
    AuthorityQuery,
    GiveAccess,
    InviteAuthority,
    NameCoordinator,
    SetAbsence,
    UserLeaves,
    ValidateAuthority,
)
from schemas.structure import parse_structure

pytestmark = pytest.mark.asyncio(loop_scope="module")

STRUCTURES = {"DE": "federal", "CY": "central", "ES": "decentralised"}
FOLDER = Path(node.sandbox.__path__[0]) / "structures"
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def c() -> AsyncIterator[Cluster]:
    """Three countries of different structure and the Commission, each told of the others' authorities."""
    async with cluster(*STRUCTURES, "EC", arrangement=Arrangement.ONE_PROCESS, start=START) as made:
        for country, structure in STRUCTURES.items():
            await bring(made[country].client, structure)
        await told(made)
        yield made


async def bring(client: NodeClient, structure: str) -> None:
    """Bring a register to what a sample says."""
    view = await client.register.own()
    sample = parse_structure((FOLDER / f"{structure}.toml").read_text())
    await client.register.change_all(
        changes_to(sample, view.node, {each.authority.id: each for each in view.authorities})
    )


async def told(c: Cluster) -> None:
    """Let every node tell the others what has changed."""
    await c.advance(seconds=1)
    await c.settle()


async def act(
    c: Cluster, client: NodeClient, step: str, own: str, case: str | None = None, **changes: object
) -> Exchange:
    """Take a step of a request for an authority, with a form that is right."""
    form = c.area.procedures["request"].steps[step].form
    to = changes.pop("to", None)
    answers = fill(c.area, form, {"country_of_establishment": to} if to else {}, c.now()) if form is not None else {}
    intention = {"step": step, "authority": own, "exchange": case, "form": answers, **changes}
    return await client.take(Act.model_validate(intention))


async def test_anybody_finds_the_contact_and_the_coordinator_of_any_country_in_one_step(c: Cluster) -> None:
    for country in STRUCTURES:
        words = {"DE": "ONLINE-MARKTE", "CY": "marketplaces", "ES": "proteccion consumidores"}[country]
        query = AuthorityQuery(country=country, area="e_commerce", words=words)

        for member in c.members.values():
            found = await member.client.register.find(query)

            [authority] = found.authorities
            assert authority.id == f"{country}/market-authority"
            assert authority.contacts[0].email is not None
            assert found.coordinators[country].id == f"{country}/coordinator"
            assert found.coordinators[country].contacts[0].email == "imi@coordinator.example"


@pytest.mark.parametrize(("asks", "answers"), [("DE", "CY"), ("CY", "ES"), ("ES", "DE")])
async def test_the_same_request_goes_through_whatever_the_structure(c: Cluster, asks: str, answers: str) -> None:
    central, local = f"{asks}/market-authority", f"{asks}/trade-office-north"
    asker, answerer = c[asks], c[answers]

    case = (await act(c, asker.client, "send", central, to=answers, on_behalf_of=local)).id
    await c.settle()
    arrived = (await answerer.exchange(case)).exchange
    at_hand = arrived.authorities["responding"]
    if at_hand != f"{answers}/market-authority":  # it came to the coordinator, who passes it on
        await act(c, answerer.client, "forward", at_hand, case, addressed=f"{answers}/market-authority")
    await act(c, answerer.client, "accept", f"{answers}/market-authority", case)
    await c.settle()

    for member in (asker, answerer):
        known = (await member.exchange(case)).exchange
        assert known.state == "accepted"
        assert known.authorities == {"requesting": central, "responding": f"{answers}/market-authority"}
        assert (known.history[0].authority, known.history[0].on_behalf_of) == (central, local)


async def test_an_authority_acts_only_for_those_that_it_is_registered_to_act_for(c: Cluster) -> None:
    with pytest.raises(Declined, match="does not act on behalf of CY/coordinator"):
        await act(c, c.CY.client, "send", "CY/market-authority", to="ES", on_behalf_of="CY/coordinator")


async def user(c: Cluster, name: str, at: str, role: Role, *, by: Member) -> Member:
    """Register a user of Germany, and give his or her door."""
    grant = Grant(authority=f"DE/{at}", role=role)
    await by.client.register.change(AddUser(user=name, name=name.title(), grants=(grant,)))
    return await c.DE.as_user(name)


@dataclass
class Germany:
    """Users of Germany, and an authority in the South that its coordinator registered."""

    nina: Member
    """Administrator of the national coordinator."""
    sven: Member
    """Administrator of the coordinator of the South."""
    harbour: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def germany(c: Cluster) -> Germany:
    """Register the first users; from then on the node's own account does no case work there."""
    nina = await user(c, "nina", "coordinator", "administrator", by=c.DE)
    sven = await user(c, "sven", "coordinator-south", "administrator", by=nina)
    harbour = Authority(id="DE/harbour", name="Harbour Office", region="South")
    await sven.client.register.change(
        InviteAuthority(authority=harbour, areas=("e_commerce",)),
        ValidateAuthority(authority=harbour.id),
        GiveAccess(authority=harbour.id, area="e_commerce", procedures=("request",)),
    )
    return Germany(nina, sven, harbour.id)


@pytest.mark.usefixtures("germany")
async def test_from_the_first_user_on_the_own_account_gives_no_rights_and_does_no_case_work(c: Cluster) -> None:
    with pytest.raises(Declined, match="say which of them acts"):
        await user(c, "otto", "market-authority", "handler", by=c.DE)
    with pytest.raises(Declined, match="say which of them acts"):
        await act(c, c.DE.client, "send", "DE/market-authority", to="CY")


async def test_a_regional_coordinator_validates_in_its_region_only(c: Cluster, germany: Germany) -> None:
    lighthouse = Authority(id="DE/lighthouse", name="Lighthouse", region="Coast")
    await germany.nina.client.register.change(InviteAuthority(authority=lighthouse, areas=("e_commerce",)))

    with pytest.raises(Declined, match="no right to register and validate authorities for DE/lighthouse"):
        await germany.sven.client.register.change(ValidateAuthority(authority=lighthouse.id))
    await told(c)

    # What was validated is known abroad, what was only invited is not.
    modules = {"e_commerce": ("request",)}
    assert (await c.CY.client.register.authority(germany.harbour)).authority.modules == modules
    with pytest.raises(Declined, match="no authority DE/lighthouse is known here"):
        await c.CY.client.register.authority(lighthouse.id)


async def test_a_second_national_coordinator_is_refused(germany: Germany) -> None:
    second = NameCoordinator(authority=germany.harbour, coordination=Coordination(national=True))

    with pytest.raises(Declined, match="DE/coordinator is the national coordinator of Germany already"):
        await germany.nina.client.register.change(second)


async def test_a_substitute_acts_during_an_absence_and_nobody_for_one_who_left(c: Cluster, germany: Germany) -> None:
    hugo = await user(c, "hugo", "harbour", "handler", by=germany.sven)
    hanna = await user(c, "hanna", "harbour", "viewer", by=germany.sven)
    case = (await act(c, hugo.client, "send", germany.harbour, to="CY")).id
    with pytest.raises(Declined, match="hanna has no right"):
        await act(c, hanna.client, "withdraw", germany.harbour, case)

    today = c.now().date()
    week = Absence(first=today, last=today + timedelta(days=6), substitute="hanna")
    await hugo.client.register.change(SetAbsence(user="hugo", absence=week))
    assert (await act(c, hanna.client, "withdraw", germany.harbour, case)).state == "withdrawn"

    await germany.sven.client.register.change(UserLeaves(user="hugo"))
    with pytest.raises(Declined, match="hugo is a user of this node"):
        await act(c, hugo.client, "send", germany.harbour, to="CY")
    with pytest.raises(Declined, match="hanna has no right"):
        await act(c, hanna.client, "send", germany.harbour, to="CY")
    [left] = [each for each in await germany.sven.client.register.users() if each.id == "hugo"]
    assert left.left_at is not None
    assert left.left_at.date() == today
