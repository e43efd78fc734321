"""What time alone brings about: blocking, deletion, reminders, alarms, asking for what is missing."""

from dataclasses import dataclass
from datetime import timedelta

from node.handlers.dates.due import after_time
from node.handlers.dates.notices import remind
from node.handlers.dates.public_holidays import public_holidays
from node.runtime.working_set import WorkingSet
from node.store import (
    attachments,
    data_keys,
    desks,
    drafts,
    exchanges,
    notices,
    quarantine,
    search_index,
    signals,
    statements,
    translations,
)
from node.store import waiting as early
from schemas.exchange import Exchange

GROUP = 500  # exchanges handled with one commit
QUARANTINE_ENTRIES = 10_000  # the oldest beyond these are let go: anybody may send rubbish
SIGNALS_WAITING = 1000  # while so many can't be published, asking for more would only pile up
RECEIPT_WITHIN = timedelta(days=1)  # by the law's clock: without one by then there is an alarm
STRAY_FILES = timedelta(days=30)  # as long as a node may be away
PATIENCE = timedelta(seconds=2)  # real time that a gap may stay before the sender is asked


@dataclass(frozen=True, slots=True)
class Done:
    """How many exchanges were due, how many were blocked or deleted, in how many personal data were deleted."""

    due: int
    changed: int
    deleted: int


async def do_what_is_due(work: WorkingSet) -> Done:
    """Block, delete and remind by the node's clock (IMI Regulation, Art. 14); call again until nothing is due."""
    now = work.seat.clock.now()
    due = await exchanges.due(work.db, now, GROUP)
    await work.include(due)
    changed = deleted = 0
    for name in due:
        before = work.exchanges[name]
        area = work.seat.area(before.area, before.version)
        after = after_time(before, area, now)
        await _carry_out(work, before, after)
        changed += after != before
        deleted += after.deleted_at != before.deleted_at
        reminded, told = remind(after, area, node=work.seat.node, calendar=public_holidays, now=now)
        work.notices += told
        work.change(reminded)
    return Done(len(due), changed, deleted)


async def raise_alarms(work: WorkingSet) -> int:
    """Tell of steps that a party refused, or has not signed for in time; returns of how many."""
    now = work.seat.clock.now()
    await notices.settle_received(work.db, now)
    missing = await notices.unreceived(work.db, now - RECEIPT_WITHIN, GROUP)
    work.notices += (each.model_copy(update={"at": now}) for each in missing)
    return len(missing)


async def _carry_out(work: WorkingSet, before: Exchange, after: Exchange) -> None:
    if after.blocked_at is not None and before.blocked_at is None:
        await _take_out_of_the_ring(work, after.id)
        await search_index.forget(work.db, after.id)
        await translations.forget(work.db, after.id)
        work.note(work.seat.node, "personal_data.blocked", after.id)
    if after.deleted_at is not None and before.deleted_at is None:
        # The key goes first: what a crash leaves behind after that is noise.
        await data_keys.destroy(work.db, [after.id])
        await statements.erase_disclosures(work.db, after.id)
        await attachments.erase(work.db, after.id)
        await drafts.erase(work.db, after.id)
        await desks.remove(work.db, after.id)
        await notices.forget(work.db, after.id)
        await translations.forget(work.db, after.id)
        await _forget_early(work, after.id)
        work.keys.pop(after.id, None)
        work.note(work.seat.node, "personal_data.deleted", after.id)


async def _forget_early(work: WorkingSet, exchange_id: str) -> None:
    """What still waits for other steps can't be opened any more without the key."""
    held_back = await early.of_exchanges(work.db, [exchange_id])
    await early.remove(work.db, [held.hash for held in held_back.get(exchange_id, ())])


async def _take_out_of_the_ring(work: WorkingSet, exchange_id: str) -> None:
    work.seat.handover.take()
    key = work.keys.pop(exchange_id, None)
    if key is not None:
        await data_keys.move_to_blocked(work.db, exchange_id, work.seat.keyring.wrap("blocked", key))


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
