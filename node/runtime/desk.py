"""What the own side does with an exchange before and beside its steps, each act with one commit.

Nothing of it leaves the node but the step that an approver releases, and that in the same transaction.
"""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from node.handlers import access
from node.handlers.access import Actor, Case, Denied
from node.handlers.exchanges import desk, forms, procedure
from node.handlers.exchanges.desk import NotOnDesk
from node.handlers.refused import Refused
from node.handlers.rights import Right
from node.runtime import attachments, submission
from node.runtime.actors import actor_named
from node.runtime.cases import case_for, case_of, home_authorities, keep_desk, seen_case
from node.runtime.filled import keep_draft, read_draft
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import desks, drafts, exchanges
from schemas.desk import Allocation, Desk, DeskLine, Dissemination, PendingStep, Preparation, SendingBack
from schemas.exchange import Act, Exchange
from schemas.identifiers import node_of
from schemas.refusal import Refusal

_T = TypeVar("_T")


class Transactions(Protocol):
    """Transactions of a node, one after the other."""

    async def __call__(self, task: Callable[[WorkingSet], Awaitable[_T]]) -> _T:
        """Carry a task out, and commit what it changed."""


class Desks:
    """The desks of one node; every act names who acts.

    All of them raise Refused where the actor may not know of the exchange, Denied where the right lacks, and
    NotOnDesk where the desk is not as the act supposes; then nothing has changed.
    """

    def __init__(self, seat: Seat, work: Transactions) -> None:
        """Work in the transactions of this node."""
        self._seat = seat
        self._work = work

    async def waiting(self, actor: Actor) -> list[DeskLine]:
        """Steps that are prepared and not taken, as far as the actor has to do with them."""
        access.require(actor, Right.PREPARE, Right.RELEASE)
        return await _waiting(self._seat, actor)

    async def prepare(self, exchange_id: str, preparation: Preparation, actor: Actor) -> Desk:
        """Keep a step, filled in as far as it is."""
        return await self._work(lambda work: _prepare(work, exchange_id, preparation, actor))

    async def discard(self, exchange_id: str, step: str, actor: Actor) -> Desk:
        """Drop what was prepared of a step."""
        return await self._work(lambda work: _discard(work, exchange_id, step, actor))

    async def submit(self, exchange_id: str, step: str, actor: Actor) -> Desk:
        """Submit a prepared step for approval; its form has to be complete by now."""
        return await self._work(lambda work: _submit(work, exchange_id, step, actor))

    async def withdraw(self, exchange_id: str, step: str, actor: Actor) -> Desk:
        """Take a submitted step back, to go on with it."""
        return await self._work(lambda work: _withdraw(work, exchange_id, step, actor))

    async def send_back(self, exchange_id: str, sending: SendingBack, actor: Actor) -> Desk:
        """Give a submitted step back, with what is to be changed."""
        return await self._work(lambda work: _send_back(work, exchange_id, sending, actor))

    async def release(self, exchange_id: str, step: str, actor: Actor) -> Exchange:
        """Take a submitted step with the form that was submitted; returns the exchange after it."""
        return await self._work(lambda work: _release(work, exchange_id, step, actor))

    async def allocate(self, exchange_id: str, allocation: Allocation, actor: Actor) -> Desk:
        """Say who handles the exchange for an authority; a handler may take it on himself."""
        return await self._work(lambda work: _allocate(work, exchange_id, allocation, actor))

    async def disseminate(self, exchange_id: str, dissemination: Dissemination, actor: Actor) -> Desk:
        """Let further authorities of the own country read a notification."""
        return await self._work(lambda work: _disseminate(work, exchange_id, dissemination, actor))


async def _prepare(work: WorkingSet, exchange_id: str, preparation: Preparation, actor: Actor) -> Desk:
    authority = preparation.authority
    case = await case_for(work, actor, Right.PREPARE, exchange_id, authority=authority)
    area = work.seat.area(case.exchange.area, case.exchange.version)
    rule = procedure.rule_of(area, case.exchange.procedure, preparation.step)
    access.require_in(actor, access.right_to(rule), case, authority=authority)
    if node_of(authority) != work.seat.node:
        raise Refused(Refusal.NOT_A_PARTY, f"{authority} is not an authority of this node ({work.seat.node})")
    if rule.local or case.exchange.opened_at is None:
        raise NotOnDesk(f"{exchange_id} is a draft: save it, and submit its step {case.procedure.opening}")
    if case.role not in rule.by or case.exchange.blocked_at is not None:
        raise Refused(
            Refusal.NOT_YOUR_STEP, f"{preparation.step} in {exchange_id} is not for this side, or not any more"
        )
    after = desk.prepare(case.desk, preparation, by=actor.id, at=work.seat.clock.now())
    await keep_draft(work, exchange_id, preparation.step, forms.filled(preparation.form))
    return _kept(work, after)


async def _discard(work: WorkingSet, exchange_id: str, step: str, actor: Actor) -> Desk:
    case, _ = await _own_step(work, exchange_id, step, actor)
    if case.exchange.opened_at is None:
        raise NotOnDesk(f"{exchange_id} is a draft: discard it as a whole, with its step discard")
    await drafts.remove(work.db, exchange_id, step)
    return _kept(work, desk.discard(case.desk, step))


async def _submit(work: WorkingSet, exchange_id: str, step: str, actor: Actor) -> Desk:
    case, pending = await _own_step(work, exchange_id, step, actor)
    await _require_complete(work, case, step)
    after = desk.submit(case.desk, step, by=actor.id, at=work.seat.clock.now())
    return _noted(work, after, pending, "submitted", actor)


async def _withdraw(work: WorkingSet, exchange_id: str, step: str, actor: Actor) -> Desk:
    case, pending = await _own_step(work, exchange_id, step, actor)
    after = desk.withdraw(case.desk, step, by=actor.id, at=work.seat.clock.now())
    return _noted(work, after, pending, "taken_back", actor)


async def _send_back(work: WorkingSet, exchange_id: str, sending: SendingBack, actor: Actor) -> Desk:
    case, pending = await _own_step(work, exchange_id, sending.step, actor, Right.RELEASE)
    after = desk.send_back(case.desk, sending.step, sending.note, at=work.seat.clock.now())
    return _noted(work, after, pending, "sent_back", actor)


async def _release(work: WorkingSet, exchange_id: str, step: str, actor: Actor) -> Exchange:
    case, _ = await _own_step(work, exchange_id, step, actor, Right.RELEASE)
    pending = desk.require_release(case.desk, step, by=actor.id)
    is_draft = case.exchange.opened_at is None  # then the step goes by what is kept of it anyway
    act = Act(
        step=step,
        authority=pending.authority,
        exchange=exchange_id,
        form={} if is_draft else await read_draft(work, exchange_id, step),
        addressed=pending.addressed,
        on_behalf_of=pending.on_behalf_of,
        user=actor.id,
    )
    return await submission.carry_out(work, act, handler=pending.by)


async def _allocate(work: WorkingSet, exchange_id: str, allocation: Allocation, actor: Actor) -> Desk:
    case = await seen_case(work, actor, exchange_id)
    takes_it = actor.id is not None and allocation.user == actor.id
    right = Right.TAKE if takes_it else Right.ALLOCATE
    access.require_in(actor, right, case, authority=allocation.authority)
    if allocation.user is not None and not takes_it:
        handler = await actor_named(work.seat, allocation.user)
        if not access.may(handler, Right.TAKE, case, authority=allocation.authority):
            raise Denied(Right.TAKE, f"{allocation.user} is no handler of {allocation.authority} in {exchange_id}")
    work.note(allocation.authority, "desk.allocated", exchange_id, to=allocation.user, user=actor.id)
    return _kept(work, desk.allocate(case.desk, allocation.authority, allocation.user))


async def _disseminate(work: WorkingSet, exchange_id: str, dissemination: Dissemination, actor: Actor) -> Desk:
    case = await case_for(work, actor, Right.DISSEMINATE, exchange_id)
    if case.procedure.kind != "notification" or case.role == case.procedure.initiator:
        raise NotOnDesk(f"{exchange_id} is no notification of another country: nothing is to be passed on")
    area = work.seat.area(case.exchange.area, case.exchange.version)
    for name in dissemination.to:
        if node_of(name) != work.seat.node:
            raise Refused(Refusal.NOT_A_PARTY, f"{name} is not an authority of this node ({work.seat.node})")
        known = case.authorities.get(name)
        access.require_registered(known, name, area=area, procedure=case.exchange.procedure)
    work.note(work.seat.node, "desk.disseminated", exchange_id, to=sorted(dissemination.to), user=actor.id)
    return _kept(work, desk.disseminate(case.desk, dissemination.to))


async def _own_step(
    work: WorkingSet, exchange_id: str, step: str, actor: Actor, right: Right = Right.PREPARE
) -> tuple[Case, PendingStep]:
    """A step on a desk, of an authority for which the actor has the right."""
    case = await seen_case(work, actor, exchange_id)
    pending = desk.pending_step(case.desk, step)
    access.require_in(actor, right, case, authority=pending.authority)
    return case, pending


async def _require_complete(work: WorkingSet, case: Case, step: str) -> None:
    """Insist that an approver gets a form that can be sent, with the reasons that it asks for; raises Refused."""
    exchange = case.exchange
    area = work.seat.area(exchange.area, exchange.version)
    form = procedure.form_of(area, exchange, step)
    if form is None:
        return
    content = await read_draft(work, exchange.id, step)
    setting = forms.Setting(area=area, country=work.seat.node, today=work.seat.clock.now().date())
    if found := forms.problems(form, content, setting):
        raise Refused(Refusal.BAD_FORM, "; ".join(map(str, found)), tuple(found))
    await attachments.require_files(work, exchange.id, form, content)
    await submission.require_reasons(work, step, exchange, area, content)


def _kept(work: WorkingSet, after: Desk) -> Desk:
    keep_desk(work, after)
    return after


def _noted(work: WorkingSet, after: Desk, pending: PendingStep, action: str, actor: Actor) -> Desk:
    work.note(pending.authority, f"desk.{action}", after.exchange, step=pending.step, user=actor.id)
    return _kept(work, after)


async def _waiting(seat: Seat, actor: Actor) -> list[DeskLine]:
    db = seat.store.read
    kept = await desks.pending(db)
    known = await exchanges.load(db, (each.exchange for each in kept))
    authorities = await home_authorities(seat)
    return [
        line
        for each in kept
        if each.exchange in known
        for pending in each.pending.values()
        if (line := _line(actor, case_of(seat, known[each.exchange], each, authorities), pending)) is not None
    ]


def _line(actor: Actor, case: Case, pending: PendingStep) -> DeskLine | None:
    submitted = pending.status == "awaiting_approval"
    is_own = actor.id is not None and pending.by == actor.id
    may_release = submitted and not is_own and access.may(actor, Right.RELEASE, case, authority=pending.authority)
    if not may_release and not access.may(actor, Right.PREPARE, case, authority=pending.authority):
        return None
    label = case.procedure.steps[pending.step].label
    return DeskLine(exchange=case.exchange.id, label=label, pending=pending, may_release=may_release)
