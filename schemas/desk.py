"""What a node keeps of an exchange for itself: who handles it, what waits for approval, who at home may read it.

Nothing of it is told to other nodes, and nothing of it changes the exchange.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, ExchangeId, Slug, UtcTime
from schemas.people import UserId

Remark = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]


class PendingStep(Frozen):
    """A step that is filled in and not taken yet; its form is kept sealed, beside it."""

    step: Slug
    authority: AuthorityId
    status: Literal["draft", "awaiting_approval", "sent_back"]
    by: UserId | None
    at: UtcTime
    note: Remark = ""
    """What the approver says on sending it back; no personal data."""
    addressed: AuthorityId | None = None
    on_behalf_of: AuthorityId | None = None


class Desk(Frozen):
    """How the own side works on one exchange."""

    exchange: ExchangeId
    handlers: dict[AuthorityId, UserId] = {}
    """Who handles it, by authority; given by an allocator, or taken by a handler."""
    disseminated_to: tuple[AuthorityId, ...] = ()
    """Authorities at home that read it besides the responsible one."""
    pending: dict[Slug, PendingStep] = {}
    """By step."""


class Preparation(Frozen):
    """A step to be kept, filled in as far as it is, without taking it."""

    step: Slug
    authority: AuthorityId
    form: dict[Slug, object] = {}
    addressed: AuthorityId | None = None
    on_behalf_of: AuthorityId | None = None


class Prepared(Frozen):
    """A step that is kept on the desk."""

    step: Slug


class SendingBack(Frozen):
    """An approver gives a step back to whoever submitted it."""

    step: Slug
    note: Annotated[Remark, StringConstraints(min_length=1)]
    """What is to be changed; no personal data."""


class Allocation(Frozen):
    """Who handles an exchange for an authority; nobody in particular where no user is named."""

    authority: AuthorityId
    user: UserId | None = None


class Dissemination(Frozen):
    """Authorities of the own country that may read a notification from now on."""

    to: tuple[AuthorityId, ...] = Field(min_length=1, max_length=500)


class DeskLine(Frozen):
    """A step that waits on a desk, for a list of them."""

    exchange: ExchangeId
    label: str
    """The step, in words."""
    pending: PendingStep
    may_release: bool
    """Whether whoever asked may release it or send it back."""
