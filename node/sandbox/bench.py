"""How fast: receipted exchanges between two nodes, beside the broker's bare rate in the same run.

Both are measured on the same broker, in turns, so that a noisy machine disturbs both alike; what counts
is their ratio. Latency is measured at half of the rate that was reached, from when each exchange was due.
"""

import asyncio
import json
import os
import shutil
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from broker.tls import TlsFiles
from node.sandbox.cluster import CHECKOUT, Cluster, Member, cluster
from node.sandbox.existing_broker import BadBrokerAddress, NoListener, Way, take_way
from node.sandbox.federation import default_authorities
from node.sandbox.load import Order, Outcome
from schemas.authorities import Authority
from schemas.frozen import Frozen
from schemas.search import Query

SENDER, RECEIVER = "DE", "CY"
RAW_SENDER, RAW_RECEIVER = "AT", "BE"
"""Users of the same broker, with inboxes of the same kind."""

PAYLOAD_BYTES = 10 * 1024  # as in the Commission's own volume test of AS4 messages
AREAS: tuple[Literal["bench", "e_commerce"], ...] = ("bench", "e_commerce")
WINDOW = 600  # exchanges under way at once: what a backlog after an outage looks like


AREA_FILE = Path(__file__).with_name("bench_area.toml")

CANT_RUN = 2


class Figures(Frozen):
    """What one run measured."""

    payload_bytes: int
    rounds: int
    receipted_per_second: tuple[float, ...]
    """Exchanges whose form is one text."""
    full_form_per_second: tuple[float, ...]
    """Exchanges with the whole request form of the e-Commerce pilot: a salted digest for each of its fields."""
    raw_per_second: tuple[float, ...]
    ratios: tuple[float, ...]
    """Receipted to bare, of each round."""
    offered_per_second: float
    latency_p50_ms: float
    latency_p99_ms: float

    @property
    def ratio(self) -> float:
        """The median over the rounds of receipted to bare rate."""
        return statistics.median(self.ratios)


class _Program:
    """A Python program of ours that is spoken to by lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, module: str, *arguments: str) -> "_Program":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=64 * 1024 * 1024,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        )
        return cls(process)

    async def say(self, line: str) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(line.encode() + b"\n")
            await self._process.stdin.drain()

    async def hear(self) -> str:
        line = await self._process.stdout.readline() if self._process.stdout is not None else b""
        if not line:
            raise RuntimeError(f"a process of the benchmark ended early, with status {await self._process.wait()}")
        return line.decode()

    async def end(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


async def measure(
    *, rounds: int, count: int, raw_count: int, note: Callable[[str], None], way: Way | None = None
) -> Figures:
    """Measure so many rounds of each, in turns.

    Args:
        rounds: how often each is measured.
        count: exchanges in a round.
        raw_count: bare messages in a round.
        note: told in one line what is being done.
        way: to a broker that runs already; by default a private one is started.
    """
    async with cluster(
        SENDER,
        RECEIVER,
        guests=(RAW_SENDER, RAW_RECEIVER),
        authorities=_authorities(),
        way=way,
        on_progress=note,
    ) as made:
        for node in (SENDER, RECEIVER):  # areas are read at the start, and the sender runs within the load
            await made[node].stop()
            shutil.copy(AREA_FILE, made[node].config.areas)
        await made[RECEIVER].start()
        return await _in_turns(made, rounds=rounds, count=count, raw_count=raw_count, note=note)


def _authorities() -> dict[str, tuple[Authority, ...]]:
    return {
        node: tuple(
            authority.model_copy(update={"modules": {**authority.modules, "bench": ("letter",)}})
            for authority in default_authorities(node)
        )
        for node in (SENDER, RECEIVER)
    }


async def _until_indexed(member: Member) -> None:
    """Let the search index, which follows at a distance, catch up before something else is measured."""
    while (await member.client.search.find(Query(words="nothing"))).behind:
        pass


async def _in_turns(made: Cluster, *, rounds: int, count: int, raw_count: int, note: Callable[[str], None]) -> Figures:
    load = await _Program.start("node.sandbox.load", str(made[SENDER].config.folder), RECEIVER)
    try:
        await load.hear()
        note("warming up")
        for area in AREAS:
            await _order(load, Order(area=area, count=count // 4, size=PAYLOAD_BYTES, window=WINDOW))
        await _until_indexed(made[RECEIVER])
        rates: dict[str, list[float]] = {area: [] for area in AREAS}
        raw = []
        for number in range(1, rounds + 1):
            for area in AREAS:
                order = Order(area=area, count=count, size=PAYLOAD_BYTES, window=WINDOW, seed=number)
                rates[area].append(count / (await _order(load, order)).seconds)
                await _until_indexed(made[RECEIVER])
            raw.append(raw_count / await _raw_seconds(made, raw_count))
            note(
                f"round {number} of {rounds}: {rates['bench'][-1]:.0f}/s receipted, "
                f"{rates['e_commerce'][-1]:.0f}/s with the full form, {raw[-1]:.0f}/s bare"
            )
        offered = statistics.median(rates["bench"]) / 2
        note(f"latency at {offered:.0f}/s")
        order = Order(area="bench", count=round(offered * 5), size=PAYLOAD_BYTES, rate=offered, seed=rounds + 1)
        calm = await _order(load, order)
    finally:
        await load.end()
    ordered = sorted(calm.latencies)
    return Figures(
        payload_bytes=PAYLOAD_BYTES,
        rounds=rounds,
        receipted_per_second=tuple(rates["bench"]),
        full_form_per_second=tuple(rates["e_commerce"]),
        raw_per_second=tuple(raw),
        ratios=tuple(ours / bare for ours, bare in zip(rates["bench"], raw, strict=True)),
        offered_per_second=offered,
        latency_p50_ms=1000 * ordered[len(ordered) // 2],
        latency_p99_ms=1000 * ordered[int(len(ordered) * 0.99)],
    )


async def _order(load: _Program, order: Order) -> Outcome:
    await load.say(order.model_dump_json())
    return Outcome.model_validate_json(await load.hear())


async def _raw_seconds(made: Cluster, count: int) -> float:
    """From the first publish to the last acknowledgement, of two processes."""
    consumer = await _raw(made, "consume", RAW_RECEIVER, RAW_SENDER, count)
    await consumer.hear()
    publisher = await _raw(made, "publish", RAW_SENDER, RAW_RECEIVER, count)
    began = float(json.loads(await publisher.hear())["at"])
    ended = float(json.loads(await consumer.hear())["at"])
    return ended - began


async def _raw(made: Cluster, role: str, user: str, peer: str, count: int) -> _Program:
    folder = made.folder / user
    folder.mkdir(exist_ok=True)
    url = _link(made, user, folder)
    program = await _Program.start("broker.raw_rate", role, str(folder), user, peer, str(count), str(PAYLOAD_BYTES))
    await program.say(url)
    return program


def _link(made: Cluster, user: str, folder: Path) -> str:
    """Put the files of a user's link into a folder; returns the broker's address."""
    if made.rabbit is not None:
        made.rabbit.tls(user).copy_to(folder)
        return made.rabbit.url(user)
    if made.place is None:
        raise ValueError("the bare rate is measured on a RabbitMQ, not on the broker in memory")
    if made.place.authority is not None:
        TlsFiles.in_folder(folder).authority.write_bytes(made.place.authority)
    return made.place.urls[user]


def run(
    *,
    json_file: Path | None = None,
    rounds: int = 3,
    broker: str | None = None,
    count: int = 1500,
    raw_count: int = 6000,
) -> int:
    """Measure, print, and return the exit status: 0, or 2 where the broker can't be used.

    Args:
        json_file: where to write every number.
        rounds: how often each is measured.
        broker: the management API of a RabbitMQ that runs already, see `existing_broker`; None for a private one.
        count: exchanges in a round.
        raw_count: bare messages in a round.
    """
    console = Console(highlight=False)
    try:
        way = take_way(broker)
        figures = asyncio.run(measure(rounds=rounds, count=count, raw_count=raw_count, note=console.print, way=way))
    except (BadBrokerAddress, NoListener) as error:
        sys.stderr.write(f"{error}\n")
        return CANT_RUN
    _print(
        console, figures, "one private RabbitMQ, quorum queues, TLS" if way is None else "a RabbitMQ that runs already"
    )
    if json_file is not None:
        json_file.write_text(figures.model_dump_json(indent=1))
    return 0


def _print(console: Console, figures: Figures, over: str) -> None:
    table = Table(title=f"{PAYLOAD_BYTES // 1024} KiB payload, {over}")
    table.add_column("", no_wrap=True)
    table.add_column("a second, median", justify="right")
    table.add_column("range", justify="right")
    for label, rates in (
        ("exchanges, receipted: a form of one text", figures.receipted_per_second),
        ("exchanges, receipted: the whole request form", figures.full_form_per_second),
        ("bare aio-pika: publish, confirm, consume, ack", figures.raw_per_second),
    ):
        table.add_row(label, f"{statistics.median(rates):.0f}", f"{min(rates):.0f} to {max(rates):.0f}")
    console.print(table)
    console.print(
        f"ratio, median of {figures.rounds} rounds: {figures.ratio:.2f} "
        f"({min(figures.ratios):.2f} to {max(figures.ratios):.2f})\n"
        f"act to stored receipt at {figures.offered_per_second:.0f}/s: "
        f"p50 {figures.latency_p50_ms:.1f} ms, p99 {figures.latency_p99_ms:.1f} ms"
    )
