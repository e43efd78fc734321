"""Italian text arrives in Spain, and soon stands there in Spanish beside the original, until it is blocked."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from node.config import ApertiumProgram, ETranslation, Translation
from node.sandbox.cluster import Arrangement, Cluster, Member, cluster
from node.sandbox.etranslation import StandIn
from node.sandbox.etranslation.behaviour import APPLICATION, PASSWORD
from node.sandbox.federation import Validity
from schemas.translation import TranslationView
from tests.apertium import require_apertium
from tests.rabbit import PATIENCE_SECONDS
from tests.unit.translation.serving import serving

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
YEARS = timedelta(days=20 * 365)
LOCAL = Translation(engines={"apertium": ApertiumProgram(kind="apertium")})

WORDS: dict[str, Any] = {
    "language": "it",
    "subject": "Vendita di medicinali senza ricetta",
    "facts": "Il sito vende medicinali canaryword senza ricetta ai consumatori italiani.",
}


@asynccontextmanager
async def reading_spain() -> AsyncIterator[Cluster]:
    """Italy and Spain; Spain's node has Apertium."""
    validity = Validity(signing=YEARS, sealing=YEARS, directory=YEARS)
    async with cluster(
        "IT",
        "ES",
        start=START,
        validity=validity,
        arrangement=Arrangement.ONE_PROCESS,
        translation={"ES": LOCAL},
    ) as c:
        yield c


async def translated(member: Member, case: str, *fields: str) -> dict[str, TranslationView]:
    """Wait until these texts of an exchange have their translation; returns all there are, by field."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            views = [one for step in (await member.exchange(case)).steps for one in step.translations]
            found = {each.field: each for each in views if each.state == "done"}
            if found.keys() >= set(fields) and not any(each.state == "waiting" for each in views):
                return found
            await asyncio.sleep(0.05)


async def test_a_node_with_an_account_at_etranslation_has_its_answers_brought(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    stand_in = StandIn(delay_seconds=0.01)
    async with serving(stand_in.app()) as url:
        account = ETranslation(
            kind="etranslation",
            url=f"{url}/api",
            callback=f"http://{listen}",
            listen=listen,
            credentials=tmp_path / "c",
        )
        (tmp_path / "c").write_text(f"{APPLICATION}\n{PASSWORD}\n")
        (tmp_path / "c").chmod(0o600)
        settings = Translation(engines={"commission": account}, languages=("el", "en"))
        async with cluster("IT", "CY", arrangement=Arrangement.IN_PROCESS, translation={"CY": settings}) as c:
            case = await c.IT.send("request", to="CY", **WORDS)
            await c.settle()
            await c.CY.take("accept", case)
            found = await translated(c.CY, case, "subject")
            steps = (await c.CY.exchange(case)).steps
        await stand_in.close()

    by_target = {(one.field, one.target): one for step in steps for one in step.translations}
    assert by_target["subject", "el"].text.startswith("[el] Vendita di medicinali")
    assert by_target["subject", "en"].text.startswith("[en] Vendita di medicinali")
    assert by_target["facts", "el"].state == "withheld", "personal data went nowhere"
    assert not any("canaryword" in str(asked) for asked in stand_in.requests)
    assert found["subject"].engine == "commission"


async def test_italian_text_stands_in_spanish_beside_the_original_until_it_is_blocked() -> None:
    require_apertium()
    async with reading_spain() as c:
        case = await c.IT.send("request", to="ES", **WORDS)
        await c.settle()

        before = await translated(c.ES, case, "subject")
        assert "medicinales" in before["subject"].text
        assert "facts" not in before, "personal data, and so their translation, wait for acceptance"

        await c.ES.take("accept", case)
        await c.settle()
        found = await translated(c.ES, case, "subject", "facts")
        facts = found["facts"]
        assert "canaryword" in facts.text
        assert "consumidores" in facts.text
        assert facts.engine == "apertium"
        assert facts.version.endswith("ita-spa")
        assert (facts.source, facts.source_by, facts.target, facts.made_at) == ("it", "author", "es", START)
        assert facts.unknown is not None
        assert facts.unknown > 0
        original = (await c.ES.exchange(case)).steps[0].form
        assert original is not None
        assert original["facts"] == WORDS["facts"]
        assert (await c.IT.exchange(case)).steps[0].translations == ()

        status = await c.ES.client.translation.status()
        assert status is not None
        assert "it-es by apertium" in status.routes
        assert "el-es" in status.lacks
        assert any("Spanish from" in line and "el" in line for line in (await c.ES.client.status()).translation)
        assert await c.IT.client.translation.status() is None

        await c.ES.stop()
        await c.ES.start()
        await c.ES.ready()
        assert await translated(c.ES, case, "subject", "facts") == found, (
            "a second reader, after a restart, waits for nothing"
        )

        await c.IT.take("withdraw", case)
        await c.settle()
        await c.advance(days=190)
        assert [one for step in (await c.ES.exchange(case)).steps for one in step.translations] == []
        after = await c.ES.client.translation.status()
        assert after is not None
        assert sum(after.jobs.values()) == 0
        files = [file for member in c.members.values() for file in member.config.folder.glob("store.sqlite*")]
        assert not [file for file in files if b"canaryword" in file.read_bytes()]
        assert not [file for file in files if b"consumidores" in file.read_bytes()]
