"""What time it is: by the machine, or by a file that a simulation moves.

The law runs by this clock. How long to wait for a broker or a receipt does not: that is always real time.
"""

import mmap
import struct
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol

_MILLISECONDS = struct.Struct("<q")


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time, aware UTC, in whole milliseconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time, aware UTC, in whole milliseconds."""
        return datetime.fromtimestamp(time.time_ns() // 1_000_000 / 1000, UTC)


class SimulatedClock:
    """A clock that many processes share through a file, and that stands still until it is moved."""

    def __init__(self, path: Path) -> None:
        """Open the file; `create` makes it."""
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _MILLISECONDS.size)

    @classmethod
    def create(cls, path: Path, at: datetime) -> "SimulatedClock":
        """Make the file and set the time."""
        path.write_bytes(_MILLISECONDS.pack(0))
        clock = cls(path)
        clock.set(at)
        return clock

    def now(self) -> datetime:
        """The time, aware UTC, in whole milliseconds."""
        return datetime.fromtimestamp(_MILLISECONDS.unpack(self._memory[:])[0] / 1000, UTC)

    def set(self, at: datetime) -> None:
        """Move to a time; all processes see it at once."""
        self._memory[:] = _MILLISECONDS.pack(round(at.timestamp() * 1000))


def clock_of(setting: Literal["system"] | Path) -> Clock:
    """The clock that a node's configuration names."""
    return SystemClock() if setting == "system" else SimulatedClock(Path(setting))
