"""The command: sets up, replays, observes, judges, reports, and leaves nothing behind."""

import asyncio
import signal
import sys
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from broker.management import ManagementRefused
from broker.provision import FolderInUse, PortInUse, RabbitFailed, RabbitMissing
from node.client import NodeAway
from node.handlers.dates.periods import add_months
from node.sandbox.cases import BadCases, Pilot, read_cases
from node.sandbox.cluster import Cluster, NotReady, cluster
from node.sandbox.existing_broker import BadBrokerAddress, NoListener, Way, take_way
from node.sandbox.federation import Validity
from node.sandbox.pilot import report
from node.sandbox.pilot.figures import Period, periods_of
from node.sandbox.pilot.judgement import Outcome, judge
from node.sandbox.pilot.observation import Snapshot, observe_ending, take_snapshot
from node.sandbox.pilot.progress import progress
from node.sandbox.pilot.replay import NotDelivered, Replay, StepDeclined, authorities_of
from node.sandbox.pilot.usage import Memory, Stopwatch, memory_of
from node.sandbox.scratch import scratch_folder
from schemas.identifiers import COMMISSION
from schemas.parties import COUNTRIES

CASES_FILE = Path(__file__).parents[1] / "pilot_cases.json"

MAX_YEARS = 9
"""A root of trust lasts ten years (`ceremony.federation`), and none is renewed here."""

AS_EXPECTED, DIFFERENT, CANT_RUN, INTERRUPTED = 0, 1, 2, 130

_FAILURES = (
    BadBrokerAddress,
    BadCases,
    FolderInUse,
    ManagementRefused,
    NoListener,
    NodeAway,
    NotDelivered,
    NotReady,
    PortInUse,
    RabbitFailed,
    RabbitMissing,
    StepDeclined,
)

_BEFORE = timedelta(days=1)  # from the founding of the federation to the first step


def run(*, json_file: Path | None, cases: Path | None, broker: str | None = None) -> int:
    """Replay a history, print its figures, and return the exit status.

    Args:
        json_file: where to write every number.
        cases: another history of the same form, to whose file the figures are then compared; by default it is the
            pilot's, and the figures are compared with the Commission's report.
        broker: the management API of a RabbitMQ that runs already, see `existing_broker`; None for a private one.

    Returns:
        0 when every figure is equal or explained and every check holds, 1 when not, 2 when it could not run,
        130 when it was interrupted.
    """
    if json_file is not None and not json_file.absolute().parent.is_dir():
        return _refuse(f"{json_file}: there is no folder for it; make it first, or name another")
    console = Console(width=None if sys.stdout.isatty() else report.COLUMNS, highlight=False)
    try:
        pilot = _read(cases or CASES_FILE)
        way = take_way(broker)
        outcome = asyncio.run(_interruptible(pilot, console, way, against_report=cases is None))
    except _FAILURES as error:
        return _refuse(str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.stderr.write("Interrupted; everything that was started has been ended and removed.\n")
        return INTERRUPTED
    report.print_outcome(console, outcome)
    if json_file is not None:
        json_file.write_text(outcome.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return DIFFERENT if outcome.judgement.faults else AS_EXPECTED


def _refuse(reason: str) -> int:
    sys.stderr.write(f"{reason}\n")
    return CANT_RUN


def _read(path: Path) -> Pilot:
    pilot = read_cases(path)
    if not pilot.cases:
        raise BadCases(f"{path}: it has no case")
    if strangers := pilot.registry.keys() - COUNTRIES.keys():
        raise BadCases(f"{path}: registry: {', '.join(sorted(strangers))} is no country of the federation")
    first = min(case.events[0].at for case in pilot.cases)
    last = periods_of(pilot)[-1].as_of
    if add_months(first, 12 * MAX_YEARS) < last:
        raise BadCases(f"{path}: from {first:%Y} to {last:%Y} is too long; a history has at most {MAX_YEARS} years")
    return pilot


async def _interruptible(pilot: Pilot, console: Console, way: Way | None, *, against_report: bool) -> Outcome:
    """Be ended by SIGTERM and SIGHUP as by Ctrl-C: in good order."""
    task = asyncio.current_task()
    if task is not None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await _replayed(pilot, console, way, against_report=against_report)


async def _replayed(pilot: Pilot, console: Console, way: Way | None, *, against_report: bool) -> Outcome:
    periods = periods_of(pilot)
    start = min(periods[0].as_of, *(case.events[0].at for case in pilot.cases)) - _BEFORE
    lasting = periods[-1].as_of - start + timedelta(days=366)
    watch = Stopwatch()
    with scratch_folder("imi-pilot-") as folder, progress(console, _steps(pilot)) as bar:

        def begin(stage: str) -> None:
            name = stage.partition(" of ")[0]  # without the list of all nodes
            watch.begin(name)
            bar.say(name)

        async with cluster(
            *pilot.registry,
            COMMISSION,
            start=start,
            authorities=authorities_of(pilot),
            validity=Validity(signing=lasting, sealing=lasting, directory=lasting),
            folder=folder,
            way=way,
            on_progress=begin,
        ) as nodes:
            ready_seconds = watch.stages()[-1].seconds
            begin("replaying the history")
            replay = Replay(nodes, pilot, bar.step)
            snapshots = [await _play(replay, nodes, period) for period in periods]
            begin("reading what the nodes hold")
            ending = await observe_ending(nodes, snapshots[-1])
            memory = _memory(nodes)
            begin("stopping the nodes")
    stages = watch.stages()
    return Outcome(
        cases=len(replay.numbers),
        steps=replay.steps_taken,
        nodes=len(nodes.members),
        ready_seconds=ready_seconds,
        memory=memory,
        total_seconds=round(sum(stage.seconds for stage in stages), 1),
        stages=stages,
        judgement=judge(pilot, nodes.area, snapshots, ending, against_report=against_report),
    )


def _steps(pilot: Pilot) -> int:
    return sum(len(case.events) for case in pilot.cases)


async def _play(replay: Replay, nodes: Cluster, period: Period) -> Snapshot:
    await replay.play_until(period.as_of)
    return await take_snapshot(nodes, period.as_of)


def _memory(nodes: Cluster) -> Memory | None:
    return memory_of(member.process_group for member in nodes.members.values() if member.process_group is not None)
