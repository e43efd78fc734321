"""What users have to do, and the digests that tell them in the morning."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from node.handlers import access
from node.handlers.access import Actor, Case
from node.handlers.dates.audience import Staff, told
from node.handlers.dates.deadlines import running
from node.handlers.dates.digest import digest, told_until
from node.handlers.dates.notices import own_steps, still_told
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.dates.standing import is_yours, standing
from node.handlers.dates.turns import awaits_coordinators
from node.handlers.dates.work import SOON, Waiting, in_order, item
from node.handlers.rights import Right
from node.runtime.cases import case_of, home_authorities
from node.runtime.register import own_register
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import desks, exchanges, mails, notices
from schemas.desk import Desk, PendingStep
from schemas.exchange import Exchange
from schemas.notices import Notice, NoticeKind, Urgency, WorkItem

LISTED = 1000  # exchanges looked at for each reason
KEEP_MAILS = timedelta(days=30)  # to see what became of them

_TO_LOOK_AT: tuple[NoticeKind, ...] = ("news", "inactivity", "unreceived", "refused", "unconfirmed")
_FOR_COORDINATORS: frozenset[Urgency] = frozenset({"critical", "inactive", "unconfirmed"})


async def work_of(seat: Seat, actor: Actor) -> list[WorkItem]:
    """What a user has to do, the most urgent first: periods that end soon or have ended, alarms, approvals, news.

    Users of the authority have all of it to do; its coordinators decide, and see to what is critical or rests.
    """
    db, today = seat.store.read, seat.clock.now().date()
    unseen = _by_case([each for kind in _TO_LOOK_AT for each in await notices.to_look_at(db, kind, LISTED)])
    waiting = {each.exchange: each for each in await desks.pending(db)}
    found = {each.id: each for each in await exchanges.due_until(db, today + SOON, LISTED)}
    found |= await exchanges.load(db, (unseen.keys() | waiting.keys()) - found.keys())
    kept = await desks.load(db, found)
    authorities = await home_authorities(seat)
    items = []
    for name, exchange in found.items():
        case = case_of(seat, exchange, kept.get(name) or Desk(exchange=name), authorities)
        one = _work(seat, actor, case, today, unseen.get(name, ()))
        if one is not None:
            items.append(one)
    return in_order(items)


def _work(seat: Seat, actor: Actor, case: Case, today: date, unseen: Sequence[Notice]) -> WorkItem | None:
    exchange, node = case.exchange, seat.node
    acts = access.may(actor, Right.NOTE_OPENED, case) or access.may(actor, Right.RELEASE, case)
    coordinates = access.may(actor, Right.COORDINATE, case)
    waiting = _waiting(actor, case)
    if not (acts or coordinates):
        return None
    own = own_steps(exchange, {grant.authority for grant in actor.grants}, node=node)
    about = [
        each
        for each in unseen
        if (acts and each.audience == "authority" and not (each.kind == "news" and each.since in own))
        or (coordinates and each.audience == "coordinator" and still_told(each, exchange))
    ]
    area = seat.area(exchange.area, exchange.version)
    dues = running(exchange, area, public_holidays)
    stands = standing(exchange, area, today=today, dues=dues, desk=case.desk)
    stands = stands.model_copy(update={"yours": is_yours(actor, case, stands)})
    one = item(exchange, area, node=node, today=today, dues=dues, notices=about, waiting=waiting, stands=stands)
    decides = coordinates and awaits_coordinators(exchange, case.procedure, node)
    is_shown = acts or decides or waiting != Waiting()
    return one if one is not None and (is_shown or one.urgency in _FOR_COORDINATORS) else None


def _waiting(actor: Actor, case: Case) -> Waiting:
    """The steps on the desk that wait for this user: to be released, or to be changed."""

    def labels(pending: Iterable[PendingStep]) -> tuple[str, ...]:
        return tuple(case.procedure.steps[each.step].label for each in pending)

    steps = case.desk.pending.values()
    return Waiting(
        approvals=labels(
            each
            for each in steps
            if each.status == "awaiting_approval"
            and actor.id != each.by
            and access.may(actor, Right.RELEASE, case, authority=each.authority)
        ),
        sent_back=labels(each for each in steps if each.status == "sent_back" and actor.id == each.by),
    )


async def make_digests(work: WorkingSet) -> int:
    """Make the digests of the day, once, in the morning of a working day; returns how many."""
    seat, now = work.seat, work.seat.clock.now()
    until, today = told_until(now, seat.node, public_holidays), now.date()
    if seat.mail is None or until is None or await mails.made_on(work.db, today):
        return 0
    to_tell = _by_case(await notices.to_tell(work.db, until))
    cases = await exchanges.load(work.db, to_tell)
    domain = seat.mail.sender.rpartition("@")[2]
    made = []
    for recipient, about in sorted((await _by_recipient(work, cases, to_tell, today)).items()):
        found = (_item(seat, cases[name], today, few) for name, few in about.items())
        if items := [each for each in found if each is not None]:
            made.append(digest(recipient, items, node=seat.node, day=today, link=seat.mail.link, domain=domain))
    await mails.add(work.db, made, seat.wall.now())
    await mails.forget_before(work.db, today - KEEP_MAILS)
    await notices.mark_told(work.db, until, today)
    return len(made)


async def addresses(seat: Seat, recipient: str) -> tuple[str, ...]:
    """Where a digest goes: a user's address, or those that an authority has made known."""
    register = await own_register(seat)
    user, registered = register.users.get(recipient), register.authorities.get(recipient)
    if user is not None:
        return (user.email,) if user.email is not None else ()
    contacts = registered.authority.contacts if registered is not None else ()
    return tuple(dict.fromkeys(each.email for each in contacts if each.email is not None))


async def _by_recipient(
    work: WorkingSet, cases: Mapping[str, Exchange], to_tell: Mapping[str, Sequence[Notice]], day: date
) -> Mapping[str, Mapping[str, Sequence[Notice]]]:
    """Who is told what: recipient -> case number -> notices."""
    register = await own_register(work.seat, work.db)
    staff = Staff(register.users.values(), day)
    kept = await desks.load(work.db, cases)
    found: dict[str, dict[str, list[Notice]]] = defaultdict(lambda: defaultdict(list))
    for name, exchange in cases.items():
        case = case_of(work.seat, exchange, kept.get(name) or Desk(exchange=name), register.validated)
        for each in to_tell[name]:
            if not still_told(each, exchange):
                continue
            for authority in told(case, each.audience):
                if each.kind == "news" and each.since in own_steps(exchange, {authority}, node=work.seat.node):
                    continue
                for recipient in staff.who(authority, exchange, case.desk.handlers.get(authority)):
                    found[recipient][name].append(each)
    return found


def _item(seat: Seat, exchange: Exchange, today: date, about: Sequence[Notice]) -> WorkItem | None:
    area = seat.area(exchange.area, exchange.version)
    dues = running(exchange, area, public_holidays)
    return item(exchange, area, node=seat.node, today=today, dues=dues, notices=about)


def _by_case(told_of: Iterable[Notice]) -> dict[str, list[Notice]]:
    found: dict[str, list[Notice]] = defaultdict(list)
    for each in told_of:
        found[each.exchange].append(each)
    return found
