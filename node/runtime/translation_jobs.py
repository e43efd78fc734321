"""Jobs for translation engines: chosen, handed over, answered; each change is stored before and after it happens.

- What an engine is handed is noted first, and if it may hold personal data and leaves the premises, in the ledger.
- A text that has no answer in time is handed over once more, then to another engine.
- The first answer stays; a repeated or late one changes nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from node.crypto import base64url, vault
from node.crypto.translation_key import is_secret_of, secret_of, translation_key
from node.handlers import access
from node.handlers.access import Actor
from node.handlers.exchanges.translating import Route, route, texts_of
from node.handlers.rights import Right
from node.runtime import translations as texts
from node.runtime.engines import Engines
from node.runtime.links import Work
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import statements, translations
from node.store.translations import Row
from node.translation.port import (
    Accepted,
    AnswerKind,
    BadAnswer,
    Engine,
    EngineAway,
    EngineBusy,
    EngineDeclined,
    Outcome,
    Text,
    Translated,
)
from schemas.translation import TranslationStatus

LOOKED_AT = 200  # waiting texts, at a time
FIRST_RETRY = timedelta(seconds=5)  # doubled with each attempt
LAST_RETRY = timedelta(hours=1)
UNKNOWN_FOR = timedelta(seconds=10)  # until an engine is looked for again that has not said what it can do
MOST_ATTEMPTS = 10  # over some hours, where there is no other engine
FEW_ATTEMPTS = 3  # where there is one
SILENT_TWICE = 2
_JOB_BYTES = 16

Result = Outcome | EngineAway | EngineDeclined


@dataclass(frozen=True, slots=True)
class Handed:
    """A text on its way to an engine."""

    row: int
    engine: Engine
    text: Text
    via: str
    """The language to go over, if any."""


class TranslationJobs:
    """The translations of one node."""

    def __init__(self, seat: Seat, work: Work) -> None:
        """Read from the seat's store, and write with `work`."""
        self._seat = seat
        self._work = work

    async def recall(self) -> None:
        """After a start: hand over again what an engine had not confirmed."""
        await self._work(lambda work: translations.recall(work.db, work.seat.wall.now()))

    async def split(self) -> int:
        """Put down the texts of what was received; returns of how many statements."""
        return await self._work(texts.split)

    async def take(self) -> list[Handed]:
        """Choose who translates what waits, and note that it is handed over."""
        return await self._work(_take)

    async def settle(self, handed: Handed, result: Result) -> None:
        """Keep what came of it."""
        await self._work(lambda work: _settle(work, handed.text.job, result))

    async def retry(self, actor: Actor) -> int:
        """Try again what has no translation; returns how many. Raises Denied."""
        access.require(actor, Right.OPERATE)
        return await self._work(lambda work: translations.retry(work.db, work.seat.wall.now()))

    def expects(self, back: str) -> bool:
        """Whether an address was given out by this node, before anything that came to it is read."""
        job, _, secret = back.partition(".")
        return is_secret_of(translation_key(self._seat.keyring.store_key), job, secret)

    async def arrived(self, back: str, kind: AnswerKind, query: Mapping[str, str], body: bytes) -> bool:
        """Take what came to an address.

        Returns:
            False where it has to come again: it answers what this node has not noted as handed over yet.

        Raises:
            BadAnswer: it is no answer to that job.
        """
        job = back.partition(".")[0]
        engine = self._seat.engines.later if self._seat.engines is not None else None
        row = await translations.by_job(self._seat.store.read, job)
        if engine is None or row is None:
            raise BadAnswer("there is no such job any more")
        answer = engine.read(kind, query, body)
        if answer.job != job or answer.target not in ("", row.wanted.target):
            raise BadAnswer("it answers another job")
        if row.references and answer.reference not in row.references:
            return False
        result: Result | None = answer.failure
        if result is None and answer.text is not None:
            result = Translated(answer.text)
        if result is not None:
            final = result
            await self._work(lambda work: _settle(work, job, final))
        return True

    async def status(self, actor: Actor) -> TranslationStatus | None:
        """What can be translated here, and what is on its way; None where nothing is. Raises Denied."""
        access.require(actor, Right.SEE_STATUS)
        engines = self._seat.engines
        if engines is None:
            return None
        routes = engines.routes()
        return TranslationStatus(
            languages=engines.languages,
            outside_engine_for_personal=engines.settings.outside_engine_for_personal,
            engines=engines.views(),
            routes=tuple(f"{'-'.join(pair)} {_words(way)}" for pair, way in routes.items() if way is not None),
            lacks=tuple("-".join(pair) for pair, way in routes.items() if way is None),
            jobs=await translations.counts(self._seat.store.read),
        )


def _words(way: Route) -> str:
    return f"by {way.engine} over {way.via}" if way.via else f"by {way.engine}"


async def _take(work: WorkingSet) -> list[Handed]:
    engines, now = work.seat.engines, work.seat.wall.now()
    if engines is None:
        return []
    for row in await translations.unanswered(work.db, now, LOOKED_AT):
        await _again(work, row, "no answer in time", limit=SILENT_TWICE, at_once=True)
    waiting = await translations.waiting(work.db, now, LOOKED_AT)
    await work.include(row.wanted.exchange_id for row in waiting)
    active = Counter(await translations.active(work.db))
    handed = []
    for row in waiting:
        way = await _way(work, engines, row)
        if way is None or await _found_again(work, row, way):
            continue
        if active[way.engine] < engines.by_name[way.engine].at_once:
            given = await _hand(work, engines, row, way)
            active[way.engine] += given is not None
            handed += [given] if given is not None else []
    return handed


async def _way(work: WorkingSet, engines: Engines, row: Row) -> Route | None:
    """Choose who translates a text; where nobody can, note it."""
    wanted = row.wanted
    way = route(
        (wanted.source, wanted.target),
        engines.capabilities(wanted.source, wanted.target, without=row.tried),
        engines.settings.pivots,
        personal=wanted.personal,
        to_outside=engines.settings.outside_engine_for_personal,
    )
    if isinstance(way, Route):
        return way
    if way == "unknown":
        until = work.seat.wall.now() + UNKNOWN_FOR
        await translations.postpone(work.db, row.id, until, "an engine has not answered yet")
    else:
        await translations.end(work.db, row.id, "failed" if row.tried else way, row.reason)
    return None


async def _found_again(work: WorkingSet, row: Row, way: Route) -> bool:
    """Keep a translation of the same text that the engine made before, if there is one that may be read."""
    for known in await translations.alike(work.db, row.wanted, way.engine):
        await work.include([known.wanted.exchange_id])
        exchange, key = work.exchanges.get(known.wanted.exchange_id), work.keys.get(known.wanted.exchange_id)
        if exchange is None or exchange.blocked_at is not None or key is None or known.result is None:
            continue
        text = vault.open_content(key, known.result, texts.place(known.wanted)).decode()
        await _keep(work, row, way, Translated(text, known.version, known.unknown))
        return True
    return False


async def _hand(work: WorkingSet, engines: Engines, row: Row, way: Route) -> Handed | None:
    wanted, seat = row.wanted, work.seat
    text = await _text(work, row)
    if text is None:
        await translations.end(work.db, row.id, "failed", "the text is not there any more")
        return None
    engine = engines.by_name[way.engine]
    job = row.job if row.job is not None and row.engine == way.engine else base64url.encode(seat.random(_JOB_BYTES))
    until = seat.wall.now() + engines.waits_for(way.engine)
    await translations.mark_sent(work.db, row, engine=way.engine, via=way.via, job=job, until=until)
    if engine.outside and wanted.personal:
        detail = {"engine": way.engine, "statement": wanted.statement, "field": wanted.field, "target": wanted.target}
        work.note(seat.node, "personal_data.sent_for_translation", wanted.exchange_id, **detail)
    back = f"{job}.{secret_of(translation_key(seat.keyring.store_key), job)}"
    return Handed(row.id, engine, Text(job, text, wanted.source, wanted.target, back), way.via)


async def _text(work: WorkingSet, row: Row) -> str | None:
    said = (await statements.get(work.db, [row.wanted.statement])).get(row.wanted.statement)
    if said is None:
        return None
    content, form = texts.said_in(work, said, row.wanted.exchange_id)
    if form is None:
        return None
    return next((each.text for each in texts_of(form, content) if each.field == row.wanted.field), None)


async def _settle(work: WorkingSet, job: str, result: Result) -> None:
    row = await translations.by_job(work.db, job)
    if row is None or row.state not in ("sent", "waiting"):
        return  # blocked meanwhile, or answered before
    match result:
        case Accepted(reference=reference):
            await translations.name_reference(work.db, row.id, job, reference)
        case Translated():
            await work.include([row.wanted.exchange_id])
            await _keep(work, row, Route(row.engine, row.via), result)
        case EngineBusy():
            until = work.seat.wall.now() + _pause(row, result)
            await translations.postpone(work.db, row.id, until, str(result), counts=False)
        case EngineAway():
            await _again(work, row, str(result), limit=MOST_ATTEMPTS, pause=_pause(row, result))
        case EngineDeclined():
            await translations.try_another(work.db, row, work.seat.wall.now(), str(result))


async def _keep(work: WorkingSet, row: Row, way: Route, made: Translated) -> None:
    key = work.content_key(row.wanted.exchange_id)
    await translations.mark_done(
        work.db,
        row.id,
        engine=way.engine,
        via=way.via,
        version=made.version,
        unknown=made.unknown,
        at=work.seat.clock.now(),
        result=vault.seal_content(key, made.text.encode(), texts.place(row.wanted), work.seat.random),
    )


async def _again(
    work: WorkingSet, row: Row, reason: str, *, limit: int, pause: timedelta = timedelta(), at_once: bool = False
) -> None:
    """Try the same engine again, or after so many attempts another one."""
    now = work.seat.wall.now()
    if row.attempts >= (limit if at_once or not _has_other(work, row) else FEW_ATTEMPTS):
        await translations.try_another(work.db, row, now, reason)
    else:
        await translations.postpone(work.db, row.id, now + pause, reason)


def _has_other(work: WorkingSet, row: Row) -> bool:
    """Whether another engine could do it now."""
    engines, wanted = work.seat.engines, row.wanted
    if engines is None:
        return False
    others = engines.capabilities(wanted.source, wanted.target, without=(*row.tried, row.engine))
    settings = engines.settings
    way = route(
        (wanted.source, wanted.target),
        others,
        settings.pivots,
        personal=wanted.personal,
        to_outside=settings.outside_engine_for_personal,
    )
    return isinstance(way, Route)


def _pause(row: Row, away: EngineAway) -> timedelta:
    if away.pause_seconds is not None:
        return timedelta(seconds=away.pause_seconds)
    return min(LAST_RETRY, FIRST_RETRY * (1 << max(0, row.attempts - 1)))
