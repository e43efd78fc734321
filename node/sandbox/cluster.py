"""Many nodes on one machine, for integration tests, the demo and the pilot.

    async with cluster("DE", "CY", "EC") as c:
        case = await c.DE.send("request", to="CY")
        await c.settle()
        await c.CY.take("accept", case)
        await c.settle()
        assert (await c.DE.exchange(case)).state_label == "Accepted"

By default the nodes are processes of their own, over a private RabbitMQ with TLS, one user a node: real in
every part. `Arrangement.IN_PROCESS` runs them in this process over the in-process broker, whose faults a seed
reproduces.
"""

import asyncio
import os
import random
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from pathlib import Path

from starlette.applications import Starlette

from broker.guarded import GuardedProcess
from broker.memory import Faults, MemoryBroker, MemoryExchange
from broker.provision import PrivateRabbit
from node.app import running
from node.areas import load_areas
from node.client import NodeAway, NodeClient
from node.clock import SimulatedClock
from node.config import Config, Translation
from node.sandbox.existing_broker import Place, Way, place_on
from node.sandbox.federation import IN_PROCESS, Validity, default_authorities, found
from node.sandbox.filling import fill
from schemas.api import ExchangeView, NodeStatus
from schemas.authorities import Authority
from schemas.exchange import Act, Exchange
from schemas.policy_area import PolicyArea

READY_SECONDS = 90.0
SETTLE_SECONDS = 60.0
STOP_SECONDS = 15.0
_LOOK_SECONDS = 0.03

CHECKOUT = Path(__file__).parents[2]


class Arrangement(Enum):
    """How the nodes of a cluster run."""

    PROCESSES = auto()
    """Each node a process, over a private RabbitMQ."""
    ONE_PROCESS = auto()
    """All nodes in this process, each with its own store, keys and broker user, over a private RabbitMQ."""
    IN_PROCESS = auto()
    """All nodes in this process, over the in-process broker."""


class NotReady(Exception):
    """A node did not come up, or the cluster did not come to rest, in time; the message says what is open."""


class Member:
    """One node of a cluster."""

    def __init__(self, config: Config, cluster: "Cluster") -> None:
        """Know the node; `start` brings it up."""
        self.config = config
        self.node = config.node
        self._cluster = cluster
        self._life = AsyncExitStack()
        self._process: GuardedProcess | None = None
        self._api: Starlette | None = None
        self._client: NodeClient | None = None

    @property
    def client(self) -> NodeClient:
        """The node's API; the node has to be up."""
        if self._client is None:
            raise NotReady(f"{self.node} is down")
        return self._client

    @property
    def is_up(self) -> bool:
        """Whether the node was started, and not stopped or killed since."""
        return self._client is not None

    @property
    def process_group(self) -> int | None:
        """The group of the node's processes, where it has its own."""
        return self._process.group if self._process is not None else None

    async def start(self) -> None:
        """Bring the node up; it may not be connected to the broker yet."""
        if self._cluster.arrangement is Arrangement.PROCESSES:
            self._process = GuardedProcess(
                [sys.executable, "-m", "node.serve", str(self.config.folder)],
                folder=self.config.folder,
                log=self.config.folder / "node.log",
                environment={**os.environ, "PYTHONPATH": str(CHECKOUT)},
            )
            self._client = await self._life.enter_async_context(NodeClient.connect(self.config.socket))
        else:
            broker = MemoryBroker(self.node, self._cluster.memory) if self._cluster.memory is not None else None
            node = await self._life.enter_async_context(
                running(self.config, broker=broker, random=self._cluster.random)
            )
            self._api = node.api
            self._client = await self._life.enter_async_context(NodeClient.inside(node.api))

    async def as_user(self, name: str) -> "Member":
        """The same node as one of its users speaks to it, for as long as it is up."""
        door = (
            NodeClient.inside(self._api, user=name)
            if self._api is not None
            else NodeClient.connect(self.config.socket, user=name)
        )
        user = copy(self)
        user._client = await self._life.enter_async_context(door)  # noqa: SLF001  another face of ourselves
        return user

    async def stop(self) -> None:
        """Stop the node in good order."""
        self._client = None
        await self._life.aclose()
        if self._process is not None:
            await self._process.terminate(STOP_SECONDS)

    async def kill(self) -> None:
        """Kill the node's process (kill -9); only where it has one of its own."""
        if self._process is None:
            raise NotReady(f"{self.node} has no process of its own to kill")
        self._client = None
        self._process.kill()
        await self._life.aclose()

    async def ready(self) -> NodeStatus:
        """Wait until the node is up and connected."""
        deadline = _now() + READY_SECONDS
        while True:
            try:
                status = await self.client.status()
            except NodeAway:
                status = None
            if status is not None and status.ready:
                return status
            if self._process is not None and not self._process.is_running:
                raise NotReady(f"{self.node} ended while it started: {self._log_tail()}")
            if _now() > deadline:
                raise NotReady(f"{self.node} is not ready: {status.broker.detail if status else self._log_tail()}")
            await asyncio.sleep(_LOOK_SECONDS)

    async def send(self, procedure: str, to: str, *, authority: str | None = None, **form: object) -> str:
        """Open an exchange with another country, with a form that is right and says little; returns its number."""
        given = {"country_of_establishment": to, **form}
        area = self._cluster.area
        opening = area.procedures[procedure].opening
        exchange = await self._act(opening, given, procedure=procedure, authority=authority)
        return exchange.id

    async def take(self, step: str, exchange: str, *, authority: str | None = None, **form: object) -> Exchange:
        """Take a step in an exchange, with a form that is right and says little besides what is given.

        Raises:
            Declined: the node did not do it.
        """
        view = await self.client.exchange(exchange)
        return await self._act(step, form, procedure=view.exchange.procedure, authority=authority, exchange=exchange)

    async def exchange(self, exchange: str) -> ExchangeView:
        """This node's copy of an exchange; raises Declined if it has none."""
        return await self.client.exchange(exchange)

    async def state(self, exchange: str) -> str:
        """The state of an exchange in this node's copy."""
        return (await self.client.exchange(exchange)).exchange.state

    async def _act(
        self,
        step: str,
        form: Mapping[str, object],
        *,
        procedure: str,
        authority: str | None,
        exchange: str | None = None,
    ) -> Exchange:
        area = self._cluster.area
        form_name = area.procedures[procedure].steps[step].form
        answers = fill(area, form_name, form, self._cluster.now()) if form_name is not None else dict(form)
        act = Act(
            step=step,
            authority=authority or self._cluster.authorities[self.node][0].id,
            exchange=exchange,
            area=area.area,
            procedure=procedure,
            form=answers,
        )
        return await self.client.take(act)

    def _log_tail(self) -> str:
        log = self.config.folder / "node.log"
        return log.read_text(errors="replace")[-1500:] if log.exists() else "no log"


@dataclass
class Cluster:
    """The nodes, by party code: `c["DE"]` or `c.DE`."""

    folder: Path
    arrangement: Arrangement
    area: PolicyArea
    members: dict[str, Member] = field(default_factory=dict)
    authorities: dict[str, Sequence[Authority]] = field(default_factory=dict)
    rabbit: PrivateRabbit | None = None
    place: Place | None = field(default=None, repr=False)
    """On a broker that runs already; it holds the passwords of the nodes' users."""
    memory: MemoryExchange | None = None
    clock: SimulatedClock | None = None
    random: Callable[[int], bytes] = os.urandom

    def __getitem__(self, node: str) -> Member:
        """The node of a party."""
        return self.members[node]

    def __getattr__(self, node: str) -> Member:
        """The node of a party."""
        if node in self.__dict__.get("members", {}):
            return self.members[node]
        raise AttributeError(node)

    def now(self) -> datetime:
        """The time in the cluster: the simulated clock's, or the machine's."""
        return self.clock.now() if self.clock is not None else datetime.now(UTC)

    async def advance(self, **period: float) -> None:
        """Move the simulated clock (`days=7`) and let every node that is up do what has become due."""
        if self.clock is None:
            raise NotReady("this cluster goes by the machine's clock; give `start` to have a simulated one")
        self.clock.set(self.clock.now() + timedelta(**period))
        await _together(member.client.tick() for member in self.members.values() if member.is_up)

    async def settle(self, seconds: float = SETTLE_SECONDS) -> None:
        """Wait until every message of the nodes that are up has ended in a signed receipt, and nothing waits."""
        deadline = _now() + seconds
        while open_ends := await self._open_ends():
            if _now() > deadline:
                raise NotReady(f"not at rest after {seconds:g} s: {'; '.join(open_ends)}")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _open_ends(self) -> list[str]:
        ends = []
        for member in self.members.values():
            if member.is_up:
                status = await member.client.status()
                unsent = {state: status.outbox.get(state, 0) for state in ("waiting", "published")}
                if any(unsent.values()) or status.waiting or status.signals:
                    ends.append(f"{member.node}: outbox {unsent}, early {status.waiting}, signals {status.signals}")
        return ends


@asynccontextmanager
async def cluster(
    *nodes: str,
    arrangement: Arrangement = Arrangement.PROCESSES,
    start: datetime | None = None,
    seed: int | None = None,
    faults: Faults | None = None,
    authorities: Mapping[str, Sequence[Authority]] | None = None,
    validity: Validity | None = None,
    folder: Path | None = None,
    way: Way | None = None,
    guests: Sequence[str] = (),
    translation: Mapping[str, Translation] | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Cluster]:
    """Run a federation for as long as the block lasts, and leave nothing behind.

    Args:
        nodes: party codes; EC is the Commission, whose node is needed for notifications.
        arrangement: processes over RabbitMQ by default.
        start: run by a simulated clock that begins then; without it by the machine's.
        seed: makes keys, salts, ids and the in-process broker's faults reproducible.
        faults: of the in-process broker.
        authorities: of each node; without it each has two for e-Commerce.
        validity: of keys and directory.
        folder: where to put everything; a temporary folder by default.
        way: to a broker that runs already, as its administrator; by default a private one is started.
        guests: further users of the broker, who are no members.
        translation: of nodes that have engines.
        on_progress: told in one line what is being done.

    Raises:
        NotReady: a node did not come up in time.
        RabbitMissing, RabbitFailed: there is no RabbitMQ, or it did not come up.
        ManagementRefused, NoListener: the broker that runs already can't be used.
    """
    async with AsyncExitStack() as life:
        home = folder if folder is not None else Path(tempfile.mkdtemp(prefix="imi-"))
        life.callback(shutil.rmtree, home, ignore_errors=True)
        made = Cluster(folder=home, arrangement=arrangement, area=load_areas(home)["e_commerce", 1])
        if seed is not None:
            made.random = random.Random(seed).randbytes  # noqa: S311  a reproducible story, no secret
        if start is not None:
            made.clock = SimulatedClock.create(home / "clock", start)
        if arrangement is Arrangement.IN_PROCESS:
            made.memory = MemoryExchange(seed or 0, faults)
        else:
            await _join_rabbit(made, (*nodes, *guests), way, life, on_progress)
        on_progress(f"founding the federation of {', '.join(nodes)}")
        configs = _found(made, nodes, authorities, validity, translation)
        made.authorities = {node: (authorities or {}).get(node) or default_authorities(node) for node in nodes}
        made.members = {node: Member(config, made) for node, config in configs.items()}
        life.push_async_callback(lambda: _together(member.stop() for member in made.members.values()))
        on_progress(f"starting {len(nodes)} nodes")
        await _one_by_one(member.start() for member in made.members.values())
        await _together(member.ready() for member in made.members.values())
        yield made


async def _join_rabbit(
    made: Cluster, users: Sequence[str], way: Way | None, life: AsyncExitStack, on_progress: Callable[[str], None]
) -> None:
    if way is not None:
        made.place = await life.enter_async_context(place_on(way, users, on_progress=on_progress))
    else:
        on_progress("starting a private RabbitMQ")
        made.rabbit = await life.enter_async_context(PrivateRabbit(made.folder / "rabbitmq", users))


def _found(
    made: Cluster,
    nodes: Sequence[str],
    authorities: Mapping[str, Sequence[Authority]] | None,
    validity: Validity | None,
    translation: Mapping[str, Translation] | None,
) -> dict[str, Config]:
    configs = found(
        made.folder,
        nodes,
        at=made.now(),
        broker=made.rabbit.url(nodes[0]) if made.rabbit is not None else IN_PROCESS,
        clock=made.folder / "clock" if made.clock is not None else None,
        authorities=authorities,
        validity=validity,
        translation=translation,
        random=made.random,
    )
    if made.rabbit is not None:
        for node, config in configs.items():
            made.rabbit.tls(node).copy_to(config.link)
    if made.place is not None:
        return {node: made.place.connect(config) for node, config in configs.items()}
    return configs


async def _together(things: Iterable[Awaitable[object]]) -> None:
    await asyncio.gather(*things)


async def _one_by_one(things: Iterable[Awaitable[object]]) -> None:
    for thing in things:
        await thing


def _now() -> float:
    return asyncio.get_running_loop().time()
