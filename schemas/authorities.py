"""Competent authorities and coordinators, as each node makes them known to all others for its own country.

A contact person is named for the office that he or she holds (IMI Regulation, Art. 7 and Art. 15): the name is
personal data all the same, and therefore travels as a disclosure that can be erased.
"""

from typing import Annotated, Literal

from pydantic import StringConstraints

from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, Slug

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
EmailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s]{1,64}@[^@\s]{1,190}$", max_length=254)]

CoordinatorFunction = Literal[
    "validating",  # registers and validates authorities
    "access",  # gives authorities access to policy areas and procedures
    "content",  # sees to timely and adequate answers; handles referrals
]


class Contact(Frozen):
    """Whom to call or write to, by post rather than by person where there is a functional mailbox."""

    name: Name
    email: EmailAddress | None = None
    phone: Annotated[str, StringConstraints(max_length=40)] = ""
    languages: tuple[str, ...] = ()
    areas: tuple[Slug, ...] = ()
    """Policy areas that this contact answers for; none means all."""


class Coordination(Frozen):
    """What a coordinator coordinates (IMI Regulation, Art. 6)."""

    national: bool = False
    """The one national IMI coordinator (NIMIC) of its country."""
    functions: tuple[CoordinatorFunction, ...] = ("validating", "access", "content")
    areas: tuple[Slug, ...] = ()
    """Policy areas; none means all."""
    region: str = ""
    """Part of the country; empty means all of it."""


class Authority(Frozen):
    """A competent authority, with the procedures that it has access to."""

    id: AuthorityId
    name: Name
    languages: tuple[str, ...] = ()
    """ISO 639-1, the preferred one first."""
    modules: dict[Slug, tuple[Slug, ...]] = {}
    """Policy area -> procedures: access rights (IMI Regulation, Art. 9)."""
    coordination: Coordination | None = None
    """What it coordinates, where it is a coordinator."""
    parent: AuthorityId | None = None
    """The authority above it in its country's own structure; none for one at the top."""
    region: Annotated[str, StringConstraints(max_length=100)] = ""
    competences: tuple[Annotated[str, StringConstraints(max_length=200)], ...] = ()
    """What it is competent for, in words that colleagues abroad would look for."""
    contacts: tuple[Contact, ...] = ()
    acts_for: tuple[AuthorityId, ...] = ()
    """Local authorities on whose behalf this central one may act; both are then visible in the exchange."""

    @property
    def national_coordinator(self) -> bool:
        """Whether it is the national IMI coordinator of its country."""
        return self.coordination is not None and self.coordination.national
