"""Apertium for real: what is installed is found and used, and what is not is said."""

import asyncio
from pathlib import Path

import pytest
import uvloop

from node.translation.apertium import MOST_CHARACTERS, Apertium, from_stream, modes_of, to_stream
from node.translation.port import EngineAway, EngineDeclined, Text
from tests.apertium import require_apertium

SENTENCE = "Il fornitore vende medicinali senza ricetta. Lo xyzqk [non] ha risposto."


def text(words: str, pair: tuple[str, str] = ("it", "es")) -> Text:
    return Text("job", words, *pair)


async def test_it_translates_and_counts_the_words_that_it_does_not_know() -> None:
    require_apertium()
    engine = Apertium("apertium")

    pairs = await engine.pairs()
    made = await engine.submit(text(SENTENCE))

    assert {("it", "es"), ("es", "it")} <= pairs
    assert "medicinales" in made.text
    assert "xyzqk [" in made.text
    assert "*" not in made.text
    assert made.unknown == pytest.approx(1 / 11)
    assert made.version.endswith(", ita-spa")


def test_it_translates_in_the_event_loop_of_a_node_too() -> None:
    require_apertium()

    made = uvloop.run(Apertium("apertium").submit(text(SENTENCE)))

    assert "medicinales" in made.text


async def test_accents_survive_where_the_system_speaks_ascii_only(monkeypatch: pytest.MonkeyPatch) -> None:
    require_apertium()
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.setenv(name, "C")

    made = await Apertium("apertium").submit(text("Perché la città è così."))

    assert made.text == "Porque la ciudad es así."


async def test_an_answer_without_a_word_is_none(tmp_path: Path) -> None:
    program = tmp_path / "apertium"
    program.write_text('#!/bin/sh\n[ "$1" = -l ] && echo ita-spa || cat > /dev/null\n')
    program.chmod(0o755)

    with pytest.raises(EngineDeclined, match="gave back nothing"):
        await Apertium("apertium", program=str(program)).submit(text(SENTENCE))


def test_nothing_of_it_stays(tmp_path: Path) -> None:
    require_apertium()
    asyncio.run(Apertium("apertium", scratch=tmp_path).submit(text(SENTENCE)))

    assert [*tmp_path.iterdir()] == []


async def test_lines_and_odd_characters_survive() -> None:
    require_apertium()
    made = await Apertium("apertium").submit(text("Prima riga\x00\x07\n\nSeconda riga \\ / ^ $ { } < > @"))

    first, blank, second = made.text.split("\n")
    assert (first.split()[-1], blank) == ("línea", "")
    assert second.endswith("\\ / ^ $ { } < > @")


async def test_a_pair_that_is_not_installed_and_a_text_without_end_are_declined() -> None:
    require_apertium()
    engine = Apertium("apertium")
    with pytest.raises(EngineDeclined, match="no el-ga is installed"):
        await engine.submit(text("x", ("el", "ga")))
    with pytest.raises(EngineDeclined, match="characters"):
        await engine.submit(text("x" * (MOST_CHARACTERS + 1)))


async def test_without_the_program_it_says_what_to_install() -> None:
    with pytest.raises(EngineAway, match="apt-get install apertium-spa-ita"):
        await Apertium("apertium", "/nowhere/apertium").pairs()


async def test_a_program_that_fails_or_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "apertium"
    program.write_text("#!/bin/sh\ncase $1 in -l) echo ita-spa;; -V) echo Apertium 9;; *) exec sleep 600;; esac\n")
    program.chmod(0o700)
    engine = Apertium("apertium", str(program))
    await engine.pairs()

    monkeypatch.setattr("node.translation.apertium.TIMEOUT_SECONDS", 0.2)
    with pytest.raises(EngineAway, match="no answer"):
        await engine.submit(text("ciao"))

    monkeypatch.undo()
    program.write_text("#!/bin/sh\ncat >/dev/null\nexit 3\n")
    with pytest.raises(EngineDeclined, match="status 3"):
        await engine.submit(text("ciao"))


def test_modes_are_those_of_official_languages_and_the_plain_one_is_taken() -> None:
    names = ["spa-eng_US", "spa-eng", "eng-hbs_HR", "es-pt", "spa-cat", "ita-spa", "isl-swe", "spa-spa", "bad"]

    assert modes_of(names) == {
        ("es", "en"): "spa-eng",
        ("en", "hr"): "eng-hbs_HR",
        ("es", "pt"): "es-pt",
        ("it", "es"): "ita-spa",
        ("is", "sv"): "isl-swe",
    }


async def test_addresses_stay_as_they_are() -> None:
    require_apertium()
    words = "Vendita su oro-sicuro.example, https://oro-sicuro.example/a_b?c=[d] e info@oro-sicuro.example."

    made = await Apertium("apertium").submit(text(words))

    for address in ("oro-sicuro.example", "https://oro-sicuro.example/a_b?c=[d]", "info@oro-sicuro.example"):
        assert address in made.text


@pytest.mark.parametrize("words", ["a [b] \\ c/d ^e$ {f} <g>@ h", "x\n\ny", "one.two three@four.example", "", ".[]"])
def test_a_text_comes_back_from_the_stream_format(words: str) -> None:
    assert from_stream(to_stream(words)) == words
