"""Links between exchanges, also of different policy areas, as one node knows them."""

from typing import Literal

from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, ExchangeId, NodeId, Slug, UtcTime

LinkKind = Literal["follows", "relates_to"]


class Link(Frozen):
    """One exchange names another, in a step that all its parties got, or in a note of this node alone."""

    exchange: ExchangeId
    other: ExchangeId
    kind: LinkKind
    told: bool
    """Whether a step says it; a note of the own node is told to nobody."""
    at: UtcTime


class LinkView(Frozen):
    """A link as somebody may see it: of an exchange that he may not see, only that there is one."""

    kind: LinkKind
    outgoing: bool
    """Whether the exchange at hand names the other one, and not the other way round."""
    told: bool
    exchange: ExchangeId | None = None
    area: Slug | None = None
    procedure: Slug | None = None
    state: Slug | None = None
    state_label: str | None = None
    parties: dict[Slug, NodeId] = {}


class LinkOrder(Frozen):
    """Note this link, told to nobody."""

    other: ExchangeId
    kind: LinkKind = "relates_to"


class CopyOrder(Frozen):
    """Begin a draft of that procedure, prepared by that authority, with what an exchange says."""

    procedure: Slug
    authority: AuthorityId
