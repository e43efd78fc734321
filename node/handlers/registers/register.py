"""The register of one node as decisions see it: its authorities, and the people who work for them.

Invariants, kept by every change:
- There is at most one national coordinator (IMI Regulation, Art. 6).
- Only validated authorities count: for rights, for steps, for publication.
- Once a node has users, one of them is an administrator of a validating coordinator for the whole country: nobody
  else could give rights again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from node.handlers.access import coordinates
from node.handlers.registers.substitutes import effective_grants, is_user, stands_in_for
from schemas.authorities import Authority
from schemas.people import RegisteredAuthority, User

__all__ = ["Register", "RegisterRefused", "Validated", "effective_grants", "is_governed", "is_user", "stands_in_for"]


class RegisterRefused(Exception):
    """The register stays as it is; the message says why and what to do."""


class Validated(Mapping[str, Authority]):
    """The authorities that count, by id; a view, since a country may have thousands."""

    def __init__(self, authorities: Mapping[str, RegisteredAuthority]) -> None:
        """Look at these."""
        self._all = authorities

    def __getitem__(self, name: str) -> Authority:
        """Give a validated authority; raises KeyError for any other."""
        registered = self._all[name]
        if registered.status != "validated":
            raise KeyError(name)
        return registered.authority

    def __iter__(self) -> Iterator[str]:
        """Go through their ids."""
        return (name for name, each in self._all.items() if each.status == "validated")

    def __len__(self) -> int:
        """Count them."""
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True)
class Register:
    """The authorities and the users of a node."""

    node: str
    authorities: Mapping[str, RegisteredAuthority]
    users: Mapping[str, User]
    directory: int | None = None
    """The version of the directory that the authorities come from; none once the node has a register of its own."""

    @property
    def validated(self) -> Validated:
        """The authorities that count."""
        return Validated(self.authorities)

    @property
    def national(self) -> Authority | None:
        """The national coordinator, if there is one."""
        return next((each for each in self.validated.values() if each.national_coordinator), None)

    def authority(self, name: str) -> RegisteredAuthority:
        """Give an authority, whatever its status.

        Raises:
            RegisterRefused: there is none of that name.
        """
        registered = self.authorities.get(name)
        if registered is None:
            raise RegisterRefused(f"the register has no authority {name}; `imi authority list` shows those it has")
        return registered

    def user(self, name: str) -> User:
        """Give somebody who is still a user.

        Raises:
            RegisterRefused: there is no such user, or the user has left.
        """
        user = self.users.get(name)
        if user is None:
            raise RegisterRefused(f"there is no user {name}; `imi user list` shows those that there are")
        if user.left_at is not None:
            raise RegisterRefused(f"{name} left on {user.left_at:%Y-%m-%d} and is no user any more; add a new user")
        return user

    def as_published(self, authorities: Iterable[Authority], at: datetime) -> "Register":
        """Give the register as it was when these authorities, and no others, were published at a time."""
        published = {each.id: each for each in authorities}
        known = {name: _as_published(each, published.get(name), at) for name, each in self.authorities.items()}
        new = {
            name: RegisteredAuthority(authority=each, status="validated", since=at, areas=tuple(each.modules))
            for name, each in published.items()
            if name not in known
        }
        return Register(self.node, {**known, **new}, self.users)


def is_governed(register: Register, today: date) -> bool:
    """Whether somebody can give rights; a node without users is governed by its own account."""
    users = [user for user in register.users.values() if is_user(user, today)]
    return not register.users or any(_governs(register, user) for user in users)


def _as_published(known: RegisteredAuthority, published: Authority | None, at: datetime) -> RegisteredAuthority:
    if published is None:
        return known if known.status != "validated" else known.model_copy(update={"status": "retired", "since": at})
    since = known.since if known.status == "validated" else at
    return known.model_copy(update={"authority": published, "status": "validated", "since": since})


def _governs(register: Register, user: User) -> bool:
    roles = (grant for grant in user.grants if grant.role == "administrator")
    owners = (register.validated.get(grant.authority) for grant in roles)
    return any(own is not None and coordinates(own, "validating") for own in owners)
