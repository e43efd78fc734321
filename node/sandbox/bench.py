"""How fast: receipted exchanges between two nodes, beside the broker's bare rate in the same run.

Both are measured on the same private broker, in turns, so that a noisy machine disturbs both alike; what counts
is their ratio. Latency is measured at half of the rate that was reached, from when each exchange was due.
"""

import asyncio
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.table import Table

from broker.provision import PrivateRabbit
from node.config import Config
from node.sandbox.cluster import CHECKOUT
from node.sandbox.federation import default_authorities, found
from node.sandbox.load import Order, Outcome
from schemas.authorities import Authority
from schemas.frozen import Frozen

SENDER, RECEIVER = "DE", "CY"
RAW_SENDER, RAW_RECEIVER = "AT", "BE"
"""Users of the same broker, with inboxes of the same kind."""

PAYLOAD_BYTES = 10 * 1024  # as in the Commission's own volume test of AS4 messages
AREAS: tuple[Literal["bench", "e_commerce"], ...] = ("bench", "e_commerce")
WINDOW = 600  # exchanges under way at once: what a backlog after an outage looks like


AREA_FILE = Path(__file__).with_name("bench_area.toml")


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


async def measure(*, rounds: int, count: int, raw_count: int, note: Callable[[str], None]) -> Figures:
    """Measure so many rounds of each, in turns.

    Args:
        rounds: how often each is measured.
        count: exchanges in a round.
        raw_count: bare messages in a round.
        note: told in one line what is being done.
    """
    with tempfile.TemporaryDirectory(prefix="imi-bench-") as name:
        folder = Path(name)
        note("starting a private RabbitMQ")
        async with PrivateRabbit(folder / "rabbitmq", [SENDER, RECEIVER, RAW_SENDER, RAW_RECEIVER]) as rabbit:
            configs = found(
                folder, [SENDER, RECEIVER], at=datetime.now(UTC), broker=rabbit.url(SENDER), authorities=_authorities()
            )
            for node, config in configs.items():
                rabbit.tls(node).copy_to(config.link)
                shutil.copy(AREA_FILE, config.areas)
            for node in (RAW_SENDER, RAW_RECEIVER):
                (folder / node).mkdir()
                rabbit.tls(node).copy_to(folder / node)
            return await _in_turns(configs, rabbit, folder, rounds=rounds, count=count, raw_count=raw_count, note=note)


def _authorities() -> dict[str, tuple[Authority, ...]]:
    return {
        node: tuple(
            authority.model_copy(update={"modules": {**authority.modules, "bench": ("letter",)}})
            for authority in default_authorities(node)
        )
        for node in (SENDER, RECEIVER)
    }


async def _in_turns(
    configs: dict[str, Config],
    rabbit: PrivateRabbit,
    folder: Path,
    *,
    rounds: int,
    count: int,
    raw_count: int,
    note: Callable[[str], None],
) -> Figures:
    receiver = await _Program.start("node.serve", str(configs[RECEIVER].folder))
    load = await _Program.start("node.sandbox.load", str(configs[SENDER].folder), RECEIVER)
    try:
        await load.hear()
        note("warming up")
        for area in AREAS:
            await _order(load, Order(area=area, count=count // 4, size=PAYLOAD_BYTES, window=WINDOW))
        rates: dict[str, list[float]] = {area: [] for area in AREAS}
        raw = []
        for number in range(1, rounds + 1):
            for area in AREAS:
                order = Order(area=area, count=count, size=PAYLOAD_BYTES, window=WINDOW, seed=number)
                rates[area].append(count / (await _order(load, order)).seconds)
            raw.append(raw_count / await _raw_seconds(rabbit.url(RAW_SENDER), folder, raw_count))
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
        await receiver.end()
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


async def _raw_seconds(url: str, folder: Path, count: int) -> float:
    """From the first publish to the last acknowledgement, of two processes."""
    size = str(PAYLOAD_BYTES)
    consumer = await _Program.start(
        "broker.raw_rate", "consume", url, str(folder / RAW_RECEIVER), RAW_RECEIVER, RAW_SENDER, str(count), size
    )
    await consumer.hear()
    publisher = await _Program.start(
        "broker.raw_rate", "publish", url, str(folder / RAW_SENDER), RAW_SENDER, RAW_RECEIVER, str(count), size
    )
    began = float(json.loads(await publisher.hear())["at"])
    ended = float(json.loads(await consumer.hear())["at"])
    return ended - began


def run(*, json_file: Path | None = None, rounds: int = 5, count: int = 3000, raw_count: int = 6000) -> int:
    """Measure, print, and return the exit status."""
    console = Console()
    figures = asyncio.run(measure(rounds=rounds, count=count, raw_count=raw_count, note=console.print))
    table = Table(title=f"{PAYLOAD_BYTES // 1024} KiB payload, one private RabbitMQ, quorum queues, TLS")
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
    if json_file is not None:
        json_file.write_text(figures.model_dump_json(indent=1))
    return 0
