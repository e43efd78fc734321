"""Translations at the keyboard: what stands under an original, and what the engines of a node can do."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from node.cli import main
from node.cli.talk import built_in_areas
from node.cli.translations import label_of, translation_lines
from node.config import ApertiumProgram, Translation
from node.handlers.exchanges.translation_words import COUNTS, NO_ENGINES, engine_sentences
from schemas.api import DeliveryView, ExchangeView, StepView
from schemas.translation import EngineView, TranslationStatus, TranslationView
from tests.unit.cli.running import PATIENCE_SECONDS, germany
from tests.unit.cli.test_words import exchange

AREA = built_in_areas()["e_commerce", 1]
FORM = AREA.forms["request"]
AT = datetime(2026, 11, 24, 8, 1, tzinfo=UTC)
DONE: dict[str, Any] = {
    "field": "subject",
    "source": "it",
    "source_by": "author",
    "target": "de",
    "state": "done",
    "text": "Verkauf\x1b[2J",
    "engine": "apertium",
    "version": "3.8.3, ita-deu",
    "made_at": AT,
    "unknown": 0.02,
}


def lines(*views: dict[str, Any], translates: bool = True, own: bool = False) -> list[str]:
    step = StepView(
        message="01890000-0000-7000-8000-000000000000",
        step="send",
        label="Send",
        sender="IT",
        authority="IT/coordinator",
        at=AT,
        state="sent",
        crossed=False,
        form={"subject": "Vendita"},
        deliveries=(DeliveryView(recipient="DE", state="waiting"),) if own else (),
        translations=tuple(TranslationView(**{**DONE, **each}) for each in views),
    )
    view = ExchangeView(
        exchange=exchange(),
        label="Request",
        state_label="Sent",
        turn=None,
        next_due_at=None,
        steps=(step,),
        possible=(),
        today=AT.date(),
        sentence="",
        language="de",
        translates=translates,
    )
    return [*translation_lines(step, FORM, view)]


def test_a_translation_says_where_it_is_from_and_that_the_original_counts() -> None:
    assert lines({}, {"target": "fr"}, {"field": "facts", "text": "Zwei"}) == [
        "",
        "  Translated from Italian into German by apertium 3.8.3, ita-deu, 24 Nov 2026, 08:01 UTC.",
        f"  {COUNTS}",
        "    Subject: Verkauf\N{REPLACEMENT CHARACTER}[2J",
        f"    {FORM.field('facts').label}: Zwei",
    ]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"unknown": 0.4}, "; poor: 40% of the words are unknown to it."),
        ({"via": "en"}, ", over English, "),
        ({"source_by": "detector"}, "from Italian (so a detector says) into"),
        ({"state": "waiting"}, "A translation into German is on its way."),
        ({"state": "no_engine"}, "No engine here translates Italian into German: the original stands."),
        ({"state": "failed", "reason": "status 3"}, "It could not be translated into German (status 3)."),
        ({"state": "withheld"}, "It may hold personal data, which this node sends to no outside engine"),
    ],
)
def test_what_is_not_as_one_would_like_it_is_said(changes: dict[str, Any], says: str) -> None:
    assert says in lines(changes)[1]


def test_without_any_engine_that_is_said_under_what_others_wrote() -> None:
    assert lines(translates=False) == [f"  ({NO_ENGINES})"]
    assert lines(translates=False, own=True) == []


def test_a_text_in_a_group_is_named_with_the_group() -> None:
    provisions = FORM.field("provisions")
    inner = provisions.fields[1]
    assert label_of(FORM, f"provisions[1].{inner.name}") == f"{provisions.label}, {inner.label}"


def test_a_status_says_what_is_and_what_is_not_translated() -> None:
    status = TranslationStatus(
        languages=("es",),
        outside_engine_for_personal=False,
        engines=(EngineView(name="x", outside=True, is_known=False, trouble="it can't be reached"),),
        routes=("it-es by apertium", "pt-es by apertium over en"),
        lacks=("el-es", "mt-es"),
    )
    assert [*engine_sentences(status)] == [
        "Texts are translated into Spanish from Italian, Portuguese; no engine for el, mt.",
        "The translation engine x can't be used: it can't be reached.",
    ]
    assert [*engine_sentences(None)] == [NO_ENGINES]


def until(folder: str, capsys: pytest.CaptureFixture[str], words: str) -> str:
    """Ask for the pairs until the node says so; it asks its engines after it has started."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert main(["translation", "pairs", folder]) == 0
        said = capsys.readouterr().out
        if words in said:
            return said
        assert time.monotonic() < deadline, said
        time.sleep(0.05)


def test_commands_say_what_a_running_node_can_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = Translation(engines={"local": ApertiumProgram(kind="apertium", program="/nowhere/apertium")})
    text = tmp_path / "text"
    text.write_text("Η υπηρεσία πουλάει φάρμακα χωρίς συνταγή")  # noqa: RUF001  it is Greek
    with germany(tmp_path / "made", missing) as config:
        folder = str(config.folder)
        assert main(["translation", "language", folder, str(text)]) == 0
        assert capsys.readouterr().out == "el (Greek)\n"
        said = until(folder, capsys, "can't be used")
        assert "Texts are translated into German from no language; no engine for bg, cs" in said
        assert "The translation engine local can't be used: the program /nowhere/apertium is not installed" in said
        assert "Translations: none yet." in said
        assert main(["translation", "pairs", folder, "--json"]) == 0
        status = TranslationStatus.model_validate_json(capsys.readouterr().out)
        assert "el-de" in status.lacks
        assert main(["translation", "retry", folder]) == 0
        assert capsys.readouterr().out == "0 texts are tried again.\n"
        main(["node", "status", folder])
        assert "no engine for bg, cs" in capsys.readouterr().out
