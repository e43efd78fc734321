"""What a node keeps of an exchange for itself: who handles it, what waits for approval, who at home may read it.

Nothing of it is told to other nodes, and nothing of it changes the exchange.
"""

from typing import Literal

from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, ExchangeId, Slug, UtcTime
from schemas.people import UserId


class PendingStep(Frozen):
    """A step that is filled in and not taken yet; its form is kept sealed, beside it."""

    step: Slug
    authority: AuthorityId
    status: Literal["draft", "awaiting_approval", "sent_back"]
    by: UserId | None
    at: UtcTime
    note: str = ""
    """What the approver says on sending it back; no personal data."""
    addressed: AuthorityId | None = None


class Desk(Frozen):
    """How the own side works on one exchange."""

    exchange: ExchangeId
    handlers: dict[AuthorityId, UserId] = {}
    """Who handles it, by authority; given by an allocator, or taken by a handler."""
    disseminated_to: tuple[AuthorityId, ...] = ()
    """Authorities at home that read it besides the responsible one."""
    pending: dict[Slug, PendingStep] = {}
    """By step."""
