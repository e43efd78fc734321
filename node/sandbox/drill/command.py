"""The command: founds a federation, plays the drill, prints what was found, and leaves nothing behind."""

import asyncio
import logging
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from broker.provision import FolderInUse, PortInUse, RabbitFailed, RabbitMissing
from node.client import Declined, NodeAway
from node.sandbox.cluster import Arrangement, Cluster, NotReady, cluster
from node.sandbox.drill import report
from node.sandbox.drill.findings import Outcome
from node.sandbox.drill.people import authorities_of, employ
from node.sandbox.drill.stages import Course, Drill
from node.sandbox.federation import Validity
from node.sandbox.scratch import scratch_folder
from node.sandbox.translating import engines_here
from node.serve import CHATTY, JsonLines
from schemas.identifiers import COMMISSION

NODES = ("DE", "CY", "IT", "EC")

AS_EXPECTED, SURPRISED, CANT_RUN, INTERRUPTED = 0, 1, 2, 130

_START = datetime(2027, 8, 31, 9, 0, tzinfo=UTC)  # six months later there is no 31st
_LASTING = timedelta(days=9 * 366)
_MEBIBYTE = 1024 * 1024

_FAILURES = (Declined, FolderInUse, NodeAway, NotReady, PortInUse, RabbitFailed, RabbitMissing)


def run(*, json_file: Path | None) -> int:
    """Play the whole drill over node processes and a private RabbitMQ, print what was found, and return the status.

    Args:
        json_file: where to write every finding.

    Returns:
        0 when every canary is where it must be and nowhere else, 1 when not, 2 when the drill could not be played,
        130 when it was interrupted.
    """
    if json_file is not None and not json_file.absolute().parent.is_dir():
        return _refuse(f"{json_file}: there is no folder for it; make it first, or name another")
    console = Console(width=None if sys.stdout.isatty() else report.COLUMNS, highlight=False)
    try:
        outcome = asyncio.run(_interruptible(console.print))
    except _FAILURES as error:
        return _refuse(str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.stderr.write("Interrupted; everything that was started has been ended and removed.\n")
        return INTERRUPTED
    report.print_outcome(console, outcome)
    if json_file is not None:
        json_file.write_text(outcome.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return SURPRISED if outcome.surprises else AS_EXPECTED


def _refuse(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return CANT_RUN


async def _interruptible(say: Callable[[str], None]) -> Outcome:
    """Be ended by SIGTERM and SIGHUP as by Ctrl-C: in good order."""
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await drilled(NODES, Arrangement.PROCESSES, Course(), say)


async def drilled(
    nodes: tuple[str, ...], arrangement: Arrangement, course: Course, say: Callable[[str], None] = lambda _: None
) -> Outcome:
    """Play a drill over a federation of its own, and tell what was found.

    Args:
        nodes: who takes part.
        arrangement: how they run.
        course: how much is played.
        say: told what is being done.
    """
    began = time.monotonic()
    with scratch_folder("imi-drill-") as folder:
        async with _federation(folder, nodes, arrangement, say) as c:
            drill = Drill(c, course, say)
            await drill.play()
    looking = drill.looking
    return Outcome(
        nodes=nodes,
        cases=len(looking.docket.cases),
        canaries=len(looking.docket.sheet.canaries),
        files=looking.looked.files,
        letters=looking.looked.letters,
        mebibytes=looking.looked.size / _MEBIBYTE,
        answers=looking.looked.answers,
        seconds=round(time.monotonic() - began, 1),
        findings=tuple(looking.findings),
    )


@asynccontextmanager
async def _federation(
    folder: Path, nodes: tuple[str, ...], arrangement: Arrangement, say: Callable[[str], None]
) -> AsyncIterator[Cluster]:
    with _log_of_this_process(folder, arrangement):
        async with cluster(
            *nodes,
            arrangement=arrangement,
            start=_START,
            authorities={node: authorities_of(node) for node in nodes},
            validity=Validity(signing=_LASTING, sealing=_LASTING, directory=_LASTING),
            folder=folder,
            translation=await engines_here() if COMMISSION in nodes else None,
            on_progress=say,
        ) as c:
            await employ(c)
            await c.settle()
            yield c


@contextmanager
def _log_of_this_process(folder: Path, arrangement: Arrangement) -> Iterator[None]:
    """Keep what nodes in this process log where a process of its own would: in a file, to be searched."""
    if arrangement is Arrangement.PROCESSES:
        yield
        return
    handler = logging.FileHandler(folder / "nodes.log")
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in CHATTY}
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        root.setLevel(before)
        root.removeHandler(handler)
        handler.close()
