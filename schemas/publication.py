"""What the Commission has published of a policy area: which version, at which stage, since when.

Stages go one way: consultation, in force, retired. Only while a version is in force can exchanges begin with it;
those that began go on with it whatever becomes of it.
"""

from typing import Literal

from pydantic import PositiveInt

from schemas.frozen import Frozen
from schemas.identifiers import Hash, Slug, UtcTime

Stage = Literal["consultation", "in_force", "retired"]


class Publication(Frozen):
    """One stage of one version."""

    area: Slug
    version: PositiveInt
    stage: Stage
    hash: Hash
    """SHA-256 of the declaration's text."""
    since: UtcTime
    """From when on the stage counts; it may lie ahead."""


class Publishing(Frozen):
    """What the Commission is to publish."""

    text: str
    """The declaration, TOML."""
    stage: Stage
    since: UtcTime | None = None
    """None: a consultation begins at once, the other stages a day later, when every node has heard of them."""


class AreaView(Frozen):
    """A version of a policy area as one node knows it."""

    area: Slug
    version: PositiveInt
    label: str
    legal_basis: str
    pilot: bool
    procedures: dict[Slug, str]
    """Name -> label."""
    is_published: bool
    """Whether the Commission published it; otherwise it came with the program, or lies in the node's own folder."""
    stage: Stage | None
    """The stage that counts now; none where there is none yet, or it was not published."""
    is_open: bool
    """Whether an exchange can begin with it now."""
    publications: tuple[Publication, ...] = ()


class DeclarationView(Frozen):
    """A version of a policy area with its text, for reading and comment."""

    view: AreaView
    text: str | None
    """None where it was not published: then it is a file of the program, or of the node's folder."""
