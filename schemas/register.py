"""What may be changed in a node's register, and how authorities of any country are looked for.

A change says what is wanted; whether it may be done, and by whom, is decided in `node.handlers.registers.register`.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, TypeAdapter

from schemas.authorities import Authority, Coordination, EmailAddress, Name
from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, NodeId, Slug, UtcTime
from schemas.people import Absence, Grant, RegisteredAuthority, UserId

MAX_AUTHORITY_BYTES = 64 * 1024  # of JSON: several fit into one statement
MAX_CHANGES = 50_000  # made together, all or none


class InviteAuthority(Frozen):
    """Register an authority; it counts once a validating coordinator has validated it."""

    kind: Literal["invite"] = "invite"
    authority: Authority
    """Without access and without coordination: these are given by others, afterwards."""
    areas: tuple[Slug, ...] = ()
    """Policy areas in which it is to work."""
    approval: tuple[Slug, ...] = ()


class ValidateAuthority(Frozen):
    """Confirm that an invited or retired authority is what it says; from then on it counts."""

    kind: Literal["validate"] = "validate"
    authority: AuthorityId


class GiveAccess(Frozen):
    """Give an authority access to procedures of a policy area, in place of what it had there; none takes it away."""

    kind: Literal["access"] = "access"
    authority: AuthorityId
    area: Slug
    procedures: tuple[Slug, ...] = ()


class NameCoordinator(Frozen):
    """Make an authority a coordinator, change what it coordinates, or end that."""

    kind: Literal["coordinator"] = "coordinator"
    authority: AuthorityId
    coordination: Coordination | None
    instead_of: AuthorityId | None = None
    """The national coordinator that this one follows; then that one coordinates nothing any more."""


class ChangeAuthority(Frozen):
    """Change what is said of an authority; access and coordination have changes of their own."""

    kind: Literal["change"] = "change"
    authority: Authority
    approval: tuple[Slug, ...] = ()


class RetireAuthority(Frozen):
    """End an authority: it keeps its name in exchanges that it took part in, and can do nothing new."""

    kind: Literal["retire"] = "retire"
    authority: AuthorityId


class AddUser(Frozen):
    """Register a person, with his or her first roles."""

    kind: Literal["add_user"] = "add_user"
    user: UserId
    name: Name
    email: EmailAddress | None = None
    language: str = "en"
    grants: Annotated[tuple[Grant, ...], Field(min_length=1)]


class ChangeUser(Frozen):
    """Correct a user's name, address or language."""

    kind: Literal["change_user"] = "change_user"
    user: UserId
    name: Name
    email: EmailAddress | None = None
    language: str = "en"


class GrantRole(Frozen):
    """Give a user a role."""

    kind: Literal["grant"] = "grant"
    user: UserId
    grant: Grant


class RevokeRole(Frozen):
    """Take a role away from a user."""

    kind: Literal["revoke"] = "revoke"
    user: UserId
    grant: Grant


class SetAbsence(Frozen):
    """Say that a user is away; takes the place of absences that begin on the same day."""

    kind: Literal["absent"] = "absent"
    user: UserId
    absence: Absence


class CancelAbsence(Frozen):
    """Say that a user is not away after all."""

    kind: Literal["present"] = "present"
    user: UserId
    first: date
    """The first day of the absence that does not take place."""


class UserLeaves(Frozen):
    """End a user's rights; what proves his or her part in exchanges is kept for three years."""

    kind: Literal["leave"] = "leave"
    user: UserId


Change = Annotated[
    InviteAuthority
    | ValidateAuthority
    | GiveAccess
    | NameCoordinator
    | ChangeAuthority
    | RetireAuthority
    | AddUser
    | ChangeUser
    | GrantRole
    | RevokeRole
    | SetAbsence
    | CancelAbsence
    | UserLeaves,
    Field(discriminator="kind"),
]

CHANGES: TypeAdapter[list[Change]] = TypeAdapter(Annotated[list[Change], Field(max_length=MAX_CHANGES)])
"""Reads changes that are made together, all or none; raises `pydantic.ValidationError`."""


class AuthorityQuery(Frozen):
    """Whom somebody looks for, in any country."""

    country: NodeId | None = None
    area: Slug | None = None
    procedure: Slug | None = None
    """Registered for it; of any policy area where none is named."""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None
    region: str = ""
    words: str = ""
    """Beginnings of words of names, competences and regions, whatever the case and the diacritics."""
    limit: Annotated[int, Field(ge=1, le=500)] = 20


class CountryRegister(Frozen):
    """What this node knows of a country's register."""

    country: NodeId
    version: int
    """Of the publication; 0 while the country has published none, and the directory's list counts."""
    at: UtcTime | None = None
    """When it was published."""
    authorities: int


class FoundAuthorities(Frozen):
    """Authorities that were looked for."""

    coordinators: dict[NodeId, Authority]
    """The national coordinator of the country asked for, or of every country in the list."""
    authorities: tuple[Authority, ...]
    """Coordinators first, then those that fit best."""
    more: bool = False
    """There are more than the limit."""


class AuthorityView(Frozen):
    """One authority, as far as this node knows it."""

    authority: Authority
    registered: RegisteredAuthority | None = None
    """As it stands in the register, for one of this node."""
    country: CountryRegister


class RegisterView(Frozen):
    """The own register of a node."""

    node: NodeId
    authorities: tuple[RegisteredAuthority, ...]
    published: CountryRegister
    unpublished: bool
    """There are changes that other countries were not told of yet."""
