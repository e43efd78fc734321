"""Exchanges with what decides who has to do with them: the desk, and the authorities as they stand at home."""

from collections.abc import Callable, Iterable, Mapping

import aiosqlite

from node.handlers import access
from node.handlers.access import Actor, Case
from node.handlers.refused import Refused
from node.handlers.rights import Right
from node.runtime.register import own_register
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import desks
from schemas.authorities import Authority
from schemas.desk import Desk
from schemas.exchange import Exchange
from schemas.refusal import Refusal

May = Callable[[Right, Exchange], bool]
"""Whether somebody has a right in an exchange."""


async def home_authorities(seat: Seat, db: aiosqlite.Connection | None = None) -> Mapping[str, Authority]:
    """The authorities of this node that count, by id.

    Args:
        seat: of the node.
        db: the open transaction, where there is one.
    """
    return (await own_register(seat, db)).validated


async def approval_of(seat: Seat, db: aiosqlite.Connection, authority: str) -> tuple[str, ...]:
    """The steps that an approver of an authority has to release before they are taken."""
    registered = (await own_register(seat, db)).authorities.get(authority)
    return registered.approval if registered is not None else ()


def case_of(seat: Seat, exchange: Exchange, desk: Desk, authorities: Mapping[str, Authority]) -> Case:
    """Put a case together."""
    procedure = seat.area(exchange.area, exchange.version).procedures[exchange.procedure]
    return Case(exchange=exchange, procedure=procedure, node=seat.node, desk=desk, authorities=authorities)


async def load_case(seat: Seat, db: aiosqlite.Connection, exchange: Exchange) -> Case:
    """Read what belongs to an exchange, outside of a transaction."""
    desk = (await desks.load(db, [exchange.id])).get(exchange.id) or Desk(exchange=exchange.id)
    return case_of(seat, exchange, desk, await home_authorities(seat))


async def case_in(work: WorkingSet, exchange: Exchange) -> Case:
    """The same in a transaction."""
    desk = await desk_in(work, exchange.id)
    return case_of(work.seat, exchange, desk, await home_authorities(work.seat, work.db))


async def known_in(work: WorkingSet, exchange_id: str) -> Exchange:
    """This node's copy of an exchange.

    Raises:
        Refused: there is none.
    """
    await work.include([exchange_id])
    exchange = work.exchanges.get(exchange_id)
    if exchange is None:
        raise _unknown(exchange_id)
    return exchange


async def seen_case(work: WorkingSet, actor: Actor, exchange_id: str) -> Case:
    """An exchange that an actor may see.

    Raises:
        Refused: there is none, or it is not for the actor to know that there is.
    """
    case = await case_in(work, await known_in(work, exchange_id))
    if not access.may(actor, Right.SEE, case):
        raise _unknown(exchange_id)
    return case


async def case_for(
    work: WorkingSet, actor: Actor, right: Right, exchange_id: str, *, authority: str | None = None
) -> Case:
    """An exchange in which an actor has a right.

    Raises:
        Refused: there is none that the actor may know of.
        Denied: the actor sees it, and has not this right.
    """
    case = await seen_case(work, actor, exchange_id)
    access.require_in(actor, right, case, authority=authority)
    return case


async def desk_in(work: WorkingSet, exchange_id: str) -> Desk:
    """The desk of an exchange, an empty one where nothing was kept yet."""
    await desks_in(work, [exchange_id])
    return work.desks[exchange_id]


async def desks_in(work: WorkingSet, exchange_ids: Iterable[str]) -> None:
    """Read desks that are not here yet, all at once."""
    ids = [name for name in dict.fromkeys(exchange_ids) if name not in work.desks]
    if ids:
        found = await desks.load(work.db, ids)
        work.desks.update({name: found.get(name) or Desk(exchange=name) for name in ids})


def keep_desk(work: WorkingSet, desk: Desk) -> None:
    """Put a desk in the place of what was known of it, if it changes."""
    if desk != work.desks.get(desk.exchange):
        work.desks[desk.exchange] = desk
        work.changed_desks.add(desk.exchange)


def _unknown(exchange_id: str) -> Refused:
    return Refused(Refusal.UNKNOWN_EXCHANGE, f"this node knows no exchange {exchange_id}; see `imi exchange list`")


async def may_of(seat: Seat, actor: Actor) -> May:
    """What an actor may do, asked of many exchanges one after the other."""
    if actor.user is None:
        return lambda right, _: access.holds(actor, right)
    db = seat.store.read
    authorities = await home_authorities(seat)
    told = await desks.disseminated(db, {grant.authority for grant in actor.grants})
    desks_of = await desks.load(db, told)

    def may(right: Right, exchange: Exchange) -> bool:
        desk = desks_of.get(exchange.id) or Desk(exchange=exchange.id)
        return access.may(actor, right, case_of(seat, exchange, desk, authorities))

    return may
