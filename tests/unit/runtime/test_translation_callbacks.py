"""eTranslation's answers at a desk: over real HTTP, to addresses that nobody can guess, each counting once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
import pytest

from node.config import ETranslation, Translation
from node.runtime.engines import Engines, engines_of
from node.sandbox.etranslation import StandIn
from node.sandbox.etranslation.behaviour import APPLICATION, PASSWORD
from node.web.callbacks import MOST_SNIPPET_BYTES, callbacks
from node.workers.translate import Translator
from schemas.translation import TranslationView
from tests.rabbit import PATIENCE_SECONDS
from tests.unit.runtime.desks import Town
from tests.unit.runtime.test_translations import PLAIN, only_subject, shown
from tests.unit.translation.serving import serving


@dataclass
class Office:
    """Cyprus with an account at the stand-in."""

    town: Town
    worker: Translator
    stand_in: StandIn
    home: str

    async def until(self, case: str, state: str) -> TranslationView:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (view := (await shown(self.town.CY, case))[PLAIN]).state != state:  # noqa: ASYNC110  it comes from another server
                await asyncio.sleep(0.02)
            return view

    async def address(self) -> str:
        """Where the answer to the only job is expected."""
        [asked] = self.stand_in.requests
        done = asked["requesterCallback"] if "requesterCallback" in asked else asked["notifications"]["success"]["http"]  # type: ignore[index]
        return str(done)


@asynccontextmanager
async def office(town: Town, version: int, *, delay: float = 0.02) -> AsyncIterator[Office]:
    stand_in = StandIn(delay_seconds=delay)
    folder = town.CY.config.folder
    credentials = folder / "etranslation.credentials"
    credentials.write_text(f"{APPLICATION}\n{PASSWORD}\n")
    credentials.chmod(0o600)
    async with serving(stand_in.app()) as url, serving(callbacks(town.CY.runtime.translations)) as home:
        settings = ETranslation(
            kind="etranslation",
            version=1 if version == 1 else 2,
            url=f"{url}/si" if version == 1 else f"{url}/api",
            callback=home,
        )
        engines = engines_of(Translation(engines={"et": settings}), node="CY", folder=folder)
        assert isinstance(engines, Engines)
        town.CY.seat.engines = engines
        try:
            yield Office(town, Translator(town.CY.seat, town.CY.runtime.translations, engines), stand_in, home)
        finally:
            await stand_in.close()
            await engines.close()


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("words", ["Verkauf [[twice]] ohne Rezept", "Verkauf ohne Rezept " * 10])
async def test_an_answer_stands_beside_the_original_once(town: Town, version: int, words: str) -> None:
    async with office(town, version) as o:
        case = await only_subject(town, subject=words)
        assert await o.worker.round() == 1
        view = await o.until(case, "done")

    assert view.text.startswith("[el] Verkauf")
    assert (view.engine, view.source, view.target, view.unknown) == ("et", "de", "el", None)


@pytest.mark.parametrize("version", [1, 2])
async def test_nobody_else_can_answer(town: Town, version: int) -> None:
    async with office(town, version) as o, httpx2.AsyncClient() as http:
        case = await only_subject(town, subject="[[silent]] Verkauf")
        await o.worker.round()
        address = await o.address()
        job = address.split("/")[-2].partition(".")[0]
        forged = f"external-reference={job}&request-id=1&target-language=EL&translated-text=forged"

        guesses = [
            f"{o.home}/{job}.{'A' * 43}/done",
            f"{o.home}/{job}/done",
            f"{o.home}/{'A' * 22}.{'A' * 43}/done",
            address.replace("/done", "/elsewhere"),
        ]
        assert [(await http.post(each, content=forged)).status_code for each in guesses] == [404] * 4
        assert (await http.get(address)).status_code == 405
        assert (await http.post(address, content=b"x" * (MOST_SNIPPET_BYTES + 1))).status_code == 413
        assert (await http.post(address, content=b"nonsense")).status_code == 400
        view = (await shown(town.CY, case))[PLAIN]

    assert (view.state, view.text) == ("waiting", "")
    secret = address.split("/")[-2].partition(".")[2]
    rows = await town.CY.rows("SELECT * FROM translations")
    assert len(secret) == 43
    assert secret not in str(rows)


async def test_an_answer_must_be_to_that_job_and_into_that_language(town: Town) -> None:
    async with office(town, 1) as o, httpx2.AsyncClient() as http:
        case = await only_subject(town, subject="[[silent]] Verkauf")
        await o.worker.round()
        address = await o.address()
        job = address.split("/")[-2].partition(".")[0]

        async def answer(reference: str, number: str, target: str) -> int:
            form = {"external-reference": reference, "request-id": number, "target-language": target}
            return (await http.post(address, data={**form, "translated-text": "Πώληση"})).status_code

        assert await answer("other", "1", "EL") == 400
        assert await answer(job, "1", "FR") == 400
        assert await answer(job, "77", "EL") == 503, "a number that this node does not know of yet may be known soon"
        assert await answer(job, "1", "EL") == 200
        assert await answer(job, "1", "EL") == 200, "a repetition is a success"
        assert (await o.until(case, "done")).text == "Πώληση"


async def test_an_answer_that_overtakes_the_number_of_its_job_counts(town: Town) -> None:
    async with office(town, 2, delay=0) as o:
        case = await only_subject(town)
        [handed] = await taken(o)
        accepted = await handed.engine.submit(handed.text)
        view = await o.until(case, "done")

        await town.CY.runtime.translations.settle(handed, accepted)

        assert (await shown(town.CY, case))[PLAIN] == view


@pytest.mark.parametrize("version", [1, 2])
async def test_a_failure_that_is_told_later_ends_it_or_is_waited_for(town: Town, version: int) -> None:
    async with office(town, version) as o:
        case = await only_subject(town, subject="[[fail -20021]] Verkauf" if version == 1 else "[[fail -20001]]")
        await o.worker.round()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (await shown(town.CY, case))[PLAIN].reason:  # noqa: ASYNC110  as above
                await asyncio.sleep(0.02)
        await o.worker.round()
        view = await o.until(case, "failed")

    assert view.reason.startswith("eTranslation -200")


async def test_an_answer_after_blocking_finds_nothing(town: Town) -> None:
    async with office(town, 1) as o, httpx2.AsyncClient() as http:
        case = await only_subject(town, subject="[[silent]] Verkauf")
        await o.worker.round()
        address = await o.address()
        job = address.split("/")[-2].partition(".")[0]
        await town.DE.act("withdraw", case)
        await town.carry()
        town.clock.advance(days=190)
        await town.CY.runtime.tick()
        form = {"external-reference": job, "request-id": "1", "target-language": "EL", "translated-text": "Πώληση"}

        assert (await http.post(address, data=form)).status_code == 400
        assert await town.CY.counts("translations") == 0


async def taken(office: Office) -> list:  # type: ignore[type-arg]
    engines = office.town.CY.seat.engines
    assert engines is not None
    await engines.ask(office.town.wall.now())
    return await office.town.CY.runtime.translations.take()
