"""Versions of what an exchange says: as it was sent, and after each amendment or addendum."""

from pydantic import PositiveInt

from schemas.frozen import Frozen
from schemas.identifiers import MessageId, Slug, UtcTime


class Change(Frozen):
    """One field that an amendment changed."""

    field: Slug
    label: str
    before: object = None
    """None where it was not answered before."""
    after: object


class Version(Frozen):
    """What an exchange says from a step on."""

    number: PositiveInt
    """1 is what was sent."""
    message: MessageId
    step: Slug
    at: UtcTime
    content: dict[Slug, object]
    """The opening form as it reads now."""
    changes: tuple[Change, ...] = ()
    """Since the version before, in the order of the form."""
    remarks: dict[Slug, object] = {}
    """What the amending form says beside: the reason of the change."""
