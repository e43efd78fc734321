"""One case as one node knows it.

All copies of an exchange hold the same state, parties, facts and formal closure once they have applied the
same steps; only the order of the history may differ, as letters that cross in the post. There is no personal
data in it: what the forms say is kept apart, under the exchange's own data key.
"""

from typing import Literal

from pydantic import NonNegativeInt, PositiveInt

from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, ExchangeId, Hash, MessageId, NodeId, Slug, UtcTime
from schemas.messages import Seen
from schemas.people import UserId


class Entry(Frozen):
    """A step that was taken, and the state that it led to in this copy."""

    message: MessageId
    hash: Hash
    step: Slug
    sender: NodeId
    authority: AuthorityId
    on_behalf_of: AuthorityId | None = None
    """The local authority for which a central one acted."""
    sequence: PositiveInt
    at: UtcTime
    state: Slug
    crossed: bool = False
    """It arrived in a state that it could not have been taken from."""


class Confirmation(Frozen):
    """A party's signed word that it has blocked, or deleted, the personal data; there is none of them in it."""

    party: NodeId
    what: Literal["blocked", "deleted"]
    because: Literal["due", "no_longer_needed", "asked"]
    at: UtcTime
    closed_at: UtcTime
    """The formal closure that it counts from."""
    hash: Hash
    """Of the signed statement."""


class Exchange(Frozen):
    """One running instance of a procedure."""

    id: ExchangeId
    area: Slug
    version: PositiveInt
    procedure: Slug
    state: Slug
    parties: dict[Slug, NodeId]
    authorities: dict[Slug, AuthorityId] = {}
    further: dict[Slug, tuple[AuthorityId, ...]] = {}
    """Authorities that answer a part, beside the responsible one of their role."""
    facts: dict[Slug, str] = {}
    """Coded answers that statistics may count, and days that deadlines run by."""
    history: tuple[Entry, ...] = ()
    seen: dict[NodeId, Seen] = {}
    """The last step of each party that this copy has applied."""
    opened_at: UtcTime | None = None
    """When the opening step was taken; none while it is a draft."""
    closed_at: UtcTime | None = None
    """Formal closure: the time of the step that closed it, the same in all copies."""
    blocked_at: UtcTime | None = None
    deleted_at: UtcTime | None = None
    no_longer_needed_at: UtcTime | None = None
    """Since when this node's own side needs the personal data no longer, if it has said so: blocked from then on."""
    early_deletion: UtcTime | None = None
    """The formal closure after which an authority asked for deletion at once (IMI Regulation, Art. 14(5))."""
    confirmations: tuple[Confirmation, ...] = ()
    """Of other parties, as they came."""
    confirmations_looked_at: UtcTime | None = None
    """Until when confirmations that lack were told here; this node's own matter, as the next one is."""
    reminded_until: UtcTime | None = None
    """All reminders due up to then were given here; this node's own matter."""

    def role_of(self, node: str) -> str | None:
        """The role that a node plays here, if any."""
        return next((role for role, party in self.parties.items() if party == node), None)

    def next_sequence(self, node: str) -> NonNegativeInt:
        """The sequence number of a node's next step."""
        return self.seen[node].sequence + 1 if node in self.seen else 1


class Act(Frozen):
    """What a user wants to do: take a step, in an exchange or to open one."""

    step: Slug
    authority: AuthorityId
    exchange: ExchangeId | None = None
    area: Slug = "e_commerce"
    procedure: Slug = "request"
    """Area and procedure of an exchange to open; ignored where one is named."""
    form: dict[Slug, object] = {}
    addressed: AuthorityId | None = None
    """The other side's authority, when opening; in a forwarding or a split the one that takes over or joins."""
    on_behalf_of: AuthorityId | None = None
    """The local authority for which a central one acts."""
    user: UserId | None = None
    """Who acts; the node's own accounts act for its authorities until a first user is registered."""
