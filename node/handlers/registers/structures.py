"""What has to be changed in a register, so that it says what a structure file says.

Authorities that the file does not name stay as they are. The changes are those that people would make one by one, so
each is decided by the same rules: the file gives no right that its reader has not.
"""

from collections.abc import Iterator, Mapping

from node.handlers.registers.register import RegisterRefused
from schemas.authorities import Authority
from schemas.people import RegisteredAuthority
from schemas.register import (
    Change,
    ChangeAuthority,
    GiveAccess,
    InviteAuthority,
    NameCoordinator,
    ValidateAuthority,
)
from schemas.structure import Place, Structure


def changes_to(
    structure: Structure, node: str, registered: Mapping[str, RegisteredAuthority], *, replace_national: bool = False
) -> list[Change]:
    """Give the changes that lead from a register to what a file says.

    Args:
        structure: the file.
        node: whose register.
        registered: as it is, by id.
        replace_national: let the file's national coordinator follow the present one.

    Raises:
        RegisterRefused: authorities of the file stand above each other in a circle.
    """
    places = _in_order(structure)
    national = next((each.authority.id for each in registered.values() if each.authority.national_coordinator), None)
    instead_of = national if replace_national else None
    changes: list[Change] = []
    reached: dict[str, Authority] = {}
    for place in places:
        before = registered.get(f"{node}/{place.name}")
        bare = _described(place, node, before)
        changes += _present(place, bare, before)
        changes += _access(place, bare)
        changes += _coordination(place, bare, instead_of)
        reached[place.name] = bare.model_copy(
            update={"modules": {**bare.modules, **place.modules}, "coordination": place.coordination}
        )
    for place in places:  # once all are there
        acts_for = tuple(f"{node}/{name}" for name in place.acts_for)
        if acts_for != reached[place.name].acts_for:
            final = reached[place.name].model_copy(update={"acts_for": acts_for})
            changes.append(ChangeAuthority(authority=final, approval=place.approval))
    return changes


def _in_order(structure: Structure) -> list[Place]:
    """Those above before those below."""
    waiting = {place.name: place for place in structure.authority}
    ordered: list[Place] = []
    while waiting:
        ready = [place for place in waiting.values() if place.parent not in waiting]
        if not ready:
            raise RegisterRefused(f"{min(waiting)} and others stand above each other in a circle; name one at the top")
        ordered += [waiting.pop(place.name) for place in ready]
    return ordered


def _described(place: Place, node: str, before: RegisteredAuthority | None) -> Authority:
    """The authority as the file describes it, with the access and the tasks that it has now."""
    return Authority(
        id=f"{node}/{place.name}",
        name=place.title,
        languages=place.languages,
        modules=before.authority.modules if before is not None else {},
        coordination=before.authority.coordination if before is not None else None,
        parent=f"{node}/{place.parent}" if place.parent is not None else None,
        region=place.region,
        competences=place.competences,
        contacts=place.contacts,
        acts_for=before.authority.acts_for if before is not None else (),
    )


def _present(place: Place, bare: Authority, before: RegisteredAuthority | None) -> Iterator[Change]:
    if before is None:
        yield InviteAuthority(authority=bare, areas=tuple(place.modules), approval=place.approval)
    if before is None or before.status != "validated":
        yield ValidateAuthority(authority=bare.id)
    if before is not None and (bare, place.approval) != (before.authority, before.approval):
        yield ChangeAuthority(authority=bare, approval=place.approval)


def _access(place: Place, bare: Authority) -> Iterator[Change]:
    for area, procedures in place.modules.items():
        if bare.modules.get(area) != procedures:
            yield GiveAccess(authority=bare.id, area=area, procedures=procedures)


def _coordination(place: Place, bare: Authority, instead_of: str | None) -> Iterator[Change]:
    if place.coordination != bare.coordination:
        follows = instead_of if place.coordination is not None and place.coordination.national else None
        yield NameCoordinator(authority=bare.id, coordination=place.coordination, instead_of=follows)
