"""Carry the outbox to the broker: seal, publish, wait for the confirm, and publish again until a receipt comes.

A row is closed by the recipient's signed receipt alone; the broker's confirm only means that it need not be
published again for a while.
"""

import asyncio
import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from broker.port import Broker, BrokerDown, Unroutable
from node.crypto import statement as signing
from node.crypto import vault
from node.crypto.envelope import TooLarge, seal
from node.crypto.statement import Packed
from node.crypto.trust import TrustError
from node.runtime import Seat
from node.store import data_keys, outbox, returns, signals
from node.store.outbox import Due
from node.store.returns import Return
from node.workers.bundles import RETURN, SIGNAL, Load, bundles
from schemas.messages import Skip

log = logging.getLogger(__name__)

GROUP = 1000  # rows looked at together
POLL_SECONDS = 5.0  # how long to sleep when nobody wakes us
DOWN_SECONDS = 0.5  # pause after the broker failed us
RETRY = timedelta(seconds=30)  # without a receipt by then, publish again; there is no last attempt


@dataclass(frozen=True)
class Keys:
    """Data keys by what they are kept under."""

    ordinary: dict[str, bytes]
    blocked: dict[str, bytes]
    """Of blocked exchanges: for what is said about them nevertheless, and for nothing else."""


class Sender:
    """The loop that empties the outbox."""

    def __init__(self, seat: Seat, broker: Broker) -> None:
        """Stand ready; `run` begins."""
        self._seat = seat
        self._broker = broker
        self._awake = asyncio.Event()
        seat.wake_sender = self._awake.set

    async def run(self) -> None:
        """Send what is due, for ever."""
        while True:
            self._awake.clear()
            try:
                sent = await self.send_due()
            except (BrokerDown, sqlite3.OperationalError) as error:
                log.warning("sending.paused", extra={"reason": str(error)})
                await asyncio.sleep(DOWN_SECONDS)
                continue
            if not sent:
                await _wait(self._awake, POLL_SECONDS)

    async def send_due(self) -> int:
        """Publish what is due now, and return how many statements and signals that was.

        Raises:
            BrokerDown: nothing is lost; what was not confirmed stays due.
        """
        if not self._seat.has_directory():
            self._seat.handover.take()
            return 0  # nobody knows any more who is a member; it all stays due
        loads = await self._loads()
        outcomes = await asyncio.gather(
            *(self._publish(peer, bundle) for peer, waiting in loads.items() for bundle in bundles(waiting)),
        )
        published = [load.row for bundle, confirmed in outcomes if confirmed for load in bundle]
        postponed = [load.row for bundle, confirmed in outcomes if confirmed is False for load in bundle]
        await self._settle(published, postponed)
        if any(confirmed is None for _, confirmed in outcomes):
            raise BrokerDown(self._broker.health().detail)
        return len(published) + len(postponed)

    async def _loads(self) -> dict[str, list[Load]]:
        """What is due, by recipient: what is given back, signals, then statements in the order of their numbers."""
        read, keyring = self._seat.store.read, self._seat.keyring
        loads: dict[str, list[Load]] = defaultdict(list)
        at_hand = self._seat.handover.take()
        due = await outbox.due(read, self._seat.wall.now(), GROUP, at_hand=at_hand)
        back = await returns.waiting(read, GROUP)
        wrapped = await data_keys.get(read, _keyed_by((row for row in due if row.jws), back))
        opened: dict[data_keys.Ring, dict[str, bytes]] = {"ordinary": {}, "blocked": {}}
        for name, key in wrapped.items():
            opened[key.ring][name] = keyring.unwrap(key.ring, key.wrapped)
        keys = Keys(opened["ordinary"], opened["blocked"])
        for each in back:
            loads[each.recipient].append(Load((RETURN, each.id), _whole(each, keys) or Packed(jws=each.jws)))
        for signal in await signals.waiting(read, GROUP):
            loads[signal.recipient].append(Load((SIGNAL, signal.id), Packed(jws=signal.jws)))
        for row in due:
            said = self._said(row, keys) if row.jws else at_hand[row.message_id]
            loads[row.recipient].append(Load((row.recipient, row.number), said))
        return loads

    def _said(self, row: Due, keys: Keys) -> Packed:
        """The statement with all that it says; where that is blocked or deleted by now, word that it is withheld."""
        whole = _whole(row, keys)
        if whole is not None:
            return whole
        skip = Skip(
            id=self._seat.new_id(),
            sender=self._seat.node,
            at=self._seat.clock.now(),
            to=row.recipient,
            skipped=row.number,
            statement=row.message_id,
            statement_hash=signing.statement_hash(row.jws),
        )
        return Packed(jws=signing.sign(skip, self._seat.keyring.current))

    async def _publish(self, peer: str, bundle: list[Load]) -> tuple[list[Load], bool | None]:
        """Seal and publish; True when confirmed, False when it must wait for the peer, None when the broker failed."""
        try:
            envelope = seal(
                [load.packed for load in bundle],
                sender=self._seat.node,
                recipient=peer,
                envelope_id=self._seat.new_id(),
                key=self._seat.trust.sealing_key(peer, self._seat.clock.now()),
            )
            await self._broker.publish(peer, envelope)
        except (Unroutable, TrustError, TooLarge) as error:
            log.warning("sending.postponed", extra={"recipient": peer, "reason": str(error)})
            return bundle, False
        except BrokerDown:
            return bundle, None
        return bundle, True

    async def _settle(self, published: list[tuple[str, int]], postponed: list[tuple[str, int]]) -> None:
        if not published and not postponed:
            return
        now = self._seat.wall.now()
        async with self._seat.store.transaction() as db:
            # A signal that can't go out is let go too: whoever needs it sends again, and so asks for it anew.
            gone = (*published, *postponed)
            await signals.remove(db, [number for kind, number in gone if kind == SIGNAL])
            await returns.remove(db, [number for kind, number in gone if kind == RETURN])
            await outbox.mark_published(db, _numbered(published), now, now + RETRY)
            await outbox.postpone(db, _numbered(postponed), now + RETRY)


def _keyed_by(due: Iterable[Due], back: Iterable[Return]) -> set[str]:
    rows: Iterable[Due | Return] = (*due, *back)
    return {_key_name(row) for row in rows}


def _numbered(rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [row for row in rows if row[0] not in (SIGNAL, RETURN)]


def _whole(row: Due | Return, keys: Keys) -> Packed | None:
    """A statement with all that it says; none where that is blocked, deleted or in part erased by now."""
    name = _key_name(row)
    key = keys.ordinary.get(name)
    if key is None and name in keys.blocked and signing.goes_on_blocked(row.jws):
        key = keys.blocked[name]
    if row.disclosures is not None and key is not None:
        content = vault.open_content(key, row.disclosures, row.message_id.encode())
        disclosures = tuple(content.decode().split("~"))
        return None if signing.ERASED in disclosures else Packed(jws=row.jws, disclosures=disclosures)
    if row.disclosures is None and not signing.says_more(row.jws):
        return Packed(jws=row.jws)
    return None


def _key_name(row: Due | Return) -> str:
    """What the data key is kept under: the exchange, or the statement itself, by its hash, where it belongs to none."""
    return row.exchange_id or signing.statement_hash(row.jws)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
