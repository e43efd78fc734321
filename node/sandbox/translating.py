"""What a demo shows of translation: Italian text, in Spanish beside the original, where Apertium is installed."""

import asyncio

from node.config import ApertiumProgram, Translation
from node.handlers.exchanges.translation_words import COUNTS, NO_ENGINES, language, provenance
from node.sandbox.cluster import Cluster
from node.sandbox.proof import NotProven
from node.sandbox.stage import Stage
from node.translation.apertium import Apertium
from node.translation.port import EngineAway, EngineDeclined, Text
from schemas.api import StepView
from schemas.identifiers import COMMISSION
from schemas.translation import TranslationView

SHOWN = ("establishment_reasons", "suitability")
"""Fields of the Italian notification that are short enough to be read."""

_PAIR = ("it", "es")
_WITHIN_SECONDS = 60.0
_LOOK_SECONDS = 0.1


async def engines_here() -> dict[str, Translation]:
    """Who translates in a demo: Apertium at the Commission's node, which is set to read Spanish; nobody without it.

    Its packages do not name all the programs that a pair runs: only a translation shows that it can translate.
    """
    try:
        await Apertium("apertium").submit(Text("trial", "Una prova.", *_PAIR))
    except (EngineAway, EngineDeclined):
        return {}
    local = Translation(languages=(_PAIR[1],), engines={"apertium": ApertiumProgram(kind="apertium")})
    return {COMMISSION: local}


async def show_translation(cluster: Cluster, case: str, stage: Stage) -> None:
    """Show texts of the opening step beside their translations.

    Raises:
        NotProven: they did not come.
    """
    stage.heading("What the reader abroad reads")
    if cluster[COMMISSION].config.translation is None:
        stage.say(f"  {NO_ENGINES} With apertium-spa-ita and cg3 installed, Italian would stand in Spanish here.")
        return
    step, found = await _translated(cluster, case)
    stage.say(
        f"  The Commission's node is set to read {language(_PAIR[1])} here. Beside what Italy wrote "
        f"stands, since {found[SHOWN[0]].made_at:%H:%M:%S}:"
    )
    for name in SHOWN:
        stage.say(("    it  ", "dim"), str((step.form or {})[name]))
        stage.say(("    es  ", "bold"), found[name].text)
    stage.note(f"    T{provenance(found[SHOWN[1]])[1:]}.\n    {COUNTS}")


async def _translated(cluster: Cluster, case: str) -> tuple[StepView, dict[str, TranslationView]]:
    try:
        async with asyncio.timeout(_WITHIN_SECONDS):
            while True:
                step = (await cluster[COMMISSION].client.exchange(case)).steps[0]
                found = {each.field: each for each in step.translations if each.state == "done"}
                if found.keys() >= set(SHOWN):
                    return step, found
                await asyncio.sleep(_LOOK_SECONDS)
    except TimeoutError as error:
        raise NotProven(f"{case} has no translation after {_WITHIN_SECONDS:g} s") from error
