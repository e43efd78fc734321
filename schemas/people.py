"""The register of one node: its authorities as they stand at home, and the people who work for them.

Users are known to their own node only. Their data are kept while they are users, and for proof of an exchange
for three years after they left; then they are deleted (IMI Regulation, Art. 15).
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import StringConstraints, model_validator

from schemas.authorities import Authority, EmailAddress, Name
from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, Slug, UtcTime

UserId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
"""A user of one node; it says nothing about the person and is never told to other nodes."""

Role = Literal[
    "handler",  # creates, sends, answers for the authority
    "approver",  # releases what handlers submit
    "allocator",  # gives incoming exchanges to handlers, forwards
    "referral_handler",  # decides referrals and reopenings; of coordinators only
    "disseminator",  # passes a notification on to authorities of the own country
    "administrator",  # users and contact data of the authority
    "viewer",  # reads the authority's exchanges
    "auditor",  # data protection officer: ledger and requests of data subjects; no content
    "assessor",  # of the Commission: assesses notifications (Directive 2000/31/EC, Art. 3(6))
    "statistician",  # counts only
    "helpdesk",  # supports users; no content
    "operator",  # runs the node; no content
]


class Grant(Frozen):
    """A role that a user has for an authority, in all policy areas or in one, in all procedures or in some."""

    authority: AuthorityId
    role: Role
    area: Slug | None = None
    procedures: tuple[Slug, ...] = ()


class Absence(Frozen):
    """Days on which a user is away, both included, and who takes over meanwhile."""

    first: date
    last: date
    substitute: UserId | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "Absence":
        if self.last < self.first:
            raise ValueError(f"last: an absence ends on or after its first day, {self.first}")
        return self


class User(Frozen):
    """A person who works with the node."""

    id: UserId
    name: Name
    email: EmailAddress | None = None
    language: str = "en"
    """In which the user reads: pages, messages, translations."""
    grants: tuple[Grant, ...] = ()
    absences: tuple[Absence, ...] = ()
    since: UtcTime
    left_at: UtcTime | None = None
    """Since when the person is no user any more and has no right at all."""


class RegisteredAuthority(Frozen):
    """An authority in the register of its own node."""

    authority: Authority
    status: Literal["invited", "validated", "retired"]
    """Invited by a coordinator or itself, validated by a coordinator, retired; only validated ones are made known."""
    since: UtcTime
    areas: tuple[Slug, ...] = ()
    """Policy areas in which it works, or is to work: they say which coordinators are over it."""
    approval: tuple[Slug, ...] = ()
    """Steps, such as send or reply, that an approver must release before they are taken."""
