"""The translation engines of a node: built from its configuration, and what each can do.

What an engine can do is asked of it at the start, and again from time to time: an engine that was away then is found
when it comes back, and a pair that is installed later is used.
"""

import asyncio
import logging
import stat
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from node.config import ApertiumProgram, BadConfig, ETranslation, HttpEngine, Translation
from node.handlers.exchanges.translating import Capability, Route, languages_of, route
from node.translation.apertium import Apertium
from node.translation.apy import ApertiumServer
from node.translation.etranslation import v1, v2
from node.translation.etranslation.account import Account
from node.translation.etranslation.v1 import ETranslationV1
from node.translation.etranslation.v2 import ETranslationV2
from node.translation.languages import LANGUAGES
from node.translation.libretranslate import LibreTranslate
from node.translation.port import Engine, EngineAway, EngineDeclined, LaterEngine, Pair
from schemas.translation import EngineView

log = logging.getLogger(__name__)

ASK_EVERY = timedelta(hours=1)
ASK_AGAIN = timedelta(seconds=30)  # one that has not answered
ANSWER_AT_ONCE = timedelta(minutes=5)  # longer than any engine is waited for that answers at once

_OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass
class Engines:
    """The engines of one node."""

    settings: Translation
    languages: tuple[str, ...]
    """Into which is translated."""
    by_name: dict[str, Engine]
    answer_within: timedelta = ANSWER_AT_ONCE
    """Of an engine that answers later."""
    listen: str | None = None
    """Where its answers come to: host and port."""
    _pairs: dict[str, frozenset[Pair]] = field(default_factory=dict)
    _trouble: dict[str, str] = field(default_factory=dict)
    _ask_at: dict[str, datetime] = field(default_factory=dict)

    @property
    def later(self) -> LaterEngine | None:
        """The engine that answers later, if there is one."""
        return next((each for each in self.by_name.values() if isinstance(each, ETranslationV1 | ETranslationV2)), None)

    async def ask(self, now: datetime) -> None:
        """Ask those engines what they can do that were not asked lately."""
        due = [name for name in self.by_name if now >= self._ask_at.get(name, now)]
        await asyncio.gather(*(self._ask(name, now) for name in due))

    async def _ask(self, name: str, now: datetime) -> None:
        try:
            self._pairs[name] = await self.by_name[name].pairs()
        except (EngineAway, EngineDeclined) as error:
            log.warning("translation.engine_away", extra={"engine": name, "reason": str(error)})
            self._trouble[name] = str(error)
            self._ask_at[name] = now + ASK_AGAIN
        else:
            self._trouble.pop(name, None)
            self._ask_at[name] = now + ASK_EVERY

    def capabilities(self, source: str, target: str, *, without: tuple[str, ...] = ()) -> list[Capability]:
        """What is known of the engines for a pair, the preferred one first."""
        return [
            Capability(name, self._pairs.get(name), engine.outside, not engine.answers_later)
            for name in self.settings.engines_for(source, target)
            if name not in without
            for engine in [self.by_name[name]]
        ]

    def waits_for(self, engine: str) -> timedelta:
        """How long an engine may take."""
        return self.answer_within if self.by_name[engine].answers_later else ANSWER_AT_ONCE

    def views(self) -> tuple[EngineView, ...]:
        """How each engine is."""
        return tuple(
            EngineView(
                name=name,
                outside=engine.outside,
                is_known=name in self._pairs,
                trouble=self._trouble.get(name, ""),
                pairs=tuple(sorted("-".join(pair) for pair in self._pairs.get(name, ()) if pair[1] in self.languages)),
            )
            for name, engine in self.by_name.items()
        )

    def routes(self) -> dict[Pair, Route | None]:
        """Who translates from each language of the federation into those of this node."""
        found: dict[Pair, Route | None] = {}
        for target in self.languages:
            for source in sorted(LANGUAGES - {target}):
                way = route(
                    (source, target),
                    self.capabilities(source, target),
                    self.settings.pivots,
                    personal=False,
                    to_outside=False,
                )
                found[source, target] = way if isinstance(way, Route) else None
        return found

    async def close(self) -> None:
        """Let go of all of them."""
        for engine in self.by_name.values():
            await engine.close()


def engines_of(settings: Translation | None, *, node: str, folder: Path) -> Engines | None:
    """Build the engines that a node's configuration names.

    Raises:
        BadConfig: a file with a key is missing, or others may read it.
    """
    if settings is None:
        return None
    by_name = {name: _engine(name, each, folder) for name, each in settings.engines.items()}
    languages = settings.languages or languages_of(node)
    later = [each for each in settings.engines.values() if isinstance(each, ETranslation)]
    within = timedelta(minutes=later[0].answer_within_minutes) if later else ANSWER_AT_ONCE
    return Engines(settings, languages, by_name, within, later[0].listen if later else None)


def _engine(name: str, settings: ApertiumProgram | HttpEngine | ETranslation, folder: Path) -> Engine:
    match settings:
        case ApertiumProgram():
            return Apertium(name, settings.program, folder)
        case HttpEngine(kind="libretranslate"):
            key = _secret_lines(folder / settings.key, 1)[0] if settings.key is not None else None
            return LibreTranslate(name, settings.url, key=key, outside=settings.outside)
        case HttpEngine():
            return ApertiumServer(name, settings.url, outside=settings.outside)
        case ETranslation():
            application, password = _secret_lines(folder / settings.credentials, 2)
            account = Account(application, password, settings.callback, settings.domain)
            if settings.version == 1:
                return ETranslationV1(name, account, settings.url or v1.URL)
            return ETranslationV2(name, account, settings.url or v2.URL)


def _secret_lines(file: Path, count: int) -> list[str]:
    try:
        if file.stat().st_mode & _OPEN_TO_OTHERS:
            raise BadConfig(f"{file} can be read by others: chmod 600 {file}")
        lines = file.read_text().splitlines()
    except OSError as error:
        raise BadConfig(f"{file} can't be read: {error.strerror}") from error
    if len(lines) != count or not all(lines):
        raise BadConfig(f"{file} has {count} line(s) with nothing else in it, not {len(lines)}")
    return lines
