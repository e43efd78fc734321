"""A register made by hand: federal, with a national coordinator, one for the South, and authorities below them."""

from collections.abc import Iterable
from datetime import UTC, datetime

from node.handlers.access import OWN_ACCOUNT_ALONE, Actor
from node.handlers.registers.changes import decide
from node.handlers.registers.register import Register, effective_grants
from node.handlers.registers.registration import Setting
from schemas.authorities import Authority, Coordination
from schemas.people import Absence, Grant, RegisteredAuthority, Role, User
from schemas.register import Change

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PROCEDURES = {"e_commerce": frozenset({"request", "notification"}), "services": frozenset({"derogation"})}
STEPS = frozenset({"send", "reply", "accept"})
MODULES = {"e_commerce": ("request", "notification")}

NIMIC, SOUTH, MARKET, CITY = "DE/coordinator", "DE/coordinator-south", "DE/market", "DE/city"


def authority(name: str, **changes: object) -> Authority:
    return Authority.model_validate({"id": name, "name": f"Authority {name}", **changes})


def registered(name: str, status: str = "validated", **changes: object) -> RegisteredAuthority:
    areas = changes.pop("areas", ("e_commerce",))
    return RegisteredAuthority.model_validate(
        {"authority": authority(name, **changes), "status": status, "since": AT, "areas": areas}
    )


def user(name: str, *grants: tuple[str, Role], absences: Iterable[Absence] = (), **changes: object) -> User:
    given = tuple(Grant(authority=where, role=role) for where, role in grants)
    return User.model_validate(
        {"id": name, "name": name.title(), "since": AT, "grants": given, "absences": tuple(absences), **changes}
    )


USERS = (
    user("nina", (NIMIC, "administrator")),
    user("sven", (SOUTH, "administrator")),
    user("mara", (MARKET, "administrator")),
    user("hugo", (MARKET, "handler")),
    user("hanna", (MARKET, "handler")),
)


def register(*, users: Iterable[User] = USERS, more: Iterable[RegisteredAuthority] = ()) -> Register:
    authorities = [
        registered(NIMIC, coordination=Coordination(national=True), modules=MODULES),
        registered(SOUTH, coordination=Coordination(region="South", areas=("e_commerce",)), region="South"),
        registered(MARKET, region="South", modules=MODULES, parent=SOUTH),
        registered(CITY, region="North", status="invited"),
        *more,
    ]
    return Register("DE", {each.authority.id: each for each in authorities}, {each.id: each for each in users})


def acting(held: Register, name: str | None) -> Actor:
    """A user with the grants of the day; the node's own account where none is named."""
    if name is None:
        return Actor(user=None) if held.users else OWN_ACCOUNT_ALONE
    one = held.users[name]
    return Actor(one, effective_grants(one, held.users.values(), AT.date()))


def change(held: Register, by: str | None, *wanted: Change) -> Register:
    return decide(held, wanted, Setting(acting(held, by), AT, PROCEDURES, STEPS))
