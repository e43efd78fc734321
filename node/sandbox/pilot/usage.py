"""How much memory the nodes use together, and how long the stages of a run take."""

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from schemas.frozen import Frozen

_PROCESSES = Path("/proc")


class Memory(Frozen):
    """Memory of many processes, in MiB."""

    proportional_mib: float
    """Pages that several share are counted once (PSS): what the machine really gives."""
    resident_mib: float
    """Pages that several share are counted for each of them (RSS)."""
    processes: int


class Stage(Frozen):
    """A part of a run."""

    name: str
    seconds: float


class Stopwatch:
    """Times stages, one after the other."""

    def __init__(self) -> None:
        """Begin with none."""
        self._begun: list[tuple[str, float]] = []

    def begin(self, stage: str) -> None:
        """End the stage before, and begin one."""
        self._begun.append((stage, time.monotonic()))

    def stages(self) -> tuple[Stage, ...]:
        """All stages so far; the last one lasts until now."""
        ends = [*(at for _, at in self._begun[1:]), time.monotonic()]
        return tuple(
            Stage(name=name, seconds=round(end - at, 2)) for (name, at), end in zip(self._begun, ends, strict=True)
        )


def memory_of(groups: Iterable[int]) -> Memory | None:
    """Add up the memory of all processes in these process groups; None where the system does not tell (not Linux)."""
    wanted = frozenset(groups)
    found = [sizes for sizes in _sizes(wanted) if sizes]
    if not found:
        return None
    return Memory(
        proportional_mib=round(sum(sizes["Pss"] for sizes in found) / 1024, 1),
        resident_mib=round(sum(sizes["Rss"] for sizes in found) / 1024, 1),
        processes=len(found),
    )


def _sizes(groups: frozenset[int]) -> Iterator[dict[str, int]]:
    """Kilobytes of each process, by the names of the kernel's documentation, filesystems/proc, smaps_rollup."""
    for folder in _PROCESSES.glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) in groups:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                yield {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
        except OSError:  # it has ended, or belongs to another user
            continue
