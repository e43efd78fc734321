"""Who may do what, over real nodes and a real RabbitMQ: approval, need to know, dissemination, substitutes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from node.client import Declined
from node.sandbox.cluster import Arrangement, Cluster, Member, cluster
from node.sandbox.filling import fill
from node.verify import verify_evidence
from node.verify.archive import open_archive
from schemas.authorities import Authority, Coordination
from schemas.exchange import Act, Exchange
from schemas.people import Absence, Grant, Role
from schemas.register import AddUser, Change, ChangeAuthority, SetAbsence, UserLeaves
from tests.cluster.conftest import START

pytestmark = pytest.mark.asyncio(loop_scope="module")

People = dict[str, Member]

MODULES = {"e_commerce": ("request", "notification")}
CANARY = "Canary-Erika-Mustermann-1975"
PERSONAL = {"provider_kind": "natural_person", "provider_name": CANARY}

ROLES: dict[str, dict[str, tuple[str, Role]]] = {
    "DE": {
        "root": ("coordinator", "administrator"),
        "anna": ("media", "handler"),
        "ben": ("media", "approver"),
        "carl": ("other", "handler"),
    },
    "CY": {
        "root": ("coordinator", "administrator"),
        "despo": ("telecom", "handler"),
        "george": ("telecom", "handler"),
        "loukia": ("telecom", "allocator"),
        "nikos": ("telecom", "disseminator"),
        "sotiris": ("telecom", "viewer"),
        "eleni": ("consumers", "handler"),
        "maria": ("ministry", "viewer"),
    },
}


def authority(node: str, name: str, **more: object) -> Authority:
    return Authority.model_validate({"id": f"{node}/{name}", "name": name.title(), "modules": MODULES, **more})


def authorities(node: str) -> list[Authority]:
    names = sorted({name for name, _ in ROLES[node].values()} - {"coordinator"})
    national = authority(node, "coordinator", coordination=Coordination(national=True))
    return [national, *(authority(node, name) for name in names)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def staffed() -> AsyncIterator[tuple[Cluster, People]]:
    """Give Germany and Cyprus with users, and the Commission without; at home a request is approved before it goes."""
    async with cluster(
        "DE",
        "CY",
        "EC",
        arrangement=Arrangement.ONE_PROCESS,
        start=START,
        authorities={node: authorities(node) for node in ROLES},
    ) as c:
        people: People = {}
        for node, roles in ROLES.items():
            added: list[Change] = [
                AddUser(user=user, name=user.title(), grants=(Grant(authority=f"{node}/{name}", role=role),))
                for user, (name, role) in roles.items()
            ]
            if node == "DE":
                added.append(ChangeAuthority(authority=authority("DE", "media"), approval=("send",)))
            await c[node].client.register.change(*added)
            people |= {f"{node}/{user}": await c[node].as_user(user) for user in roles}
        yield c, people


@pytest.fixture
def c(staffed: tuple[Cluster, People]) -> Cluster:
    """Give the federation."""
    return staffed[0]


@pytest.fixture
def people(staffed: tuple[Cluster, People]) -> People:
    """Give its users, each at the own node."""
    return staffed[1]


async def denied(member: Member, case: str) -> tuple[int, str]:
    """What somebody hears who asks for a case that is not for him."""
    with pytest.raises(Declined) as caught:
        await member.exchange(case)
    return caught.value.problem.status, (caught.value.problem.detail or "").replace(case, "CASE")


async def declined_step(member: Member, case: str) -> tuple[int, str, str]:
    with pytest.raises(Declined) as caught:
        await member.client.take(Act(step="accept", authority="CY/consumers", exchange=case))
    problem = caught.value.problem
    return problem.status, problem.code, problem.detail.replace(case, "CASE")


async def draft(member: Member, c: Cluster, **form: object) -> str:
    content = fill(c.area, "request", {"country_of_establishment": "CY", **PERSONAL, **form}, c.now())
    act = Act(step="save", authority="DE/media", procedure="request", form=content, addressed="CY/telecom")
    return (await member.client.take(act)).id


def disclosed(archive: bytes, c: Cluster) -> bool:
    verdict = verify_evidence(open_archive(archive), areas={("e_commerce", 1): c.area})
    return CANARY in str([told.content for told in verdict.told])


async def sent(c: Cluster, people: People, **form: object) -> str:
    """A request of Germany's media authority to Cyprus's telecom authority, approved and delivered."""
    case = await draft(people["DE/anna"], c, **form)
    await people["DE/anna"].client.desk.submit(case, "send")
    await people["DE/ben"].client.desk.release(case, "send")
    await c.settle()
    return case


async def test_a_request_is_approved_before_it_is_sent(c: Cluster, people: People) -> None:
    anna, ben = people["DE/anna"], people["DE/ben"]
    with pytest.raises(Declined, match="submit it with `imi desk submit`") as told:
        await anna.send("request", to="CY", authority="DE/media")
    assert told.value.problem.status == 403

    case = await draft(anna, c)
    await anna.client.desk.submit(case, "send")
    [line] = await ben.client.desk.waiting()
    assert (line.exchange, line.pending.by, line.may_release) == (case, "anna", True)
    assert ((await ben.exchange(case)).draft or {})["provider_name"] == CANARY
    with pytest.raises(Declined, match="no right to release"):
        await anna.client.desk.release(case, "send")

    await ben.client.desk.send_back(case, "send", "Name the measure more clearly.")
    assert [each.pending.note for each in await anna.client.desk.waiting()] == ["Name the measure more clearly."]
    with pytest.raises(Declined, match="does not wait for approval"):
        await ben.client.desk.release(case, "send")

    await anna.client.take(Act(step="save", authority="DE/media", exchange=case, form={"subject": "Clearer"}))
    await anna.client.desk.submit(case, "send")
    released = await ben.client.desk.release(case, "send")
    await c.settle()
    assert (released.state, released.authorities["responding"]) == ("awaiting_acceptance", "CY/telecom")
    view = await anna.exchange(case)
    assert view.desk is not None
    assert view.steps[0].form is not None
    assert (view.desk.handlers, view.desk.pending, view.draft) == ({"DE/media": "anna"}, {}, None)
    assert (view.steps[0].form["subject"], view.steps[0].withheld) == ("Clearer", ())


async def test_a_step_of_an_exchange_under_way_is_prepared_and_discarded(c: Cluster, people: People) -> None:
    case, despo = await sent(c, people), people["CY/despo"]
    form = {"decision_document": [{"name": f"{CANARY}.pdf"}]}
    await despo.take("accept", case, authority="CY/telecom")
    await despo.client.desk.prepare(case, "reply", authority="CY/telecom", form=form)

    with pytest.raises(Declined) as caught:
        await despo.client.desk.submit(case, "reply")
    assert {each.field for each in caught.value.problem.problems} >= {"outcome"}, "an approver gets complete forms only"
    assert (await people["CY/george"].exchange(case)).pending == {"reply": form}
    assert CANARY not in (await people["CY/loukia"].exchange(case)).model_dump_json(), "an allocator needs no names"
    with pytest.raises(Declined, match="no right to prepare"):
        await people["CY/loukia"].client.desk.discard(case, "reply")

    await despo.take("reply", case, authority="CY/telecom")
    view = await despo.exchange(case)
    assert (view.pending, view.desk and view.desk.pending) == ({}, {})
    await c.settle()


async def test_before_acceptance_nobody_there_sees_personal_data(c: Cluster, people: People) -> None:
    case, despo = await sent(c, people), people["CY/despo"]
    before = await despo.exchange(case)
    assert CANARY not in before.model_dump_json()
    assert before.withheld == "before_acceptance"
    assert "provider_name" in before.steps[0].withheld
    assert not disclosed(await despo.client.evidence(case), c)

    await despo.take("accept", case, authority="CY/telecom")
    await c.settle()
    after = await despo.exchange(case)
    assert (after.withheld, after.steps[0].withheld) == ("", ())
    assert CANARY in after.model_dump_json()
    assert disclosed(await despo.client.evidence(case), c)


async def test_who_has_nothing_to_do_with_it_does_not_learn_that_it_is_there(c: Cluster, people: People) -> None:
    case = await sent(c, people)

    nowhere = "ECOM-REQ-DE-2026-000099"

    for name in ("CY/eleni", "CY/maria", "DE/carl"):
        stranger = people[name]
        assert (
            await denied(stranger, case) == await denied(stranger, nowhere) == (404, "this node knows no exchange CASE")
        )
        assert await declined_step(stranger, case) == await declined_step(stranger, nowhere)
        assert case not in [each.id for each in await stranger.client.exchanges()]
    assert case in [each.id for each in await people["CY/despo"].client.exchanges()]
    assert (await denied(c.CY, case))[0] == 403, "the node's own account operates the node, and sees no content"


async def test_two_at_once_get_one_clear_sentence(c: Cluster, people: People) -> None:
    case = await sent(c, people)
    await people["CY/loukia"].client.desk.allocate(case, "CY/telecom", "george")

    both = (people[name].take("accept", case, authority="CY/telecom") for name in ("CY/george", "CY/despo"))
    told = await asyncio.gather(*both, return_exceptions=True)

    (taken,) = (one for one in told if isinstance(one, Exchange))
    (declined,) = (one for one in told if isinstance(one, Declined))
    assert taken.state == "accepted"
    assert declined.problem.status == 409
    assert "stands at 'Accepted'" in str(declined)
    desk = (await people["CY/despo"].exchange(case)).desk
    assert desk is not None
    assert desk.handlers == {"CY/telecom": "george"}
    await c.settle()


async def test_a_substitute_acts_while_the_handler_is_away_and_who_left_is_nobody(c: Cluster, people: People) -> None:
    case = await sent(c, people)
    sotiris, root = people["CY/sotiris"], people["CY/root"].client.register
    day = c.now().date() + timedelta(days=1)
    await root.change(SetAbsence(user="despo", absence=Absence(first=day, last=day, substitute="sotiris")))

    with pytest.raises(Declined, match=r"no right to .* take steps"):
        await sotiris.take("accept", case, authority="CY/telecom")
    await c.advance(days=1)
    await sotiris.take("accept", case, authority="CY/telecom")
    await sotiris.take("reply", case, authority="CY/telecom")
    await c.advance(days=1)
    with pytest.raises(Declined, match=r"no right to .* take steps"):
        await sotiris.take("close", case, authority="CY/telecom")

    await root.change(UserLeaves(user="george"))
    assert (await denied(people["CY/george"], case))[0] == 401
    await c.settle()
    assert await people["DE/anna"].state(case) == "answered"


async def test_a_notification_is_passed_on_at_home(c: Cluster, people: People) -> None:
    carl, nikos, maria = people["DE/carl"], people["CY/nikos"], people["CY/maria"]
    content = fill(c.area, "notification", {"country_of_establishment": "CY", **PERSONAL}, c.now())
    act = Act(step="send", authority="DE/other", procedure="notification", form=content, addressed="CY/telecom")
    case = (await carl.client.take(act)).id
    await c.settle()
    await c.EC.take("open", case)
    await c.settle()

    assert (await denied(maria, case))[0] == 404
    with pytest.raises(Declined, match="is not an authority of this node"):
        await nikos.client.desk.disseminate(case, "DE/other")
    await nikos.client.desk.disseminate(case, "CY/ministry")

    assert CANARY in (await maria.exchange(case)).model_dump_json()
    assert [each.id for each in await maria.client.exchanges()] == [case]
    assert (await maria.exchange(case)).possible == ()
    with pytest.raises(Declined, match=r"no right to .* take steps"):
        await maria.take("comment", case, authority="CY/ministry")
    assert (await denied(people["CY/eleni"], case))[0] == 404
