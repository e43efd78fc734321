"""A country's structure of authorities as a file: who there is, under whom, competent for what.

Names are without the country's code, so that a sample serves any node.
"""

import tomllib
from typing import Annotated

from pydantic import Field, StringConstraints, ValidationError

from schemas.authorities import Contact, Coordination, Name
from schemas.frozen import Frozen
from schemas.identifiers import Slug
from schemas.mistakes import mistakes

LocalName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""An authority's name within its country: `youth-media` of DE/youth-media."""


class BadStructure(ValueError):
    """The file describes no structure; the message says where and what to do."""


class Place(Frozen):
    """An authority in the structure."""

    name: LocalName
    title: Name
    parent: LocalName | None = None
    region: Annotated[str, StringConstraints(max_length=100)] = ""
    languages: tuple[str, ...] = ()
    competences: tuple[Annotated[str, StringConstraints(max_length=200)], ...] = ()
    contacts: tuple[Contact, ...] = ()
    modules: dict[Slug, tuple[Slug, ...]] = {}
    """Policy area -> procedures."""
    coordination: Coordination | None = None
    acts_for: tuple[LocalName, ...] = ()
    approval: tuple[Slug, ...] = ()
    """Steps that an approver has to release."""


class Structure(Frozen):
    """All authorities of a country, or some to be added."""

    authority: Annotated[tuple[Place, ...], Field(min_length=1)]


def parse_structure(text: str) -> Structure:
    """Read a structure.

    Raises:
        BadStructure: it is no TOML, or an entry is wrong.
    """
    try:
        structure = Structure.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadStructure(f"this is no TOML: {error}") from error
    except ValidationError as error:
        raise BadStructure("\n".join(map(str, mistakes(error)))) from error
    names = [each.name for each in structure.authority]
    if twice := {name for name in names if names.count(name) > 1}:
        raise BadStructure(f"{min(twice)} stands there twice; an authority has one entry")
    return structure
