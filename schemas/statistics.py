"""Counts without content: what may be told about exchanges to anybody."""

from pydantic import NonNegativeInt

from schemas.frozen import Frozen
from schemas.identifiers import NodeId, Slug


class StatisticsRow(Frozen):
    """How many exchanges are alike in all of these."""

    area: Slug
    procedure: Slug
    year: int
    """The calendar year in which it was sent (UTC)."""
    opened_by: NodeId
    addressed_to: NodeId
    status: Slug
    blocked: bool
    """Its personal data are hidden or already deleted."""
    facts: dict[Slug, str]
    """The coded answers that the policy area declares as statistical, such as the duration of a measure."""
    count: NonNegativeInt
