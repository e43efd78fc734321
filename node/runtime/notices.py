"""What users have to do, and the digests that tell them in the morning."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from node.handlers.audience import recipients, told
from node.handlers.deadlines import running
from node.handlers.digest import digest, told_until
from node.handlers.public_holidays import public_holidays
from node.handlers.work import SOON, in_order, item
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import exchanges, mails, notices
from schemas.authorities import Authority
from schemas.exchange import Exchange
from schemas.notices import Audience, Notice, NoticeKind, Urgency, WorkItem

LISTED = 1000  # exchanges looked at for each reason
KEEP_MAILS = timedelta(days=30)  # to see what became of them

_TO_LOOK_AT: tuple[NoticeKind, ...] = ("news", "inactivity", "unreceived", "refused")
_FOR_COORDINATORS: frozenset[Urgency] = frozenset({"critical", "inactive"})

Reads = Callable[[Exchange, Audience], bool]
"""Whether a user is among those who are told of an exchange."""


async def work(seat: Seat, reads: Reads) -> list[WorkItem]:
    """What is to be done, the most urgent first: periods that end soon or have ended, alarms, news."""
    db = seat.store.read
    today = seat.clock.now().date()
    unseen = [each for kind in _TO_LOOK_AT for each in await notices.to_look_at(db, kind, LISTED)]
    by_case = _by_case(unseen)
    found = {each.id: each for each in await exchanges.due_until(db, today + SOON, LISTED)}
    found |= await exchanges.load(db, by_case.keys() - found.keys())
    items = (_item(seat, each, today, by_case.get(each.id, []), reads) for each in found.values())
    return in_order(each for each in items if each is not None)


async def make_digests(work: WorkingSet) -> int:
    """Make the digests of the day, once, in the morning of a working day; returns how many."""
    seat, now = work.seat, work.seat.clock.now()
    until = told_until(now, seat.node, public_holidays)
    if seat.mail is None or until is None or await mails.made_on(work.db, now.date()):
        return 0
    to_tell = _by_case(await notices.to_tell(work.db, until))
    cases = await exchanges.load(work.db, to_tell)
    by_recipient: dict[str, dict[str, list[Notice]]] = defaultdict(lambda: defaultdict(list))
    for name, exchange in cases.items():
        for each in to_tell[name]:
            for recipient in _recipients(seat, exchange, each.audience, now.date()):
                by_recipient[recipient][name].append(each)
    made = []
    for recipient, told_here in sorted(by_recipient.items()):
        items = [
            found
            for name, few in told_here.items()
            if (found := _item(seat, cases[name], now.date(), few, lambda *_: True)) is not None
        ]
        if items:
            domain = seat.mail.sender.rpartition("@")[2]
            made.append(digest(recipient, items, node=seat.node, day=now.date(), link=seat.mail.link, domain=domain))
    await mails.add(work.db, made, seat.wall.now())
    await mails.forget_before(work.db, now.date() - KEEP_MAILS)
    await notices.mark_told(work.db, until, now.date())
    return len(made)


async def addresses(seat: Seat, recipient: str) -> tuple[str, ...]:
    """Where a digest goes: the addresses that an authority has made known."""
    authority = seat.trust.authority(recipient)
    contacts = authority.contacts if authority is not None else ()
    return tuple(dict.fromkeys(each.email for each in contacts if each.email is not None))


def own_authorities(seat: Seat) -> Sequence[Authority]:
    """The authorities of this node."""
    entry = seat.trust.entry(seat.node)
    return entry.authorities if entry is not None else ()


def _item(seat: Seat, exchange: Exchange, today: date, about: Sequence[Notice], reads: Reads) -> WorkItem | None:
    """Users of the authority have all of it to do; its coordinators see to what is critical or rests."""
    acts, coordinates = reads(exchange, "authority"), reads(exchange, "coordinator")
    if not acts and not coordinates:
        return None
    area = seat.area(exchange.area, exchange.version)
    dues = running(exchange, area, public_holidays)
    mine = [each for each in about if coordinates or each.audience == "authority"]
    found = item(exchange, area, node=seat.node, today=today, dues=dues, notices=mine)
    return found if acts or (found is not None and found.urgency in _FOR_COORDINATORS) else None


def _recipients(seat: Seat, exchange: Exchange, audience: Audience, day: date) -> Iterable[str]:
    names = told(exchange, audience, node=seat.node, authorities=own_authorities(seat))
    return recipients(names, exchange, users=(), handlers={}, day=day)


def _by_case(told_of: Iterable[Notice]) -> dict[str, list[Notice]]:
    found: dict[str, list[Notice]] = defaultdict(list)
    for each in told_of:
        found[each.exchange].append(each)
    return found
