"""What parties say about single answers of steps: stated and signed here, taken in from peers, read beside them."""

from collections.abc import Mapping

import aiosqlite
from pydantic import JsonValue

from node.crypto import statement as signing
from node.crypto import vault
from node.crypto.jws import unverified_payload
from node.crypto.statement import Packed
from node.handlers.exchanges import forms
from node.handlers.exchanges.procedure import form_of
from node.handlers.persons.rectification import Said, require_entry, require_field, require_value
from node.handlers.refused import Refused
from node.runtime import kept, retention, search, translations
from node.runtime.working_set import WorkingSet
from node.store import attachments, statements
from node.store.statements import Recorded
from schemas.exchange import Entry, Exchange
from schemas.messages import STATEMENT, Chunk, Rectification
from schemas.policy_area import Field, Form
from schemas.privacy import RectificationOrder
from schemas.refusal import Refusal

CONTENT = frozenset({"corrected", "remark"})


async def state(work: WorkingSet, exchange: Exchange, order: RectificationOrder) -> Rectification:
    """Say something about an answer to all parties; an erased one is gone here when this is committed.

    Raises:
        Refused: it can't be said, or the personal data are deleted already.
    """
    if exchange.deleted_at is not None:
        raise Refused(
            Refusal.NO_MEANING, f"the personal data of {exchange.id} are deleted: there is nothing to rectify"
        )
    said = Rectification(
        id=work.seat.new_id(),
        sender=work.seat.node,
        at=work.seat.clock.now(),
        to=work.next_numbers(retention.told(work, exchange)),
        exchange=exchange.id,
        authority=order.authority,
        about=order.about,
        act=order.act,
        field=order.field,
    )
    entry, form, field = _place(work, exchange, said)
    fields: dict[str, JsonValue] = {"remark": order.remark} if order.remark else {}
    if order.act == "corrects":
        await _require_value(work, exchange, entry, form, order)
        fields["corrected"] = order.corrected
    digests, disclosures = signing.disclose(fields, work.seat.random)
    work.issue(said.model_copy(update={"digests": digests}), disclosures)
    await _carry_out(work, exchange, said, field)
    return said


async def take_in(work: WorkingSet, said: Rectification, body: Mapping[str, object]) -> None:
    """Take in what a party says about an answer; the caller records the statement.

    Raises:
        Refused: it may not say that.
    """
    exchange = work.exchanges.get(said.exchange)
    if exchange is None:
        raise Refused(Refusal.UNKNOWN_EXCHANGE, f"{said.exchange} is not known here")
    if not body.keys() <= CONTENT or (said.act == "corrects") != ("corrected" in body):
        raise Refused(Refusal.MALFORMED, "what is said about an answer is `corrected` in a correction, and `remark`")
    _, _, field = _place(work, exchange, said)
    await _carry_out(work, exchange, said, field)


async def give_back(work: WorkingSet, said: Rectification, packed: Packed) -> None:
    """Keep again what this node itself had said before its store was replaced by an older copy, and abide by it."""
    work.take_back(said, packed, signing.statement_hash(packed.jws))
    exchange = work.exchanges.get(said.exchange)
    if exchange is not None and any(entry.message == said.about for entry in exchange.history):
        _, _, field = _place(work, exchange, said)
        await _carry_out(work, exchange, said, field)


async def said_in(db: aiosqlite.Connection, exchange_id: str, key: bytes | None) -> list[Said]:
    """All that was said about answers in an exchange, the earliest first; what exactly, where the key is given."""
    return [_opened(each, key) for each in await statements.of_kind(db, exchange_id, "rectification")]


def _opened(recorded: Recorded, key: bytes | None) -> Said:
    said = STATEMENT.validate_json(unverified_payload(recorded.jws))
    assert isinstance(said, Rectification)  # noqa: S101  it was recorded under that kind
    content: Mapping[str, object] = {}
    if key is not None and recorded.disclosures is not None:
        disclosures = signing.kept(vault.open_content(key, recorded.disclosures, recorded.message_id.encode()))
        content = signing.read_remaining(said.digests, disclosures)
    return Said(said.about, said.act, said.field, said.sender, said.authority, said.at, content)


def _place(work: WorkingSet, exchange: Exchange, said: Rectification) -> tuple[Entry, Form | None, Field]:
    entry = require_entry(exchange, said)
    form = form_of(work.seat.area(exchange.area, exchange.version), exchange, entry.step)
    return entry, form, require_field(form, said.field, said.act)


async def _require_value(
    work: WorkingSet, exchange: Exchange, entry: Entry, form: Form | None, order: RectificationOrder
) -> None:
    area = work.seat.area(exchange.area, exchange.version)
    recorded = await kept.recorded(work, entry.hash)
    content = _content(work, exchange.id, recorded)
    setting = forms.Setting(area=area, country=work.seat.node, today=entry.at.date())
    if form is not None:
        require_value(form, content, order.field, order.corrected, setting)


async def _carry_out(work: WorkingSet, exchange: Exchange, said: Rectification, field: Field) -> None:
    detail = {"message": said.about, "field": said.field}
    work.note(said.authority, f"rectification.{said.act}", exchange.id, **detail)
    if said.act == "erases" and exchange.deleted_at is None:
        await _erase(work, exchange, said, field)


async def _erase(work: WorkingSet, exchange: Exchange, said: Rectification, field: Field) -> None:
    """Take one answer, with all that was said of it, out of what is kept; the skeleton goes on verifying."""
    entry = next(each for each in exchange.history if each.message == said.about)
    recorded = await kept.recorded(work, entry.hash)
    content = _content(work, exchange.id, recorded)
    key = work.keys.get(exchange.id)
    if key is None or recorded.disclosures is None or said.field not in content:
        return
    whole = vault.open_content(key, recorded.disclosures, recorded.message_id.encode()).decode().split("~")
    left = [signing.ERASED if _name(one) == said.field else one for one in whole]
    sealed = vault.seal_content(key, "~".join(left).encode(), recorded.message_id.encode(), work.seat.random)
    work.seat.handover.take()
    await kept.keep_only(work, recorded, sealed)
    await _erase_what_was_said_of(work, exchange.id, said)
    if field.type == "attachments":
        await _erase_files(work, exchange.id, content[said.field])
    if exchange.blocked_at is None:
        await search.take_in_again(work, exchange)
        await translations.anew(work, exchange)


async def _erase_what_was_said_of(work: WorkingSet, exchange_id: str, said: Rectification) -> None:
    for each in await kept.recorded_of(work, exchange_id, "rectification"):
        one = STATEMENT.validate_json(unverified_payload(each.jws))
        is_of_it = isinstance(one, Rectification) and (one.about, one.field) == (said.about, said.field)
        if is_of_it and each.message_id != said.id:
            await kept.keep_only(work, each, None)


async def _erase_files(work: WorkingSet, exchange_id: str, notes: object) -> None:
    files = {note["hash"] for note in notes if isinstance(note, Mapping)} if isinstance(notes, list) else set()
    for digest in files:
        await attachments.erase_file(work.db, exchange_id, str(digest))
    for each in await kept.recorded_of(work, exchange_id, "chunk"):
        chunk = STATEMENT.validate_json(unverified_payload(each.jws))
        if isinstance(chunk, Chunk) and chunk.attachment in files:
            await kept.keep_only(work, each, None)


def _content(work: WorkingSet, exchange_id: str, recorded: Recorded) -> dict[str, JsonValue]:
    key = work.keys.get(exchange_id)
    if key is None or recorded.disclosures is None:
        return {}
    disclosures = signing.kept(vault.open_content(key, recorded.disclosures, recorded.message_id.encode()))
    return signing.read_remaining(map(signing.digest, disclosures), disclosures)


def _name(disclosure: str) -> str | None:
    if disclosure == signing.ERASED:
        return None
    return next(iter(signing.read_remaining([signing.digest(disclosure)], [disclosure])))
