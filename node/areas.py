"""The policy areas that a node knows: those that come with the program, and those in its own folder."""

import base64
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import schemas.policy_areas
from node.handlers.convergence import diverging_story
from schemas.declaration import BadDeclaration, parse_policy_area
from schemas.policy_area import PolicyArea

BUILT_IN = Path(schemas.policy_areas.__file__).parent

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
    for name, procedure in area.procedures.items():
        story = diverging_story(procedure)
        if story is not None:
            raise BadDeclaration(f"procedures.{name}: the copies of an exchange can come to differ.\n{story}")
    return area


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
    return areas


def newest(areas: Areas, name: str) -> PolicyArea | None:
    """The newest version of a policy area, for exchanges that begin now."""
    versions = [area for (area_name, _), area in areas.items() if area_name == name]
    return max(versions, key=lambda area: area.version, default=None)


def _texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.toml")):
        yield path.read_text()
