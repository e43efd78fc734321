"""What users get to see: exchanges with their content, deliveries, statistics, how the node is."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import aiosqlite

from node.crypto import statement as signing
from node.crypto import vault
from node.crypto.jws import unverified_payload
from node.handlers import access
from node.handlers.access import Actor, Case, Denied, Hidden
from node.handlers.dates.deadlines import running
from node.handlers.dates.due import retention_due_at, retention_view
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.dates.sentences import standing_sentence
from node.handlers.dates.standing import is_yours, standing
from node.handlers.exchanges import withholding
from node.handlers.exchanges.procedure import form_of, possible_steps
from node.handlers.exchanges.translating import texts_of
from node.handlers.persons.rectification import Said, about, sensitive
from node.handlers.rights import Right
from node.runtime.attachments import read_file
from node.runtime.cases import load_case, may_of
from node.runtime.filled import opened as opened_draft
from node.runtime.rectification import said_in
from node.runtime.seat import Seat
from node.runtime.translations import reader_language
from node.runtime.translations import views as translated
from node.store import attachments, data_keys, drafts, exchanges, outbox, quarantine, receipts, statements
from schemas.api import DeliveryView, ExchangeView, QuarantineView, StepView
from schemas.exchange import Entry, Exchange
from schemas.messages import STATEMENT, Rectification, Step
from schemas.policy_area import Form, PolicyArea
from schemas.privacy import RectificationView
from schemas.refusal import HELP, Refusal
from schemas.translation import TranslationView


class Unknown(LookupError):
    """There is no such exchange at this node."""


async def known_exchange(db: aiosqlite.Connection, exchange_id: str) -> Exchange:
    """This node's copy of an exchange.

    Raises:
        Unknown: there is none.
    """
    exchange = (await exchanges.load(db, [exchange_id])).get(exchange_id)
    if exchange is None:
        raise Unknown(f"this node knows no exchange {exchange_id}")
    return exchange


async def case_seen(seat: Seat, exchange_id: str, actor: Actor, right: Right = Right.SEE) -> Case:
    """An exchange in which somebody has a right.

    Raises:
        Unknown: there is none, or it is not for the actor to know that there is.
        Denied: the actor sees it, and has not this right.
    """
    db = seat.store.read
    case = await load_case(seat, db, await known_exchange(db, exchange_id))
    try:
        access.require_in(actor, right, case)
    except Hidden as hidden:
        raise Unknown(f"this node knows no exchange {exchange_id}") from hidden
    return case


async def exchanges_seen(
    seat: Seat, actor: Actor, page: Callable[[str | None], Awaitable[list[Exchange]]], after: str | None, limit: int
) -> list[Exchange]:
    """Go through pages of exchanges until so many are found that somebody may see.

    Args:
        seat: of this node.
        actor: who wants to see them.
        page: gives the exchanges that follow one.
        after: which to begin after.
        limit: at most so many.
    """
    may = await may_of(seat, actor)
    found: list[Exchange] = []
    while len(found) < limit and (more := await page(after)):
        found += [each for each in more if may(Right.SEE, each)]
        after = more[-1].id
    return found[:limit]


async def those_seen(seat: Seat, actor: Actor, found: Iterable[Exchange]) -> list[Exchange]:
    """Leave out the exchanges that somebody may not see."""
    may = await may_of(seat, actor)
    return [each for each in found if may(Right.SEE, each)]


async def exchange_view(seat: Seat, exchange_id: str, actor: Actor) -> ExchangeView:
    """Show an exchange with what its steps say, as far as it is neither blocked nor deleted nor to be withheld.

    Raises:
        Unknown: this node knows no such exchange, or none that the actor may know of.
    """
    case = await case_seen(seat, exchange_id, actor)
    return await view_with(seat, case, actor, await content_key(seat, seat.store.read, case.exchange))


async def view_with(seat: Seat, case: Case, actor: Actor, key: bytes | None) -> ExchangeView:
    """Show an exchange with what its steps say, as far as the data key that is given opens it.

    Args:
        seat: of this node.
        case: that the actor may know of.
        actor: who looks.
        key: none where the content may not be seen.
    """
    db, exchange, procedure = seat.store.read, case.exchange, case.procedure
    area = seat.area(exchange.area, exchange.version)
    view = View(actor, case, area, key)
    filled = await _filled(db, view)
    steps = await _steps(db, view)
    today = seat.clock.now().date()
    dues = running(exchange, area, public_holidays)
    stands = standing(exchange, area, today=today, dues=dues, desk=case.desk)
    stands = stands.model_copy(update={"yours": is_yours(actor, case, stands)})
    acts_as = _acts_as(view)
    return ExchangeView(
        exchange=exchange,
        label=procedure.label,
        state_label=procedure.states[exchange.state].label,
        turn=procedure.states[exchange.state].turn,
        next_due_at=retention_due_at(exchange, area),
        steps=steps,
        possible=tuple(step for step in possible_steps(exchange, procedure, seat.node) if step in acts_as),
        acts_as=acts_as,
        opens=access.may(actor, Right.NOTE_OPENED, case),
        withheld=view.because,
        draft=filled.pop(procedure.opening, None),
        pending=filled,
        desk=case.desk,
        today=today,
        standing=stands,
        sentence=standing_sentence(exchange, area, seat.node, stands),
        retention=retention_view(exchange, area, seat.node) if exchange.closed_at is not None else None,
        sensitive=_sensitive(view, steps),
        deadlines=dues,
        language=reader_language(actor, seat.engines.languages if seat.engines is not None else (), seat.node),
        translates=seat.engines is not None,
    )


async def attachment(seat: Seat, exchange_id: str, digest: str, actor: Actor) -> AsyncIterator[bytes]:
    """Find a file of an exchange, to be gone through a piece at a time.

    Raises:
        Unknown: no such exchange or file, or it is blocked or deleted.
        Denied: the actor may not see the files, or not yet.
    """
    db = seat.store.read
    case = await case_seen(seat, exchange_id, actor)
    key = await content_key(seat, db, case.exchange)
    have, count = await attachments.present(db, exchange_id, digest)
    if key is None or have == 0 or have != count:
        raise Unknown(f"this node has no such file in {exchange_id}")
    access.require_in(actor, Right.DOWNLOAD, case)
    if withholding.because(actor, case):
        raise Denied(Right.DOWNLOAD, f"the files of {exchange_id} are open once your side has accepted it")
    return read_file(db, key, exchange_id, digest)


async def content_key(seat: Seat, db: aiosqlite.Connection, exchange: Exchange) -> bytes | None:
    """The data key of an exchange, while its content may be seen."""
    key = (await data_keys.get(db, [exchange.id])).get(exchange.id)
    if key is None or key.ring != "ordinary" or exchange.blocked_at is not None:
        return None
    return seat.keyring.unwrap(key.ring, key.wrapped)


@dataclass(frozen=True)
class View:
    """One reader's view of an exchange."""

    actor: Actor
    case: Case
    area: PolicyArea
    key: bytes | None
    """The data key, while the content may be seen."""

    @property
    def because(self) -> withholding.Because:
        """Why others' personal data are withheld, if they are."""
        return withholding.because(self.actor, self.case)

    def form_of(self, step: str) -> Form | None:
        """The form that a step is filled in with."""
        return form_of(self.area, self.case.exchange, step)

    def hides(self, entry: Entry) -> Form | None:
        """The form of a step whose personal data are withheld from the reader; none where all of it is shown."""
        hidden = self.because and not withholding.wrote(self.actor, self.case, entry)
        return self.form_of(entry.step) if hidden else None


def _acts_as(view: View) -> dict[str, tuple[str, ...]]:
    """The authorities for which the reader takes steps, by step; those that the reader takes for none are left out."""
    case, steps = view.case, view.case.procedure.steps.items()
    able = {
        name: access.authorities_for(view.actor, rule, case, view.area) for name, rule in steps if case.role in rule.by
    }
    return {name: found for name, found in able.items() if found}


async def _filled(db: aiosqlite.Connection, view: View) -> dict[str, dict[str, object]]:
    """What is filled in and not taken yet, by step."""
    if view.key is None:
        return {}
    exchange_id = view.case.exchange.id
    found = {
        step: opened_draft(view.key, sealed, exchange_id)
        for step, sealed in (await drafts.of_exchange(db, exchange_id)).items()
    }
    if view.because != "no_right":
        return found
    return {
        step: withholding.shown(form, content)
        for step, content in found.items()
        if (form := view.form_of(step)) is not None
    }


def _sensitive(view: View, steps: Iterable[StepView]) -> tuple[str, ...]:
    forms = ((view.form_of(each.step), each.form) for each in steps)
    found = (code for form, said in forms if form is not None and said for code in sensitive(form, said))
    return tuple(dict.fromkeys(found))


async def _steps(db: aiosqlite.Connection, view: View) -> tuple[StepView, ...]:
    exchange = view.case.exchange
    rectified = await said_in(db, exchange.id, view.key)
    hashes = [entry.hash for entry in exchange.history]
    said = await statements.get(db, hashes)
    deliveries = await outbox.of_statements(db, hashes)
    evidence = await receipts.about(db, hashes)
    translations = await translated(db, view.key, hashes)
    return tuple(
        _step(
            view,
            entry,
            said[entry.hash],
            deliveries.get(entry.hash, ()),
            {each.party: each.at for each in evidence.get(entry.hash, ()) if each.outcome == "opened"},
            said=about(rectified, entry),
            translations=translations.get(entry.hash, ()),
        )
        for entry in exchange.history
    )


def _step(
    view: View,
    entry: Entry,
    recorded: statements.Recorded,
    deliveries: Sequence[outbox.Delivery],
    opened: Mapping[str, datetime],
    *,
    said: Iterable[Said],
    translations: Sequence[TranslationView],
) -> StepView:
    content = _content(recorded, view.key)
    hiding = view.hides(entry) if content is not None else None
    open_content = withholding.shown(hiding, content) if hiding is not None and content is not None else content
    return StepView(
        message=entry.message,
        step=entry.step,
        label=view.case.procedure.steps[entry.step].label,
        sender=entry.sender,
        authority=entry.authority,
        on_behalf_of=entry.on_behalf_of,
        handed_to=_handed_to(view, entry, recorded),
        at=entry.at,
        state=entry.state,
        crossed=entry.crossed,
        form=open_content,
        withheld=withholding.withheld(hiding, content) if hiding is not None and content is not None else (),
        deliveries=tuple(_delivery(each, opened.get(each.recipient)) for each in deliveries),
        rectifications=tuple(_rectification(each, is_shown=content is not None and hiding is None) for each in said),
        translations=_shown(view.form_of(entry.step), open_content, translations),
    )


def _rectification(said: Said, *, is_shown: bool) -> RectificationView:
    """What was said about an answer; to a reader from whom personal data are withheld, only that it was."""
    shown = said.content if is_shown else {}
    return RectificationView(
        act=said.act,
        field=said.field,
        sender=said.sender,
        authority=said.authority,
        at=said.at,
        corrected=shown.get("corrected"),
        remark=str(shown.get("remark", "")),
        withheld=not shown and said.act != "erases",
    )


def _handed_to(view: View, entry: Entry, recorded: statements.Recorded) -> tuple[str, ...]:
    """Whom a step brought in on the side of its author."""
    kind = view.case.procedure.steps[entry.step].authority
    if kind not in ("hands_over", "shares"):
        return ()
    step = STATEMENT.validate_json(unverified_payload(recorded.jws))
    if not isinstance(step, Step):
        return ()
    role = view.case.exchange.role_of(entry.sender) or ""
    return step.further if kind == "shares" else tuple(filter(None, (step.authorities.get(role),)))


def _shown(
    form: Form | None, content: Mapping[str, object] | None, translations: Sequence[TranslationView]
) -> tuple[TranslationView, ...]:
    """The translations of what the reader may see of the original."""
    if form is None or content is None:
        return ()
    seen = {text.field for text in texts_of(form, content)}
    return tuple(each for each in translations if each.field in seen)


def _delivery(delivery: outbox.Delivery, opened_at: datetime | None) -> DeliveryView:
    code = Refusal(delivery.code) if delivery.code is not None else None
    return DeliveryView(
        recipient=delivery.recipient,
        state=delivery.state,
        published_at=delivery.published_at,
        ended_at=delivery.ended_at,
        opened_at=opened_at,
        code=code,
        help=HELP[code] if code is not None else "",
    )


def _content(recorded: statements.Recorded, key: bytes | None) -> dict[str, object] | None:
    if key is None:
        return None
    if recorded.disclosures is None:
        return {}
    kept = signing.kept(vault.open_content(key, recorded.disclosures, recorded.message_id.encode()))
    step = STATEMENT.validate_json(unverified_payload(recorded.jws))
    digests = step.digests if isinstance(step, Step | Rectification) else ()
    return dict(signing.read_remaining(digests, kept))


async def quarantine_view(seat: Seat, limit: int = 100) -> list[QuarantineView]:
    """What came and could not be processed, the newest first."""
    return [
        QuarantineView(
            id=each.id,
            at=each.at,
            last_at=each.last_at,
            repeats=each.repeats,
            code=Refusal(each.code),
            help=HELP[Refusal(each.code)],
            sender=each.sender,
            message_id=each.message_id,
            detail=each.detail,
            size=each.size,
        )
        for each in await quarantine.page(seat.store.read, limit=limit)
    ]
