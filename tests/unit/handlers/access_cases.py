"""Exchanges and users made by hand, for tests of who may do what."""

from datetime import UTC, datetime

from node.handlers.access import Actor, Case
from schemas.authorities import Authority, Coordination
from schemas.desk import Desk
from schemas.people import Grant, Role, User
from tests.unit.handlers.cases import AREA, opened

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
MODULES = {"e_commerce": ("request", "notification")}


def authority(name: str, **changes: object) -> Authority:
    return Authority.model_validate({"id": name, "name": name, "modules": MODULES, **changes})


CYPRUS = {
    each.id: each
    for each in (
        authority("CY/responsible", region="Larnaca"),
        authority("CY/further"),
        authority("CY/told"),
        authority("CY/local"),
        authority("CY/central", acts_for=("CY/responsible",)),
        authority("CY/coordinator", coordination=Coordination(national=True)),
        authority("CY/elsewhere"),
    )
}
COMMISSION = {each.id: each for each in (authority("EC/e-commerce"), authority("EC/other"))}


def actor(
    role: Role, at: str = "CY/responsible", *, area: str | None = None, procedures: tuple[str, ...] = ()
) -> Actor:
    grant = Grant(authority=at, role=role, area=area, procedures=procedures)
    return Actor(User(id="anna", name="Anna", since=AT, grants=(grant,)), (grant,))


def case(procedure: str = "request", state: str = "accepted", node: str = "CY", **changes: object) -> Case:
    """An exchange of Germany with Cyprus, as one node has it."""
    role = {"CY": "responding" if procedure == "request" else "establishment", "EC": "commission"}[node]
    exchange = opened(procedure).model_copy(
        update={
            "state": state,
            "authorities": {role: "CY/responsible"} if node == "CY" else {},
            "further": {role: ("CY/further",)} if node == "CY" else {},
            **changes,
        }
    )
    return Case(
        exchange=exchange,
        procedure=AREA.procedures[procedure],
        node=node,
        desk=Desk(exchange=exchange.id, disseminated_to=("CY/told",)),
        authorities=CYPRUS if node == "CY" else COMMISSION,
    )
