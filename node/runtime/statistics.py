"""Counting at a node, reporting to the Commission, and laying the reports side by side there."""

from datetime import datetime

import aiosqlite

from node.handlers.counts import statistics
from node.handlers.counts.contradictions import contradictions, silences
from node.handlers.counts.indicators import indicator_rows
from node.handlers.refused import Refused
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import exchanges, no_cases, reports
from schemas.identifiers import COMMISSION
from schemas.messages import StatisticsReport
from schemas.parties import COUNTRIES
from schemas.refusal import Refusal
from schemas.statistics import Check, NodeStatistics, StatisticsView


async def count(seat: Seat, db: aiosqlite.Connection, as_of: datetime) -> NodeStatistics:
    """Count what this node takes part in."""
    everything = [exchange async for exchange in exchanges.statistics(db)]
    return NodeStatistics(
        as_of=as_of,
        rows=statistics.rows(everything, seat.areas, seat.node),
        indicators=indicator_rows(everything, seat.areas, seat.node, as_of),
        no_cases=await no_cases.years(db),
    )


async def report(work: WorkingSet, as_of: datetime) -> StatisticsReport:
    """Tell the Commission, signed, what this node counts.

    Raises:
        Refused: this is the Commission's own node.
    """
    if work.seat.node == COMMISSION:
        detail = "the Commission's node reports to nobody; `imi statistics show` tells what it was told"
        raise Refused(Refusal.NOT_YOUR_STEP, detail)
    counted = await count(work.seat, work.db, as_of)
    told = StatisticsReport(
        id=work.seat.new_id(),
        sender=work.seat.node,
        at=work.seat.clock.now(),
        to=work.next_numbers([COMMISSION]),
        as_of=as_of,
        rows=counted.rows,
        indicators=counted.indicators,
        no_cases=counted.no_cases,
    )
    work.issue(told)
    return told


async def take_report(work: WorkingSet, told: StatisticsReport) -> None:
    """Keep what a node reported.

    Raises:
        Refused: this is not the Commission's node, or the report speaks of exchanges of others.
    """
    if work.seat.node != COMMISSION:
        raise Refused(Refusal.NOT_YOUR_STEP, "statistics are reported to the Commission only")
    if not all(statistics.may_report(row, told.sender) for row in told.rows):
        raise Refused(Refusal.MALFORMED, "a node reports the exchanges that it opened or received, and no others")
    counted = NodeStatistics(as_of=told.as_of, rows=told.rows, indicators=told.indicators, no_cases=told.no_cases)
    await reports.save(work.db, [reports.Report(told.sender, told.id, counted)])


async def confirm_none(work: WorkingSet, year: int) -> None:
    """Confirm that this node took part in no exchange that was sent in a year; the next reports say so.

    Raises:
        Refused: it did, or the year is not over.
    """
    now = work.seat.clock.now()
    if year >= now.year:
        raise Refused(Refusal.BAD_FORM, f"{year} is not over; confirm it from 1 January {year + 1} on")
    counted = await count(work.seat, work.db, now)
    cases = sum(row.count for row in counted.rows if row.year == year and not row.outside)
    if cases:
        raise Refused(
            Refusal.BAD_FORM, f"this node took part in exchanges sent in {year} ({cases}): nothing to confirm"
        )
    await no_cases.add(work.db, year, now)
    work.note(work.seat.node, "statistics.no_cases", str(year))


async def view(seat: Seat, as_of: datetime) -> StatisticsView:
    """The Commission: what the nodes reported, not later than a time. Any other node: what it counts itself."""
    db = seat.store.read
    if seat.node != COMMISSION:
        own = await count(seat, db, as_of)
        return StatisticsView(reports={seat.node: own.rows}, indicators={seat.node: own.indicators})
    latest = await reports.latest(db, as_of)
    return StatisticsView(
        reports={sender: each.told.rows for sender, each in latest.items()},
        indicators={sender: each.told.indicators for sender, each in latest.items()},
    )


async def check(seat: Seat, as_of: datetime, year: int) -> Check:
    """Lay the newest reports side by side: which contradict each other, and who is silent.

    Raises:
        Refused: this is not the Commission's node, or the year has not begun.
    """
    if year > as_of.year:
        raise Refused(Refusal.BAD_FORM, f"{year} has not begun; the last year to check is {as_of.year}")
    if seat.node != COMMISSION:
        raise Refused(Refusal.NOT_YOUR_STEP, "reports are laid side by side at the Commission's node")
    told = {sender: each.told for sender, each in (await reports.latest(seat.store.read, as_of)).items()}
    own = await count(seat, seat.store.read, as_of)
    members = {entry.id for entry in seat.trust.nodes() if entry.id in COUNTRIES}
    return Check(
        year=year,
        as_of=as_of,
        contradictions=contradictions(told, own, _informed_of(seat)),
        silences=silences(told, members, year),
    )


def _informed_of(seat: Seat) -> set[tuple[str, str]]:
    return {
        (area.area, name)
        for area in seat.areas.values()
        for name, procedure in area.procedures.items()
        if any(party.filled_by == "commission" for party in procedure.parties.values())
    }
