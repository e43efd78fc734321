"""What the own side does with an exchange before and beside its steps; nobody else ever hears of it.

A step is prepared, submitted, and released or sent back by an approver; to release it is to take it, with the form
that was submitted. Nobody releases what he submitted himself. An exchange is given to a handler, a notification is
passed on to authorities at home. Each function gives the desk after the act, or says why there is none; that the
actor may do it has been asked of `access` before.
"""

from collections.abc import Iterable
from datetime import datetime

from schemas.desk import Desk, PendingStep, Preparation


class NotOnDesk(Exception):
    """The desk is not as the act supposes; nothing has changed. The message says what there is."""


def prepare(desk: Desk, preparation: Preparation, *, by: str | None, at: datetime) -> Desk:
    """Keep a step in place of what was prepared of it; what waited for approval does not any more.

    Raises:
        NotOnDesk: another authority prepares the same step.
    """
    known = desk.pending.get(preparation.step)
    if known is not None and known.authority != preparation.authority:
        raise NotOnDesk(f"{known.authority} prepares {preparation.step} in {desk.exchange}; agree on one of you")
    fresh = PendingStep(
        step=preparation.step,
        authority=preparation.authority,
        status="draft",
        by=by,
        at=at,
        note=known.note if known is not None else "",
        addressed=preparation.addressed,
        on_behalf_of=preparation.on_behalf_of,
    )
    return _with(desk, fresh)


def begun(desk: Desk, preparation: Preparation, *, by: str | None, at: datetime) -> Desk:
    """Keep the draft of an opening step; whoever writes it last prepares it, and it stays addressed as it was."""
    known = desk.pending.get(preparation.step)
    if known is not None and preparation.addressed is None:
        preparation = preparation.model_copy(update={"addressed": known.addressed})
    if known is not None and known.authority != preparation.authority:
        desk = _without(desk, preparation.step)
    return prepare(desk, preparation, by=by, at=at)


def submit(desk: Desk, step: str, *, by: str | None, at: datetime) -> Desk:
    """Submit a prepared step for approval.

    Raises:
        NotOnDesk: it is not prepared, or is submitted already.
    """
    known = pending_step(desk, step)
    if known.status == "awaiting_approval":
        raise NotOnDesk(f"{step} in {desk.exchange} is submitted already, by {known.by}")
    return _with(desk, known.model_copy(update={"status": "awaiting_approval", "by": by, "at": at, "note": ""}))


def withdraw(desk: Desk, step: str, *, by: str | None, at: datetime) -> Desk:
    """Take a step back from the approver, to go on with it; raises NotOnDesk."""
    known = submitted_step(desk, step)
    return _with(desk, known.model_copy(update={"status": "draft", "by": by, "at": at}))


def send_back(desk: Desk, step: str, note: str, *, at: datetime) -> Desk:
    """Give a step back to whoever submitted it, with what is to be changed; raises NotOnDesk."""
    known = submitted_step(desk, step)
    return _with(desk, known.model_copy(update={"status": "sent_back", "at": at, "note": note}))


def require_release(desk: Desk, step: str, *, by: str | None) -> PendingStep:
    """The submitted step that is to be released, by somebody else than who submitted it.

    Raises:
        NotOnDesk: it is not submitted, or by the same user.
    """
    known = submitted_step(desk, step)
    if by is not None and known.by == by:
        raise NotOnDesk(f"{by} submitted {step} in {desk.exchange}: somebody else has to release it")
    return known


def discard(desk: Desk, step: str) -> Desk:
    """Drop what was prepared of a step; raises NotOnDesk."""
    pending_step(desk, step)
    return _without(desk, step)


def taken(desk: Desk, step: str, *, authority: str, handler: str | None) -> Desk:
    """After a step: nothing of it is pending, and where nobody handles the exchange yet, its author does."""
    if handler is not None and authority not in desk.handlers:
        desk = desk.model_copy(update={"handlers": {**desk.handlers, authority: handler}})
    return _without(desk, step) if step in desk.pending else desk


def allocate(desk: Desk, authority: str, user: str | None) -> Desk:
    """Give the exchange to a handler of an authority, or to nobody in particular."""
    others = {name: handler for name, handler in desk.handlers.items() if name != authority}
    return desk.model_copy(update={"handlers": {**others, authority: user} if user is not None else others})


def disseminate(desk: Desk, to: Iterable[str]) -> Desk:
    """Let further authorities at home read the exchange."""
    return desk.model_copy(update={"disseminated_to": tuple(dict.fromkeys((*desk.disseminated_to, *to)))})


def pending_step(desk: Desk, step: str) -> PendingStep:
    """What is prepared of a step; raises NotOnDesk."""
    known = desk.pending.get(step)
    if known is None:
        there = f"; there is {', '.join(desk.pending)}" if desk.pending else ""
        raise NotOnDesk(f"nothing of {step} is prepared in {desk.exchange}{there}")
    return known


def submitted_step(desk: Desk, step: str) -> PendingStep:
    """A step that waits for approval; raises NotOnDesk."""
    known = pending_step(desk, step)
    if known.status != "awaiting_approval":
        raise NotOnDesk(f"{step} in {desk.exchange} does not wait for approval; submit it first")
    return known


def _with(desk: Desk, pending: PendingStep) -> Desk:
    return desk.model_copy(update={"pending": {**desk.pending, pending.step: pending}})


def _without(desk: Desk, step: str) -> Desk:
    return desk.model_copy(update={"pending": {name: each for name, each in desk.pending.items() if name != step}})
