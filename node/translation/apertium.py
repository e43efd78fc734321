"""Apertium, the program of the distribution: rules and dictionaries on this machine, nothing leaves it.

It has few pairs and makes mistakes that look fluent ("prestatore", a provider, becomes a lender in Spanish). What it
knows is asked of it, never assumed: whoever installs another pair has it with the next start.
"""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from node.translation.addresses import pieces
from node.translation.languages import short
from node.translation.port import EngineAway, EngineDeclined, Pair, Text, Translated
from node.translation.quality import unknown_share, without_marks

TIMEOUT_SECONDS = 60.0
MOST_CHARACTERS = 200_000
"""More than any form holds; a page takes some tenths of a second."""

_WITH_A_PIPE = 'cat | "$0" "$@"'
"""The program opens /dev/stdin anew, which a socket does not allow, and that is what uvloop gives a process."""

_MODE = re.compile(r"([a-z]{2,3}(?:_[A-Za-z]+)?)-([a-z]{2,3}(?:_[A-Za-z]+)?)", re.ASCII)
_SPECIAL = re.compile(r"[\[\]{}^$/\\@<>]")  # of Apertium's stream format
_BRACKET = re.compile(r"\\(.)|[\[\]]", re.DOTALL)  # an escaped character, or a bracket that is not
_STOP = ".[]"
_BREAK = re.compile(r"\n[ \t]*\n")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # control characters would end or upset the program's stream


class Apertium:
    """The local program."""

    outside = False
    answers_later = False
    at_once = 2  # each is a chain of some ten processes

    def __init__(self, name: str, program: str = "apertium", scratch: Path | None = None) -> None:
        """Use a program by its name or path; nothing runs yet.

        Args:
            name: as the node's configuration has it.
            program: by name or path.
            scratch: a folder for an empty file that the program makes; the system's temporary place without it.
        """
        self.name = name
        self._scratch = scratch
        self._program = program
        self._modes: dict[Pair, str] = {}
        self._version = ""

    async def pairs(self) -> frozenset[Pair]:
        """Ask which pairs are installed."""
        listed = await self._run(["-l"], b"")
        self._version = (await self._run(["-V"], b"")).strip().removeprefix("Apertium").strip()
        self._modes = modes_of(listed.split())
        return frozenset(self._modes)

    async def submit(self, text: Text) -> Translated:
        """Translate."""
        if not self._modes:
            await self.pairs()
        mode = self._modes.get((text.source, text.target))
        if mode is None:
            raise EngineDeclined(f"no {text.source}-{text.target} is installed")
        if len(text.text) > MOST_CHARACTERS:
            raise EngineDeclined(f"the text has more than {MOST_CHARACTERS} characters")
        plain = _NO_TEXT.sub(" ", text.text)
        translation = from_stream(await self._run(["-f", "none", mode], to_stream(plain).encode()))
        if plain.strip() and not translation.strip():
            raise EngineDeclined(f"{self._program} gave back nothing; if it lacks cg-proc: apt-get install cg3")
        return Translated(
            text=without_marks(plain, translation).strip(),
            version=f"{self._version}, {mode}",
            unknown=unknown_share(plain, translation),
        )

    async def close(self) -> None:
        """Nothing is open."""

    async def _run(self, arguments: Sequence[str], given: bytes) -> str:
        if shutil.which(self._program) is None:
            raise EngineAway(
                f"the program {self._program} is not installed: apt-get install apertium-spa-ita, or another pair"
            )
        with TemporaryDirectory(prefix=".apertium-", dir=self._scratch) as folder:
            return await self._run_in(folder, arguments, given)

    async def _run_in(self, folder: str, arguments: Sequence[str], given: bytes) -> str:
        try:
            process = await asyncio.create_subprocess_exec(
                "/bin/sh",
                "-c",
                _WITH_A_PIPE,
                self._program,
                *arguments,
                # In another locale it reads no letter beyond ASCII; it leaves a file in TMPDIR when it is ended.
                env={**os.environ, "LC_ALL": "C.UTF-8", "TMPDIR": folder},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # a group of its own, so that the whole chain can be ended
            )
        except OSError as error:
            raise EngineAway(f"the program {self._program} can't be run: {error.strerror}") from error
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                said, _ = await process.communicate(given)
        except TimeoutError as error:
            raise EngineAway(f"{self._program} gave no answer in {TIMEOUT_SECONDS:g} s") from error
        except OSError as error:
            raise EngineAway(f"{self._program} ended before it had read the text") from error
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        if process.returncode:
            raise EngineDeclined(f"{self._program} ended with status {process.returncode}")
        return said.decode(errors="replace")


def modes_of(names: Sequence[str]) -> dict[Pair, str]:
    """Say which pair each of Apertium's modes serves, as far as both are languages of the federation.

    Of several for one pair (`spa-eng` and `spa-eng_US`) the plain one is taken.
    """
    modes: dict[Pair, str] = {}
    for name in sorted(names, key=len):
        found = _MODE.fullmatch(name)
        source, target = (_language(found[1]), _language(found[2])) if found else (None, None)
        if source and target and source != target:
            modes.setdefault((source, target), name)
    return modes


def to_stream(text: str) -> str:
    """Write a text in Apertium's stream format: addresses as blanks, which it passes on, and a stop where it ends.

    The stop `.[]` is what the program's own formatter puts at the end of a text and before an empty line.
    """
    told = "".join(f"[{_escaped(piece)}]" if kept else _escaped(piece) for piece, kept in pieces(text))
    return _BREAK.sub(lambda found: f"{_STOP}{found[0]}", told) + _STOP


def from_stream(stream: str) -> str:
    """Read what the program answers."""
    return _BRACKET.sub(lambda found: found[1] or "", stream.replace(_STOP, ""))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)


def _language(code: str) -> str | None:
    return short(code) or short(code.partition("_")[0])
