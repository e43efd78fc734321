"""Translations of what was received: put down with the step, looked at by a worker, shown beside the original.

Nothing of it delays a delivery: with the step only its hash is noted. All rows of an exchange go when it is blocked,
in the transaction that takes its key out of reach.
"""

import asyncio
from collections.abc import Iterable, Mapping

import aiosqlite

from node.crypto import statement as signing
from node.crypto import vault
from node.crypto.translation_key import text_mark, translation_key
from node.handlers.access import Actor
from node.handlers.exchanges.procedure import form_of
from node.handlers.exchanges.translating import declared_language, languages_of, source_of, texts_of
from node.runtime.working_set import WorkingSet
from node.store import statements, translations
from node.store.statements import Recorded
from node.store.translations import Row, Wanted
from node.translation import detection
from schemas.policy_area import Form
from schemas.translation import TranslationState, TranslationView

GROUP = 20  # statements looked at with one commit


async def expect(work: WorkingSet, exchange_id: str, statement: str, form: Form, content: Mapping[str, object]) -> None:
    """Note that a step's texts are to be translated, in the transaction that stores it."""
    if work.seat.engines is None or work.exchanges[exchange_id].blocked_at is not None:
        return
    if texts_of(form, content):
        await translations.expect(work.db, statement, exchange_id)


async def split(work: WorkingSet) -> int:
    """Put down each text of what was received, for each of the node's languages; returns of how many statements."""
    due = await translations.due(work.db, GROUP)
    if due:
        await work.include(due.values())
        said = await statements.get(work.db, due)
        wanted = [each for name, exchange_id in due.items() for each in _wanted(work, said[name], exchange_id)]
        await translations.want(work.db, due, wanted, work.seat.wall.now())
    return len(due)


def _wanted(work: WorkingSet, recorded: Recorded, exchange_id: str) -> Iterable[Wanted]:
    content, form = said_in(work, recorded, exchange_id)
    if form is None or work.seat.engines is None:
        return
    texts = texts_of(form, content)
    suggested = None
    if declared_language(content) is None:
        suggested = detection.suggest("\n".join(each.text for each in texts))
    source = source_of(content, suggested, recorded.sender)
    key = translation_key(work.seat.keyring.store_key)
    for target in work.seat.engines.languages:
        if target == source.language:
            continue
        for each in texts:
            yield Wanted(
                statement=recorded.hash,
                field=each.field,
                target=target,
                exchange_id=exchange_id,
                source=source.language,
                source_by=source.by,
                text_mark=text_mark(key, each.text),
                personal=each.personal,
            )


def said_in(work: WorkingSet, recorded: Recorded, exchange_id: str) -> tuple[dict[str, object], Form | None]:
    """What a step says and the form of it; no form where it can't be seen any more."""
    exchange, key = work.exchanges.get(exchange_id), work.keys.get(exchange_id)
    if exchange is None or key is None or exchange.blocked_at is not None or recorded.disclosures is None:
        return {}, None
    step = next((each.step for each in exchange.history if each.hash == recorded.hash), None)
    if step is None:
        return {}, None
    kept = vault.open_content(key, recorded.disclosures, recorded.message_id.encode()).decode().split("~")
    content: dict[str, object] = dict(signing.read_disclosures(map(signing.digest, kept), kept))
    return content, form_of(work.seat.area(exchange.area, exchange.version), exchange, step)


def place(wanted: Wanted) -> bytes:
    """Where a translation belongs: it opens nowhere else."""
    return f"translation\0{wanted.statement}\0{wanted.field}\0{wanted.target}".encode()


async def views(
    db: aiosqlite.Connection, key: bytes | None, hashes: Iterable[str]
) -> dict[str, tuple[TranslationView, ...]]:
    """The translations of what was said, by the statement's hash; none without the key of the exchange."""
    if key is None:
        return {}
    found = await translations.of_statements(db, hashes)
    return {name: tuple(_view(row, key) for row in rows) for name, rows in found.items()}


def reader_language(actor: Actor, languages: tuple[str, ...], node: str) -> str:
    """Which of the node's languages somebody reads: his own if it is one of them, else the first."""
    known = languages or languages_of(node)
    own = actor.user.language if actor.user is not None else ""
    return own if own in known else known[0]


async def suggest(text: str) -> str | None:
    """Suggest the language of a text; its author chooses."""
    return await asyncio.to_thread(detection.suggest, text)


def _view(row: Row, key: bytes) -> TranslationView:
    wanted = row.wanted
    state: TranslationState = "waiting" if row.state == "sent" else row.state
    text = vault.open_content(key, row.result, place(wanted)).decode() if row.result is not None else ""
    return TranslationView(
        field=wanted.field,
        source=wanted.source,
        source_by=wanted.source_by,
        target=wanted.target,
        state=state,
        text=text,
        engine=row.engine,
        version=row.version,
        via=row.via,
        made_at=row.made_at,
        unknown=row.unknown,
        reason=row.reason,
    )
