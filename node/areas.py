"""The policy areas that a node knows: those that come with the program, and those in its own folder.

Those that the Commission published to it are in its store: `node.runtime.declarations`.
"""

import asyncio
import base64
import hashlib
import os
import sys
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path

import schemas.policy_areas
from node.crypto.statement import RESERVED_NAMES
from node.handlers.exchanges.convergence import diverging_story
from schemas.declaration import BadDeclaration, parse_policy_area
from schemas.guidance import GuidanceTable, parse_guidance
from schemas.policy_area import PolicyArea

BUILT_IN = Path(schemas.policy_areas.__file__).parent
GUIDANCE = BUILT_IN.parent / "guidance"

PROOF_SECONDS = 120.0  # e-Commerce takes a few seconds; a declaration that takes so long is too intricate to publish
VERDICTS = 16  # kept

_CHECKOUT = Path(__file__).parents[1]
_BAD = 3  # the exit status of a proof that failed, with the reason on standard output

Areas = Mapping[tuple[str, int], PolicyArea]
"""Policy area and version -> declaration."""


def declaration_hash(text: str) -> str:
    """SHA-256 of a declaration, base64url."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def check(text: str) -> PolicyArea:
    """Read a declaration and prove that the copies of its exchanges can't come to differ.

    Raises:
        BadDeclaration: it contradicts itself, or has a diverging story, which the message tells.
    """
    area = parse_policy_area(text)
    for name, form in area.forms.items():
        if taken := sorted(RESERVED_NAMES.intersection(field.name for field in form.fields)):
            raise BadDeclaration(f"forms.{name}: statements have fields of their own called {', '.join(taken)}; rename")
    for name, procedure in area.procedures.items():
        story = diverging_story(procedure)
        if story is not None:
            raise BadDeclaration(f"procedures.{name}: the copies of an exchange can come to differ.\n{story}")
    return area


class ProofFailed(RuntimeError):
    """A declaration could not be checked; that says nothing about it."""


class Prover:
    """Checks declarations that come from outside, each text once, in a process of its own.

    The check may take seconds of computing, and is exponential in what a declaration says: here it holds up nobody, and
    can be ended.
    """

    def __init__(self, seconds: float = PROOF_SECONDS) -> None:
        """Give up on a declaration after so many seconds."""
        self._seconds = seconds
        self._verdicts: OrderedDict[str, str | None] = OrderedDict()
        self._turn = asyncio.Lock()

    async def verdict(self, text: str) -> str | None:
        """Say what is wrong with a declaration; None if `check` accepts it."""
        key = declaration_hash(text)
        async with self._turn:
            if key not in self._verdicts:
                self._verdicts[key] = await self._check_apart(text)
            while len(self._verdicts) > VERDICTS:
                self._verdicts.popitem(last=False)
            return self._verdicts[key]

    async def _check_apart(self, text: str) -> str | None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "node.areas"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(_CHECKOUT)},
        )
        try:
            async with asyncio.timeout(self._seconds):
                told, _ = await process.communicate(text.encode())
        except TimeoutError:
            return f"the proof that its copies can't differ took longer than {self._seconds:g} s: declare fewer steps"
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode not in (0, _BAD):
            raise ProofFailed(f"the process that checks a declaration ended with status {process.returncode}")
        return told.decode() if process.returncode == _BAD else None


def load_areas(folder: Path) -> Areas:
    """Load the built-in areas, and those of a node's own folder, which are checked.

    The built-in ones are checked where they are made: by the tests.

    Raises:
        BadDeclaration: with the file's name.
    """
    areas = {(area.area, area.version): area for area in map(parse_policy_area, _texts(BUILT_IN))}
    for path in sorted(folder.glob("*.toml")):
        try:
            area = check(path.read_text())
        except BadDeclaration as error:
            raise BadDeclaration(f"{path}: {error}") from error
        areas[area.area, area.version] = area
        other = next((each for each in areas.values() if each.code == area.code and each.area != area.area), None)
        if other is not None:
            raise BadDeclaration(f"{path}: the code {area.code} belongs to {other.area}; case numbers need another one")
    return areas


def newest(areas: Areas, name: str) -> PolicyArea | None:
    """The newest version of a policy area, for exchanges that begin now."""
    versions = [area for (area_name, _), area in areas.items() if area_name == name]
    return max(versions, key=lambda area: area.version, default=None)


def guidance_table(name: str = "online_services") -> GuidanceTable:
    """The decision table of that name that comes with the program."""
    return parse_guidance((GUIDANCE / f"{name}.toml").read_text(encoding="utf-8"))


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.toml")):
        yield path.read_text()


def main() -> int:
    """Check the declaration on standard input: 0, or `_BAD` and why on standard output."""
    try:
        check(sys.stdin.buffer.read().decode())
    except BadDeclaration as error:
        sys.stdout.buffer.write(str(error).encode())
        return _BAD
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
