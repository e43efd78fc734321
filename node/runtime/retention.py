"""Blocking and deletion carried out, confirmed to the other parties, and taken back where a case is reopened."""

from datetime import datetime

from node.crypto import statement as signing
from node.crypto.statement import Packed
from node.handlers.dates import due
from node.handlers.persons import retention
from node.handlers.persons.retention import What
from node.handlers.refused import Refused
from node.runtime import kept, search
from node.runtime import translations as machine_translations
from node.runtime.working_set import WorkingSet
from node.store import attachments, data_keys, desks, drafts, notices, search_index, statements, translations
from node.store import waiting as early
from schemas.exchange import Exchange
from schemas.messages import EarlyDeletion, Retention
from schemas.policy_area import PolicyArea
from schemas.refusal import Refusal


async def bring_about(work: WorkingSet, exchange: Exchange) -> Exchange:
    """Block and delete at once what is due in an exchange; returns it as it is then."""
    area = work.seat.area(exchange.area, exchange.version)
    after = due.after_time(exchange, area, work.seat.clock.now())
    work.change(after)
    await carry_out(work, exchange, after)
    return after


async def carry_out(work: WorkingSet, before: Exchange, after: Exchange) -> None:
    """Carry out what was decided by time, and confirm it to the other parties."""
    if after.blocked_at is not None and before.blocked_at is None:
        work.seat.handover.take()
        await kept.rewrap(work, after.id, "blocked")
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
        kept.forget_content(work, after.id)
        work.note(work.seat.node, "personal_data.deleted", after.id)
        _confirm(work, after, "deleted")
    elif after.blocked_at is not None and before.blocked_at is None:
        _confirm(work, after, "blocked")


async def take_up_again(work: WorkingSet, exchange: Exchange) -> None:
    """Put the content of a reopened case into ordinary reach again: it goes on, and its data are needed."""
    await kept.rewrap(work, exchange.id, "ordinary")
    await search.take_in_again(work, exchange)
    await machine_translations.anew(work, exchange)
    work.note(work.seat.node, "personal_data.unblocked", exchange.id, reason="reopened")


async def take_confirmation(work: WorkingSet, said: Retention, statement_hash: str) -> None:
    """Keep what a party has confirmed; of an exchange that this node does not know there is nothing to keep.

    Raises:
        Refused: it is no party.
    """
    exchange = work.exchanges.get(said.exchange)
    if exchange is None:
        return
    after = retention.confirmed(exchange, said, statement_hash)
    work.change(after)
    if not {said.sender} & set(retention.unconfirmed(after, _done(after), node=work.seat.node)):
        await notices.settle(work.db, said.exchange, "unconfirmed", said.sender, work.seat.clock.now())
    work.note(said.sender, f"confirmed.{said.what}", said.exchange, message=said.id, because=said.because)


async def take_request(work: WorkingSet, asked: EarlyDeletion) -> None:
    """Delete at once what a party asks to be deleted, or as soon as this copy is closed as the sender's is.

    Raises:
        Refused: it is no party, or there is no such exchange.
    """
    exchange = work.exchanges.get(asked.exchange)
    if exchange is None:
        raise Refused(Refusal.UNKNOWN_EXCHANGE, f"{asked.exchange} is not known here: there is nothing to delete")
    work.note(asked.authority, "early_deletion.received", asked.exchange, message=asked.id)
    await bring_about(work, retention.asked_to_delete(exchange, asked))


async def ask_for_deletion(work: WorkingSet, exchange: Exchange, *, authority: str, request: int) -> Exchange:
    """Tell all parties to delete now, and delete; returns the exchange after it.

    Raises:
        Refused: it is not closed, or deleted already.
    """
    closed_at = retention.require_deletable(exchange)
    asked = EarlyDeletion(
        id=work.seat.new_id(),
        sender=work.seat.node,
        at=work.seat.clock.now(),
        to=work.next_numbers(told(work, exchange)),
        exchange=exchange.id,
        authority=authority,
        closed_at=closed_at,
        request=request,
    )
    work.issue(asked)
    return await bring_about(work, retention.asked_to_delete(exchange, asked))


async def give_back(work: WorkingSet, statement: Retention | EarlyDeletion, packed: Packed) -> None:
    """Keep again what this node itself had said before its store was replaced by an older copy, and abide by it."""
    work.take_back(statement, packed, signing.statement_hash(packed.jws))
    exchange = work.exchanges.get(statement.exchange)
    if exchange is None or exchange.closed_at != statement.closed_at:
        return
    if isinstance(statement, EarlyDeletion) or (statement.what == "deleted" and exchange.deleted_at is None):
        exchange = exchange.model_copy(update={"early_deletion": statement.closed_at})
    elif exchange.blocked_at is None:
        exchange = exchange.model_copy(update={"no_longer_needed_at": statement.at})
    await bring_about(work, exchange)


def told(work: WorkingSet, exchange: Exchange) -> tuple[str, ...]:
    """The other parties that are members today, and none where nobody else heard of the exchange."""
    now = work.seat.clock.now()
    others = sorted(set(exchange.parties.values()) - {work.seat.node}) if exchange.history else []
    return tuple(peer for peer in others if work.seat.trust.is_active(peer, now))


def _confirm(work: WorkingSet, exchange: Exchange, what: What) -> None:
    peers, closed_at = told(work, exchange), exchange.closed_at
    if not peers or closed_at is None:
        return
    now = work.seat.clock.now()
    latest = _latest(exchange, work.seat.area(exchange.area, exchange.version), what)
    work.issue(
        Retention(
            id=work.seat.new_id(),
            sender=work.seat.node,
            at=now,
            to=work.next_numbers(peers),
            exchange=exchange.id,
            what=what,
            because=retention.why(exchange, what, latest, now),
            closed_at=closed_at,
        )
    )


def _latest(exchange: Exchange, area: PolicyArea, what: What) -> datetime | None:
    return due.latest_blocking_at(exchange, area) if what == "blocked" else due.latest_deletion_at(exchange, area)


def _done(exchange: Exchange) -> What:
    return "blocked" if exchange.deleted_at is None else "deleted"


async def _forget_early(work: WorkingSet, exchange_id: str) -> None:
    """What still waits for other steps can't be opened any more without the key."""
    held_back = await early.of_exchanges(work.db, [exchange_id])
    await early.remove(work.db, [held.hash for held in held_back.get(exchange_id, ())])
