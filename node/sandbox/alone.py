"""One node's seat without broker or process, to measure what it reads and how long that takes."""

import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from node.areas import load_areas
from node.ceremony.federation import DIRECTORY_FILE, ROOT_FILE
from node.clock import SystemClock
from node.crypto.keyring import load_keyring
from node.runtime import Seat
from node.runtime.trust import recall_trust
from node.sandbox.federation import found
from node.store.database import Store


@asynccontextmanager
async def seat_alone() -> AsyncIterator[Seat]:
    """Germany's seat in a new federation of two, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="imi-alone-") as name:
        folder = Path(name)
        config = found(folder, ["DE", "CY"], at=datetime.now(UTC))["DE"]
        store = await Store.open(folder / "alone.sqlite")
        try:
            root, directory = ((config.trust / file).read_text() for file in (ROOT_FILE, DIRECTORY_FILE))
            yield Seat(
                node="DE",
                areas=load_areas(config.areas),
                keyring=load_keyring(config.keys),
                trust=await recall_trust(store.read, root, directory),
                store=store,
                clock=SystemClock(),
                wall=SystemClock(),
                random=os.urandom,
            )
        finally:
            await store.close()


async def timed(name: str, act: Callable[[], Awaitable[object]], rounds: int) -> None:
    """Do something so many times, and print the median and the 95th percentile in milliseconds."""
    times = []
    for _ in range(rounds):
        began = perf_counter()
        await act()
        times.append(1000 * (perf_counter() - began))
    percentiles = quantiles(times, n=20, method="inclusive")
    print(f"{name:<32} p50 {percentiles[9]:8.2f} ms   p95 {percentiles[18]:8.2f} ms")  # noqa: T201  what it is for
