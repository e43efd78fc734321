"""Translations at a desk: wanted with the step, made later, kept beside the original, gone when it is blocked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from node.config import ApertiumProgram, Translation
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.runtime.engines import Engines
from node.runtime.translation_jobs import FEW_ATTEMPTS, FIRST_RETRY
from node.translation.port import (
    Engine,
    EngineAway,
    EngineBusy,
    EngineDeclined,
    Outcome,
    Pair,
    Text,
    Translated,
)
from node.workers.translate import Translator
from schemas.translation import TranslationView
from tests.unit.runtime.desks import Desk, Town
from tests.unit.runtime.test_retention import bytes_of

PERSONAL, PLAIN = "facts", "subject"
WORDS: dict[str, Any] = {"language": "de", "subject": "Verkauf ohne Rezept", "facts": "Herr Muster verkauft Arznei."}
ALL_PAIRS = frozenset({("de", "el"), ("de", "en"), ("en", "el"), ("el", "de"), ("en", "de")})


@dataclass
class Echo:
    """An engine of the port's own kind: answers at once, with the target before the text; or with what it is told."""

    name: str = "echo"
    outside: bool = False
    answers_later: bool = False
    at_once: int = 100
    knows: frozenset[Pair] | EngineAway = ALL_PAIRS
    trouble: list[Exception] = field(default_factory=list)
    """What to answer first, text by text."""
    asked: list[Text] = field(default_factory=list)

    async def pairs(self) -> frozenset[Pair]:
        if isinstance(self.knows, EngineAway):
            raise self.knows
        return self.knows

    async def submit(self, text: Text) -> Outcome:
        self.asked.append(text)
        if self.trouble:
            raise self.trouble.pop(0)
        return Translated(f"[{text.target}] {text.text}", "1", unknown=0.25)

    async def close(self) -> None:
        pass

    def fields(self) -> list[str]:
        return [each.text for each in self.asked]


def engage(desk: Desk, *engines: Engine, languages: tuple[str, ...] = ("el",), **settings: Any) -> Translator:
    """Give a desk engines, and whoever keeps them at work."""
    named = {each.name: ApertiumProgram(kind="apertium") for each in engines}  # the kind does not matter here
    chosen = Translation(engines=named, **settings)
    desk.seat.engines = Engines(chosen, languages, {each.name: each for each in engines})
    return Translator(desk.seat, desk.runtime.translations, desk.seat.engines)


async def shown(desk: Desk, case: str) -> dict[str, TranslationView]:
    steps: Sequence[Any] = (await desk.view(case)).steps
    return {each.field: each for step in steps for each in step.translations}


async def accepted(town: Town, **form: Any) -> str:
    """An exchange that Cyprus has received and accepted, so that it may see personal data."""
    case = await town.DE.open("CY", **{**WORDS, **form})
    await town.carry()
    await town.CY.act("accept", case)
    await town.carry()
    return case


async def test_every_text_stands_beside_the_original_with_where_it_is_from(town: Town) -> None:
    engine = Echo()
    worker = engage(town.CY, engine)
    case = await accepted(town)
    assert await shown(town.CY, case) == {}

    handed = await worker.round()

    found = await shown(town.CY, case)
    assert handed == len(found) == len(engine.asked)
    assert found[PLAIN].text == "[el] Verkauf ohne Rezept"
    assert found[PERSONAL].text == "[el] Herr Muster verkauft Arznei."
    assert "provisions[0].provision_explanation" in found
    view = found[PLAIN]
    assert (view.engine, view.version, view.source, view.source_by) == ("echo", "1", "de", "author")
    assert (view.made_at, view.unknown, view.is_poor) == (town.clock.now(), 0.25, True)
    original = (await town.CY.view(case)).steps[0].form
    assert original is not None
    assert original[PERSONAL] == WORDS["facts"]
    assert await town.CY.counts("translations_due") == 0
    assert await worker.round() == 0


async def test_a_delivery_waits_for_no_engine(town: Town) -> None:
    engage(town.CY, Echo(knows=EngineAway("down")))

    await town.DE.open("CY", **WORDS)
    await town.carry()

    assert await town.DE.outbox() == {"delivered": 1}
    assert await town.CY.counts("translations_due") == 1
    assert await town.CY.counts("translations") == 0


async def test_before_acceptance_no_translation_tells_what_the_original_withholds(town: Town) -> None:
    worker = engage(town.CY, Echo())
    case = await town.DE.open("CY", **WORDS)
    await town.carry()
    await worker.round()

    found = await shown(town.CY, case)

    assert PLAIN in found
    assert PERSONAL not in found


@pytest.mark.parametrize("allowed", [False, True])
async def test_personal_data_leave_only_where_the_policy_allows_and_each_time_is_in_the_ledger(
    town: Town, *, allowed: bool
) -> None:
    engine = Echo(outside=True)
    worker = engage(town.CY, engine, outside_engine_for_personal=allowed)
    case = await accepted(town)

    await worker.round()

    found = await shown(town.CY, case)
    assert found[PLAIN].state == "done"
    assert found[PERSONAL].state == ("done" if allowed else "withheld")
    assert (WORDS["facts"] in engine.fields()) == allowed
    noted = [detail for (detail,) in await town.CY.rows("SELECT detail FROM ledger WHERE action LIKE '%translation'")]
    assert any('"field": "facts"' in each for each in noted) == allowed
    assert not any('"field": "subject"' in each for each in noted)
    assert not any("Muster" in each for each in noted)


async def test_an_inside_engine_is_taken_for_personal_data_where_the_preferred_one_is_outside(town: Town) -> None:
    outside, inside = Echo("outside", outside=True), Echo("inside")
    worker = engage(town.CY, outside, inside)
    case = await accepted(town)

    await worker.round()

    found = await shown(town.CY, case)
    assert (found[PLAIN].engine, found[PERSONAL].engine) == ("outside", "inside")
    assert WORDS["facts"] not in outside.fields()
    assert await town.CY.rows("SELECT 1 FROM ledger WHERE action LIKE '%translation'") == []


async def test_an_engine_that_is_away_is_tried_again_less_and_less_often(town: Town) -> None:
    engine = Echo(trouble=[EngineAway("down")] * 2)
    worker = engage(town.CY, engine)
    case = await only_subject(town)

    assert await worker.round() == 1
    assert await worker.round() == 0, "not at once"
    town.wall.advance(seconds=FIRST_RETRY.total_seconds())
    assert await worker.round() == 1
    town.wall.advance(seconds=FIRST_RETRY.total_seconds())
    assert await worker.round() == 0, "the second pause is longer"
    assert (await shown(town.CY, case))[PLAIN].state == "waiting"
    town.wall.advance(seconds=FIRST_RETRY.total_seconds())
    assert await worker.round() == 1
    assert (await shown(town.CY, case))[PLAIN].state == "done"


async def test_a_busy_engine_is_waited_for_however_often(town: Town) -> None:
    engine = Echo(trouble=[EngineBusy("quota", pause_seconds=72)] * 15)
    worker = engage(town.CY, engine, Echo("other", knows=frozenset()))
    case = await only_subject(town)

    for _ in range(16):
        await worker.round()
        town.wall.advance(seconds=73)

    assert len(engine.asked) == 16
    assert (await shown(town.CY, case))[PLAIN].engine == "echo"


async def test_another_engine_takes_over_what_one_declines_or_is_too_long_away_for(town: Town) -> None:
    first = Echo("first", trouble=[EngineDeclined("no such pair"), *[EngineAway("down")] * FEW_ATTEMPTS])
    worker = engage(town.CY, first, Echo("second"))
    declined = await only_subject(town)
    await worker.round()
    await worker.round()
    assert (await shown(town.CY, declined))[PLAIN].engine == "second"

    away = await only_subject(town, subject="Anderes")
    for _ in range(FEW_ATTEMPTS + 1):
        await worker.round()
        town.wall.advance(hours=1)
    assert (await shown(town.CY, away))[PLAIN].engine == "second"


async def test_where_no_engine_can_the_original_stands_until_there_is_one(town: Town) -> None:
    engine = Echo(knows=frozenset({("fr", "el")}))
    worker = engage(town.CY, engine)
    case = await only_subject(town)
    await worker.round()
    assert (await shown(town.CY, case))[PLAIN].state == "no_engine"

    engine.knows = ALL_PAIRS
    town.wall.advance(hours=2)
    assert await town.CY.runtime.translations.retry(OWN_ACCOUNT_ALONE) == 1
    await worker.round()
    assert (await shown(town.CY, case))[PLAIN].state == "done"


async def test_what_all_engines_decline_has_failed_and_says_why(town: Town) -> None:
    worker = engage(town.CY, Echo(trouble=[EngineDeclined("status 3")]))
    case = await only_subject(town)
    await worker.round()
    await worker.round()

    view = (await shown(town.CY, case))[PLAIN]
    assert (view.state, view.reason, view.text) == ("failed", "status 3", "")


async def test_a_third_language_is_gone_over_and_named(town: Town) -> None:
    engine = Echo(knows=frozenset({("de", "en"), ("en", "el")}))
    worker = engage(town.CY, engine)
    case = await only_subject(town)
    await worker.round()

    view = (await shown(town.CY, case))[PLAIN]
    assert (view.text, view.via, view.unknown) == ("[el] [en] Verkauf ohne Rezept", "en", 0.5)


async def test_equal_texts_are_translated_once_while_the_first_may_be_read(town: Town) -> None:
    engine = Echo()
    worker = engage(town.CY, engine)
    first = await only_subject(town)
    await worker.round()
    second = await only_subject(town)
    await worker.round()
    assert len(engine.asked) == 1
    assert (await shown(town.CY, second))[PLAIN].text == (await shown(town.CY, first))[PLAIN].text

    for case in (first, second):
        await town.DE.act("withdraw", case)
    await town.carry()
    town.clock.advance(days=190)
    await town.CY.runtime.tick()
    await only_subject(town)
    await worker.round()
    assert len(engine.asked) == 2


async def test_without_the_authors_word_a_detector_says_which_language_it_is(town: Town) -> None:
    worker = engage(town.DE, Echo(), languages=("de",))
    case = await town.DE.open("CY", **WORDS)
    await town.carry()
    await town.CY.act("accept", case, acceptance_note="Αναλαμβάνουμε την υπόθεση και θα απαντήσουμε σύντομα.")
    await town.carry()
    await worker.round()

    view = (await shown(town.DE, case))["acceptance_note"]
    assert (view.source, view.source_by, view.state) == ("el", "detector", "done")


async def test_blocking_takes_all_of_it_and_a_late_answer_changes_nothing(town: Town) -> None:
    worker = engage(town.CY, Echo())
    case = await accepted(town)
    await worker.round()
    late = await only_subject(town, subject="Verspätet")
    [handed] = await town.CY.runtime.translations.take()
    for each in (case, late):
        await town.DE.act("withdraw", each)
    await town.carry()
    town.clock.advance(days=190)
    await town.CY.runtime.tick()

    await town.CY.runtime.translations.settle(handed, Translated("[el] Verspätet"))

    assert await shown(town.CY, case) == {}
    assert await town.CY.counts("translations") == 0
    assert await town.CY.counts("translations_due") == 0


async def test_no_word_of_it_can_be_read_in_the_store(town: Town) -> None:
    worker = engage(town.CY, Echo())
    await accepted(town, facts="Canaryword verkauft Arznei.")
    await worker.round()

    assert b"canaryword" not in bytes_of(town.CY).lower()


async def test_what_was_handed_over_when_the_node_ended_is_handed_over_again(town: Town) -> None:
    engage(town.CY, Echo())
    case = await only_subject(town)
    assert town.CY.seat.engines is not None
    await town.CY.seat.engines.ask(town.wall.now())
    assert len(await town.CY.runtime.translations.take()) == 1
    desk = await town.restart("CY")
    worker = engage(desk, Echo())

    await desk.runtime.translations.recall()
    await worker.round()

    assert (await shown(desk, case))[PLAIN].state == "done"


async def test_a_job_without_an_answer_is_handed_over_once_more_then_to_another(town: Town) -> None:
    first, second = Echo("first"), Echo("second")
    worker = engage(town.CY, first, second)
    case = await only_subject(town)
    assert town.CY.seat.engines is not None
    await town.CY.seat.engines.ask(town.wall.now())

    for _ in range(2):
        [handed] = await town.CY.runtime.translations.take()
        assert handed.engine.name == "first"
        town.wall.advance(minutes=6)
    await worker.round()

    assert (await shown(town.CY, case))[PLAIN].engine == "second"


async def only_subject(town: Town, **form: Any) -> str:
    """A request with one text that is to be translated into Greek, as far as the worker of Cyprus sees."""
    case = await town.DE.open("CY", **{**WORDS, **form})
    await town.carry()
    await town.CY.runtime.translations.split()
    async with town.CY.seat.store.transaction() as db:
        await db.execute("DELETE FROM translations WHERE field != 'subject'")
    return case


async def test_each_engine_is_handed_no_more_than_it_takes_at_once(town: Town) -> None:
    engine = Echo(at_once=2)
    worker = engage(town.CY, engine)
    await accepted(town)
    handed = [await worker.round() for _ in range(10)]
    assert handed[0] == max(handed) == 2
    assert handed[-1] == 0


async def test_a_fault_of_an_adapter_ends_nothing_and_the_text_is_handed_over_again(town: Town) -> None:
    engine = Echo(trouble=[RuntimeError("a fault of ours")])
    worker = engage(town.CY, engine)
    case = await only_subject(town)
    await worker.round()
    assert (await shown(town.CY, case))[PLAIN].state == "waiting"

    town.wall.advance(minutes=6)
    await worker.round()

    assert (await shown(town.CY, case))[PLAIN].state == "done"
