"""What a node tells the public of how it processes personal data, and a supervisory authority on request."""

from schemas.frozen import Frozen


class Answerable(Frozen):
    """Who answers for a node's processing, from its configuration."""

    contact: str
    """Where people write to whose data it holds: an office, an address."""
    data_protection_officer: str
    supervisory_authority: str
    """Where they can complain."""


class Section(Frozen):
    """A part of a paper."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    """A table; the first row is its headings."""


class Paper(Frozen):
    """A text in parts."""

    title: str
    sections: tuple[Section, ...]
