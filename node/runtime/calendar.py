"""What time alone brings about: blocking, deletion, reminders, alarms, asking for what is missing."""

from dataclasses import dataclass
from datetime import timedelta

from node.handlers.dates.due import after_time, latest_blocking_at
from node.handlers.dates.notices import remind
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.persons.retention import missing
from node.runtime.retention import carry_out
from node.runtime.working_set import WorkingSet
from node.store import attachments, data_keys, exchanges, notices, quarantine, signals
from node.store import waiting as early

GROUP = 500  # exchanges handled with one commit
QUARANTINE_ENTRIES = 10_000  # the oldest beyond these are let go: anybody may send rubbish
SIGNALS_WAITING = 1000  # while so many can't be published, asking for more would only pile up
RECEIPT_WITHIN = timedelta(days=1)  # by the law's clock: without one by then there is an alarm
STRAY_FILES = timedelta(days=30)  # as long as a node may be away
PATIENCE = timedelta(seconds=2)  # real time that a gap may stay before the sender is asked


@dataclass(frozen=True, slots=True)
class Done:
    """How many exchanges were due, and how many were blocked or deleted."""

    due: int
    changed: int


async def do_what_is_due(work: WorkingSet) -> Done:
    """Block, delete and remind by the node's clock (IMI Regulation, Art. 14); call again until nothing is due."""
    now = work.seat.clock.now()
    due = await exchanges.due(work.db, now, GROUP)
    await work.include(due)
    changed = 0
    for name in due:
        before = work.exchanges[name]
        area = work.seat.area(before.area, before.version)
        after = after_time(before, area, now)
        await carry_out(work, before, after)
        changed += after != before
        reminded, told = remind(after, area, node=work.seat.node, calendar=public_holidays, now=now)
        looked, lacking = missing(reminded, latest_blocking_at(after, area), node=work.seat.node, now=now)
        work.notices += (*told, *lacking)
        work.change(looked)
    return Done(len(due), changed)


async def raise_alarms(work: WorkingSet) -> int:
    """Tell of steps that a party refused, or has not signed for in time; returns of how many."""
    now = work.seat.clock.now()
    await notices.settle_received(work.db, now)
    missing = await notices.unreceived(work.db, now - RECEIPT_WITHIN, GROUP)
    work.notices += (each.model_copy(update={"at": now}) for each in missing)
    return len(missing)


async def forget_stray_files(work: WorkingSet) -> int:
    """Remove pieces of files whose exchange was never opened, however long one waits; returns of how many exchanges."""
    stray = await attachments.stray(work.db, work.seat.clock.now() - STRAY_FILES)
    await data_keys.destroy(work.db, stray)
    for name in stray:
        await attachments.erase(work.db, name)
        work.note(work.seat.node, "files.forgotten", name)
    return len(stray)


async def ask_for_missing(work: WorkingSet) -> None:
    """Ask each peer whose stream has a gap to send the missing numbers again."""
    oldest = await early.oldest_since(work.db)
    if oldest is None or oldest > work.seat.wall.now() - PATIENCE or await signals.count(work.db) > SIGNALS_WAITING:
        return
    for peer, numbers in (await early.numbers(work.db)).items():
        gaps = gaps_before(work.stream(peer).next_in, numbers)
        if gaps:
            work.ask_again(peer, gaps)


def gaps_before(expected: int, present: list[int]) -> tuple[tuple[int, int], ...]:
    """The ranges of numbers, both ends included, that lack from `expected` up to the last one present."""
    gaps = []
    for number in sorted(present):
        if number > expected:
            gaps.append((expected, number - 1))
        expected = max(expected, number + 1)
    return tuple(gaps)


async def bound_quarantine(work: WorkingSet) -> None:
    """Let go of the oldest entries of a quarantine that has grown too long."""
    if await quarantine.count(work.db) > QUARANTINE_ENTRIES:
        await quarantine.trim(work.db, keep=QUARANTINE_ENTRIES)
