"""The rights of persons, and what is asked about their data; each act with one commit, and one line in the ledger."""

from node.crypto import vault
from node.handlers import access
from node.handlers.access import Actor, Case, Denied
from node.handlers.dates.due import retention_view
from node.handlers.dates.periods import add_months
from node.handlers.persons import requests as privacy
from node.handlers.persons.retention import no_longer_needed, require_deletable
from node.handlers.refused import Refused
from node.handlers.rights import Right
from node.runtime import reading, rectification, retention
from node.runtime.cases import case_for, may_of, seen_case
from node.runtime.desk import Transactions
from node.runtime.reading import Unknown, case_seen
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import data_keys, exchanges, ledger, notices
from node.store import privacy as register
from schemas.api import ExchangeView
from schemas.exchange import Exchange
from schemas.identifiers import node_of
from schemas.privacy import (
    OF_AUTHORITIES,
    Asking,
    BlockOrder,
    DataRequest,
    DataRequestView,
    Decision,
    Detail,
    PrivacyCounts,
    RectificationOrder,
    RetentionView,
)
from schemas.refusal import Refusal

LISTED = 1000


class Privacy:
    """What users of one node do about personal data; every act names who acts.

    All of them raise Denied where the right lacks, and Refused or Unknown where the actor may not know of the exchange
    or the request; then nothing has changed.
    """

    def __init__(self, seat: Seat, work: Transactions) -> None:
        """Work in the transactions of this node."""
        self._seat = seat
        self._work = work

    async def block(self, exchange_id: str, order: BlockOrder, actor: Actor) -> Exchange:
        """Block the personal data of a closed exchange now, and tell the other parties, signed."""
        return await self._work(lambda work: _block(work, exchange_id, order, actor))

    async def retention(self, exchange_id: str, actor: Actor) -> RetentionView:
        """Who has blocked or deleted the personal data of an exchange, and who has not confirmed."""
        case = await case_seen(self._seat, exchange_id, actor)
        area = self._seat.area(case.exchange.area, case.exchange.version)
        return retention_view(case.exchange, area, self._seat.node)

    async def unconfirmed(self, actor: Actor) -> list[RetentionView]:
        """Exchanges in which a party has not confirmed a week after it was due, as far as the actor may see them."""
        access.require(actor, Right.SEE)
        db, may = self._seat.store.read, await may_of(self._seat, actor)
        named = {each.exchange: None for each in await notices.to_look_at(db, "unconfirmed", LISTED)}
        known = await exchanges.load(db, named)
        return [
            retention_view(each, self._seat.area(each.area, each.version), self._seat.node)
            for name in named
            if (each := known.get(name)) is not None and may(Right.SEE, each)
        ]

    async def ask(self, asking: Asking, actor: Actor) -> DataRequest:
        """Enter a request into the register; raises SecondPersonNeeded as well."""
        return await self._work(lambda work: _ask(work, asking, actor))

    async def decide(self, number: int, decision: Decision, actor: Actor) -> DataRequest:
        """Decide about a request; early deletion is carried out at once; raises SecondPersonNeeded as well."""
        return await self._work(lambda work: _decide(work, number, decision, actor))

    async def requests(self, actor: Actor) -> list[DataRequest]:
        """The register, the newest first, as far as the actor has to do with it."""
        access.require(actor, Right.SEE_DATA_REQUESTS)
        found = await register.all_requests(self._seat.store.read)
        if access.holds(actor, Right.AUDIT):
            return found
        may, db = await may_of(self._seat, actor), self._seat.store.read
        known = await exchanges.load(db, {each.exchange for each in found if each.exchange is not None})
        return [
            each
            for each in found
            if (may(Right.SEE, known[each.exchange]) if each.exchange in known else _is_of(actor, each.authority))
        ]

    async def request(self, number: int, actor: Actor) -> DataRequestView:
        """One request, with what is kept sealed of it for those who have to do with it."""
        access.require(actor, Right.SEE_DATA_REQUESTS)
        return await self._work(lambda work: _show(work, number, actor))

    async def look(self, number: int, actor: Actor) -> ExchangeView:
        """Look at blocked data, as was granted; the look is in the ledger before anything is shown."""
        case = await self._work(lambda work: _note_look(work, number, actor))
        key = (await data_keys.get(self._seat.store.read, [case.exchange.id])).get(case.exchange.id)
        if key is None:
            raise Unknown(f"the personal data of {case.exchange.id} are deleted")
        opened = self._seat.keyring.unwrap(key.ring, key.wrapped)
        return await reading.view_with(self._seat, case, actor, opened)

    async def rectify(self, exchange_id: str, order: RectificationOrder, actor: Actor) -> Exchange:
        """Say something about an answer of a step to all parties."""
        return await self._work(lambda work: _rectify(work, exchange_id, order, actor))

    async def counts(self, actor: Actor) -> PrivacyCounts:
        """How often what was asked and done about personal data; no case, no person."""
        access.require(actor, Right.COUNT, Right.AUDIT, Right.SEE_DATA_REQUESTS)
        db, node = self._seat.store.read, self._seat.node
        return privacy.counted(
            await register.all_requests(db),
            corrections=await ledger.count(db, "rectification.corrects", node),
            erasures=await ledger.count(db, "rectification.erases", node),
            today=self._seat.clock.now().date(),
        )


async def forget_details(work: WorkingSet) -> int:
    """Destroy what is kept sealed of requests that were decided three years ago; returns of how many."""
    before = add_months(work.seat.clock.now(), -12 * privacy.KEEP_DETAILS_YEARS)
    numbers = await register.decided_before(work.db, before)
    await data_keys.destroy(work.db, map(register.key_name, numbers))
    await register.forget_details(work.db, numbers)
    return len(numbers)


async def _block(work: WorkingSet, exchange_id: str, order: BlockOrder, actor: Actor) -> Exchange:
    _require_own(work, order.authority)
    case = await case_for(work, actor, Right.BLOCK, exchange_id, authority=order.authority)
    after = no_longer_needed(case.exchange, work.seat.clock.now())
    work.note(order.authority, "personal_data.no_longer_needed", exchange_id, **_by(actor))
    return await retention.bring_about(work, after)


async def _ask(work: WorkingSet, asking: Asking, actor: Actor) -> DataRequest:
    _require_own(work, asking.authority)
    if asking.exchange is not None:
        case = await case_for(work, actor, Right.ASK_ABOUT_DATA, asking.exchange, authority=asking.authority)
        _require_possible(asking, case.exchange)
    else:
        access.require(actor, Right.ASK_ABOUT_DATA)
        if not _is_of(actor, asking.authority):
            raise Denied(Right.ASK_ABOUT_DATA, f"{actor.name} has no role for {asking.authority}")
    number = await register.next_number(work.db)
    request = privacy.asked(asking, number=number, by=actor.id, now=work.seat.clock.now())
    await register.put(work.db, request, _sealed(work, number, asking.detail))
    subject = asking.exchange or asking.authority
    work.note(asking.authority, f"privacy.asked.{asking.kind}", subject, request=number, **_by(actor))
    return request


async def _decide(work: WorkingSet, number: int, decision: Decision, actor: Actor) -> DataRequest:
    before, case = await _known(work, number, actor)
    if case is not None:
        rights = (Right.DECIDE_ABOUT_DATA,) if before.kind in OF_AUTHORITIES else (Right.ASK_ABOUT_DATA,)
        _require_one(actor, case, *rights, Right.DECIDE_ABOUT_DATA)
    else:
        access.require(actor, Right.ASK_ABOUT_DATA, Right.DECIDE_ABOUT_DATA)
    request = privacy.decided(before, decision, by=actor.id, now=work.seat.clock.now())
    detail = await _detail(work, number)
    kept = (detail or Detail()).model_copy(update={"answer": decision.answer})
    await register.put(work.db, request, _sealed(work, number, kept))
    work.note(request.authority, f"privacy.{request.status}.{request.kind}", _subject(request), **_by(actor, number))
    if request.kind == "early_deletion" and decision.granted and case is not None:
        await retention.ask_for_deletion(work, case.exchange, authority=request.authority, request=number)
    return request


async def _show(work: WorkingSet, number: int, actor: Actor) -> DataRequestView:
    if (
        not actor.alone
        and access.holds(actor, Right.AUDIT)
        and (found := await register.get(work.db, number)) is not None
    ):
        return DataRequestView(request=found[0], detail=None)
    request, case = await _known(work, number, actor)
    may_read = case is None or any(
        access.may(actor, right, case) for right in (Right.ASK_ABOUT_DATA, Right.DECIDE_ABOUT_DATA)
    )
    return DataRequestView(request=request, detail=await _detail(work, number) if may_read else None)


async def _note_look(work: WorkingSet, number: int, actor: Actor) -> Case:
    request, case = await _known(work, number, actor)
    if case is None:
        raise Refused(Refusal.NO_MEANING, f"request {number} is about no exchange")
    access.require_in(actor, Right.SEE_PERSONAL, case, authority=request.authority)
    after = privacy.looked_at(request, by=actor.id, now=work.seat.clock.now())
    await register.put(work.db, after)
    detail = {"ground": request.ground, **_by(actor, number)}
    work.note(request.authority, "personal_data.blocked_looked_at", case.exchange.id, **detail)
    return case


async def _rectify(work: WorkingSet, exchange_id: str, order: RectificationOrder, actor: Actor) -> Exchange:
    _require_own(work, order.authority)
    right = Right.RECTIFY if order.act in ("corrects", "erases") else Right.ASK_ABOUT_DATA
    case = await case_for(work, actor, right, exchange_id, authority=order.authority)
    if order.request is not None:
        request, about = await _known(work, order.request, actor)
        if about is None or about.exchange.id != exchange_id:
            raise Refused(Refusal.NO_MEANING, f"request {order.request} is not about {exchange_id}")
        after = privacy.granted_by_act(request, by=actor.id, now=work.seat.clock.now())
        await register.put(work.db, after)
        work.note(order.authority, f"privacy.granted.{request.kind}", exchange_id, **_by(actor, order.request))
    await rectification.state(work, case.exchange, order)
    return case.exchange


async def _known(work: WorkingSet, number: int, actor: Actor) -> tuple[DataRequest, Case | None]:
    """A request that the actor may know of, and its exchange; raises Unknown."""
    found = await register.get(work.db, number)
    missing = Unknown(f"there is no request {number} that you have to do with")
    if found is None:
        access.require(actor, Right.SEE_DATA_REQUESTS)
        raise missing
    request = found[0]
    if request.exchange is None:
        if not _is_of(actor, request.authority):
            raise missing
        return request, None
    try:
        case = await seen_case(work, actor, request.exchange)
    except Refused as hidden:
        raise missing from hidden
    return request, case


def _require_possible(asking: Asking, exchange: Exchange) -> None:
    if asking.kind == "blocked_access" and (exchange.blocked_at is None or exchange.deleted_at is not None):
        state = "deleted" if exchange.deleted_at is not None else "not blocked: look at it as usual"
        raise Refused(Refusal.NO_MEANING, f"the personal data of {exchange.id} are {state}")
    if asking.kind == "early_deletion":
        require_deletable(exchange)


def _require_own(work: WorkingSet, authority: str) -> None:
    if node_of(authority) != work.seat.node:
        raise Refused(Refusal.NOT_A_PARTY, f"{authority} is not an authority of this node ({work.seat.node})")


def _require_one(actor: Actor, case: Case, *rights: Right) -> None:
    if not any(access.may(actor, right, case) for right in rights):
        access.require_in(actor, rights[0], case)


def _is_of(actor: Actor, authority: str) -> bool:
    return actor.alone or any(grant.authority == authority for grant in actor.grants)


def _subject(request: DataRequest) -> str:
    return request.exchange or request.authority


def _by(actor: Actor, request: int | None = None) -> dict[str, object]:
    return {**({"user": actor.id} if actor.id is not None else {}), **({"request": request} if request else {})}


def _sealed(work: WorkingSet, number: int, detail: Detail) -> bytes:
    name = register.key_name(number)
    plain = detail.model_dump_json().encode()
    return vault.seal_content(work.content_key(name), plain, name.encode(), work.seat.random)


async def _detail(work: WorkingSet, number: int) -> Detail | None:
    name = register.key_name(number)
    await work.include([name])
    found = await register.get(work.db, number)
    if found is None or found[1] is None or name not in work.keys:
        return None
    return Detail.model_validate_json(vault.open_content(work.keys[name], found[1], name.encode()))
