"""A node that runs as a process of its own, without a broker, for tests of commands."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from broker.guarded import GuardedProcess
from node.config import Config, Translation
from node.sandbox.cluster import CHECKOUT
from node.sandbox.federation import found

PATIENCE_SECONDS = 60


@contextmanager
def germany(place: Path, translation: Translation | None = None) -> Iterator[Config]:
    """Run Germany's node, of a federation with Cyprus; nothing listens where its broker should be."""
    engines = {"DE": translation} if translation is not None else {}
    broker = "amqps://localhost:1"
    config = found(place, ("DE", "CY"), at=datetime.now(UTC), broker=broker, translation=engines)["DE"]
    process = GuardedProcess(
        [sys.executable, "-m", "node", "node", "run", str(config.folder)],
        folder=place,
        log=place / "log",
        environment={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not config.socket.exists():
            assert process.is_running, (place / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield config
    finally:
        process.kill()
