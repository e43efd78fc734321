"""A node under load: runs one in this process, opens exchanges with a peer, and times their receipts.

    python -m node.sandbox.load FOLDER PEER    reads one JSON order a line, answers each with one line

An exchange counts when the peer's signed receipt is verified and stored: accepted here, signed, sealed,
delivered, opened, verified and stored there, and receipted.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import uvloop

from node.app import RunningNode, collect_less, running
from node.config import read_config
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.sandbox.federation import default_authorities
from node.sandbox.filling import fill
from node.store import search_index
from schemas.exchange import Act
from schemas.frozen import Frozen


class Order(Frozen):
    """What to do: so many exchanges, as fast as the window allows, or at a steady rate."""

    area: Literal["bench", "e_commerce"]
    """A form of one text, or the request form of the e-Commerce pilot with all its fields."""
    count: int
    size: int
    """Bytes of free text in each form."""
    window: int = 0
    """Closed loop: exchanges under way at once."""
    rate: float = 0.0
    """Open loop: exchanges offered a second; each is timed from when it was due, not from when it was taken."""
    seed: int = 0


class Outcome(Frozen):
    """How it went."""

    seconds: float
    """From the first act to the last receipt."""
    processor_seconds: float
    """What this process used of the processors meanwhile, on all its threads."""
    latencies: tuple[float, ...]
    """Seconds from act to stored receipt, of each exchange."""


class Load:
    """One node, and the exchanges that it has under way."""

    def __init__(self, node: RunningNode, peer: str) -> None:
        """Watch the receipts of this node."""
        self._node = node
        self._peer = peer
        self._began: dict[str, float] = {}
        self._early: dict[str, float] = {}
        self._latencies: list[float] = []
        self._progress = asyncio.Event()
        node.runtime.seat.on_ended = self._note

    async def carry_out(self, order: Order) -> Outcome:
        """Open the exchanges that are ordered, and wait for all receipts."""
        acts = self._acts(order)
        self._latencies = []
        began, used = time.perf_counter(), time.process_time()
        if order.rate:
            await self._steadily(acts, order.rate)
        else:
            await self._in_window(acts, order.window)
        while len(self._latencies) < order.count:
            self._progress.clear()
            await self._progress.wait()
        return Outcome(
            seconds=time.perf_counter() - began,
            processor_seconds=time.process_time() - used,
            latencies=tuple(self._latencies),
        )

    async def _in_window(self, acts: Sequence[Act], window: int) -> None:
        async with asyncio.TaskGroup() as group:
            for number, act in enumerate(acts):
                while number - len(self._latencies) >= window:
                    self._progress.clear()
                    await self._progress.wait()
                group.create_task(self._open(act, time.perf_counter()))

    async def _steadily(self, acts: Sequence[Act], rate: float) -> None:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for number, act in enumerate(acts):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                group.create_task(self._open(act, due))

    async def _open(self, act: Act, began: float) -> None:
        exchange = await self._node.runtime.submit(act, OWN_ACCOUNT_ALONE)
        message = exchange.history[0].message
        if message in self._early:
            self._finish(self._early.pop(message) - began)
        else:
            self._began[message] = began

    def _note(self, messages: Sequence[str]) -> None:
        now = time.perf_counter()
        for message in messages:
            if message in self._began:
                self._finish(now - self._began.pop(message))
            else:
                self._early[message] = now

    def _finish(self, seconds: float) -> None:
        self._latencies.append(seconds)
        self._progress.set()

    def _acts(self, order: Order) -> list[Act]:
        seat = self._node.runtime.seat
        chance = random.Random(order.seed)  # noqa: S311  text to send, no secret
        authority = default_authorities(self._node.config.node)[0].id
        if order.area == "bench":
            form: dict[str, object] = {"country": self._peer}
            act = Act(step="send", authority=authority, area="bench", procedure="letter", form=form)
            field = "text"
        else:
            area = seat.newest_area("e_commerce")
            form = fill(area, "request", {"country_of_establishment": self._peer}, seat.clock.now())
            act = Act(step="send", authority=authority, procedure="request", form=form)
            field = "facts"
        texts = (_text(chance, order.size) for _ in range(order.count))
        return [act.model_copy(update={"form": {**form, field: text}}) for text in texts]


def _text(chance: random.Random, size: int) -> str:
    """Words that nobody has written, of about this many bytes."""
    words = []
    while size > 0:
        word = "".join(chance.choices("etaoinshrdlucmfwypvbgkjqxz", range(26, 0, -1), k=chance.randint(2, 10)))
        words.append(word)
        size -= len(word) + 1
    return " ".join(words)


async def _serve(folder: Path, peer: str) -> None:
    loop = asyncio.get_running_loop()
    async with running(read_config(folder)) as node:
        load = Load(node, peer)
        while not node.broker.health().connected:  # noqa: ASYNC110  the port has no event for it
            await asyncio.sleep(0.05)
        collect_less()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            outcome = await load.carry_out(Order.model_validate(json.loads(line)))
            while await search_index.behind(node.runtime.seat.store.read):
                await node.runtime.index()
            sys.stdout.write(outcome.model_dump_json() + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(_serve(Path(sys.argv[1]), sys.argv[2]))
