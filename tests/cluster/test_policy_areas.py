"""A new policy area is a file: laid into nodes' folders, or published by the Commission to nodes that run.

One declaration serves for all stories, a copy of one that comes with the program, under another name and code. No
Python knows either.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from node.areas import BUILT_IN, check
from node.cli import main
from node.client import Declined
from node.sandbox.cluster import Arrangement, Cluster, Member, cluster
from node.sandbox.federation import default_authorities
from node.sandbox.filling import fill
from schemas.authorities import Authority
from schemas.declaration import parse_policy_area
from schemas.exchange import Act, Exchange
from schemas.policy_area import PolicyArea
from schemas.publication import Publishing, Stage

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHECKOUT = Path(__file__).parents[2]
NAME = "craft_cards"
LAID_IN = "laid_in"
TEXT = (
    (BUILT_IN / "professional_qualifications.toml")
    .read_text()
    .replace('area = "professional_qualifications"', f'area = "{NAME}"')
    .replace('code = "PQ"', 'code = "CRAFT"')
)
SECOND = TEXT.replace("version = 1\n", "version = 2\n").replace('label = "Documents"', 'label = "Papers"')
DIVERGING = TEXT.replace('crossing = { withdrawn = "withdrawn" }\n', "", 1).replace("version = 1", "version = 3")


def authorities(node: str) -> Sequence[Authority]:
    """The authorities of a node, registered for every policy area of these stories."""
    modules = {
        NAME: ("information",),
        LAID_IN: ("information",),
        "services": ("request", "notification", "urgent_notification"),
    }
    return [each.model_copy(update={"modules": {**each.modules, **modules}}) for each in default_authorities(node)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def c() -> AsyncIterator[Cluster]:
    """Three nodes over a private RabbitMQ, whose authorities are registered for more than e-Commerce."""
    nodes = ("DE", "CY", "EC")
    registered = {node: authorities(node) for node in nodes}
    async with cluster(*nodes, arrangement=Arrangement.ONE_PROCESS, authorities=registered) as made:
        yield made


async def act(
    c: Cluster, member: Member, area: PolicyArea, step: str, exchange: str | None = None, **form: object
) -> Exchange:
    """Take a step of any policy area, with a form that is right and says little besides what is given."""
    procedure = (
        next(iter(area.procedures)) if exchange is None else (await member.exchange(exchange)).exchange.procedure
    )
    name = area.procedures[procedure].steps[step].form
    answers = fill(area, name, form, c.now()) if name is not None else {}
    authority = c.authorities[member.node][0].id
    return await member.client.take(
        Act(step=step, authority=authority, exchange=exchange, area=area.area, procedure=procedure, form=answers)
    )


async def answer(c: Cluster, area: PolicyArea, case: str) -> None:
    """Carry an opened request from its acceptance to its formal closure."""
    for member, step in ((c.CY, "accept"), (c.CY, "reply"), (c.DE, "check"), (c.DE, "close")):
        await act(c, member, area, step, case)
        await c.settle()


async def publish(c: Cluster, text: str, stage: Stage, *, since: datetime | None = None) -> int:
    count = await c.EC.client.declarations.publish(Publishing(text=text, stage=stage, since=since or c.now()))
    await c.settle()
    return count


async def stages(member: Member) -> dict[int, Stage | None]:
    return {each.version: each.stage for each in await member.client.declarations.all() if each.area == NAME}


async def test_a_copied_declaration_in_the_nodes_folders_is_a_policy_area_that_works(c: Cluster) -> None:
    text = TEXT.replace(NAME, LAID_IN).replace('"CRAFT"', '"LAID"')
    area = parse_policy_area(text)
    with pytest.raises(Declined, match=f"there is no policy area {LAID_IN}"):
        await act(c, c.DE, area, "send", country_asked="CY")

    for member in (c.DE, c.CY):
        await member.stop()
        member.config.areas.mkdir(exist_ok=True)
        (member.config.areas / "laid_in.toml").write_text(text)
        await member.start()
        await member.ready()

    case = (await act(c, c.DE, area, "send", country_asked="CY")).id
    await c.settle()
    await answer(c, area, case)
    assert [(await member.exchange(case)).exchange.state for member in (c.DE, c.CY)] == ["closed", "closed"]
    known = {each.area: each for each in await c.CY.client.declarations.all()}
    assert known.keys() >= {"e_commerce", "services", "professional_qualifications", LAID_IN}
    assert (known[LAID_IN].is_open, known[LAID_IN].is_published) == (True, False)


async def test_a_policy_area_is_published_in_consultation_then_in_force_and_an_exchange_goes_through(
    c: Cluster,
) -> None:
    area = parse_policy_area(TEXT)
    with pytest.raises(Declined, match="only the Commission publishes declarations, and this node is DE"):
        await c.DE.client.declarations.publish(Publishing(text=TEXT, stage="in_force"))
    with pytest.raises(Declined, match=f"there is no policy area {NAME}"):
        await act(c, c.DE, area, "send", country_asked="CY")

    assert await publish(c, TEXT, "consultation") == 2
    for member in (c.DE, c.CY, c.EC):
        assert await stages(member) == {1: "consultation"}
        assert (await member.client.declarations.show(NAME)).text == TEXT
    with pytest.raises(Declined, match="is not in force"):
        await act(c, c.DE, area, "send", country_asked="CY")

    await publish(c, TEXT, "in_force")
    case = (await act(c, c.DE, area, "send", country_asked="CY")).id
    await c.settle()
    assert case.startswith("CRAFT-INF-DE-")
    assert (await c.CY.exchange(case)).exchange.state == "awaiting_acceptance"
    await answer(c, area, case)

    views = [await member.exchange(case) for member in (c.DE, c.CY)]
    assert [view.exchange.state for view in views] == ["closed", "closed"]
    assert views[0].exchange.facts == views[1].exchange.facts
    with pytest.raises(Declined):
        await c.EC.exchange(case)


async def test_an_exchange_keeps_the_version_that_it_began_with_and_what_is_retired_begins_no_more(c: Cluster) -> None:
    first, second = parse_policy_area(TEXT), parse_policy_area(SECOND)
    old = (await act(c, c.DE, first, "send", country_asked="CY")).id
    await c.settle()

    await publish(c, SECOND, "in_force")
    new = (await act(c, c.DE, second, "send", country_asked="CY")).id
    await c.settle()
    assert [(await c.CY.exchange(case)).exchange.version for case in (old, new)] == [1, 2]

    await c.CY.stop()
    await publish_to_those_who_are_up(c, TEXT, "retired")
    await c.CY.start()
    await c.CY.ready()
    await c.settle()
    for member in (c.DE, c.CY, c.EC):
        assert await stages(member) == {1: "retired", 2: "in_force"}
    await answer(c, first, old)
    await publish(c, SECOND, "retired")
    await answer(c, second, new)
    for member in (c.DE, c.CY):
        for case, version in ((old, 1), (new, 2)):
            kept = (await member.exchange(case)).exchange
            assert (kept.state, kept.version) == ("closed", version)

    for member, other in ((c.DE, "CY"), (c.CY, "DE")):
        with pytest.raises(Declined, match="version 2, was retired"):
            await act(c, member, second, "send", country_asked=other)
    assert [await member.client.quarantine() for member in c.members.values()] == [[], [], []]


async def publish_to_those_who_are_up(c: Cluster, text: str, stage: Stage) -> None:
    await c.EC.client.declarations.publish(Publishing(text=text, stage=stage, since=c.now()))


async def test_a_changed_text_and_a_step_back_are_refused_where_they_would_be_published(c: Cluster) -> None:
    for text, stage, words in (
        (f"{SECOND}# changed\n", "retired", "a changed text needs a new version number"),
        (SECOND, "in_force", "can't be in force again"),
        (TEXT.replace('"CRAFT"', '"ECOM"').replace(NAME, "other"), "in_force", "the code ECOM belongs to e_commerce"),
        (DIVERGING, "in_force", "the copies of an exchange can come to differ"),
    ):
        publishing = Publishing.model_validate({"text": text, "stage": stage, "since": c.now() + timedelta(days=1)})
        with pytest.raises(Declined, match=words):
            await c.EC.client.declarations.publish(publishing)


async def test_a_case_by_case_derogation_goes_to_the_commission_and_to_the_country_of_establishment(c: Cluster) -> None:
    area = parse_policy_area((BUILT_IN / "services.toml").read_text())
    authority = c.authorities["DE"][0].id
    form = fill(area, "notification", {"provider_country": "CY", "no_request_reason": "Exercise."}, c.now())
    case = (
        await c.DE.client.take(
            Act(step="send", authority=authority, area="services", procedure="notification", form=form)
        )
    ).id
    await c.settle()

    await act(c, c.CY, area, "comment", case)
    await act(c, c.EC, area, "assess", case)
    await c.settle()
    await act(c, c.DE, area, "report_result", case)
    await act(c, c.DE, area, "close", case)
    await c.settle()

    copies = [(await member.exchange(case)).exchange for member in (c.DE, c.CY, c.EC)]
    assert {copy.state for copy in copies} == {"closed"}
    assert {len(copy.history) for copy in copies} == {5}


@pytest.mark.parametrize("name", ["e_commerce", "services", "professional_qualifications"])
async def test_the_declarations_that_come_with_the_program_hold_together(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(BUILT_IN / f"{name}.toml")]) == 0
    assert "holds together" in capsys.readouterr().out


async def test_no_python_of_the_node_knows_a_policy_area_by_name() -> None:
    names = {check(path.read_text()).area for path in BUILT_IN.glob("*.toml")} - {"e_commerce"}

    files = [path for folder in ("schemas", "broker", "node") for path in (CHECKOUT / folder).rglob("*.py")]

    assert len(files) > 100
    assert [path.name for path in files for name in names if f'"{name}"' in path.read_text()] == []
