"""May this authority do that? Denied unless the directory says so."""

from collections.abc import Iterable

from node.handlers.procedure import Refused
from schemas.authorities import Authority
from schemas.identifiers import COMMISSION, node_of
from schemas.policy_area import PolicyArea
from schemas.refusal import Refusal


def require_registered(authority: Authority | None, name: str, *, area: PolicyArea, procedure: str) -> None:
    """Insist that an authority exists and is registered for a procedure (IMI Regulation, Art. 9).

    Raises:
        Refused: with what to do about it.
    """
    if authority is None:
        raise Refused(
            Refusal.NOT_A_PARTY,
            f"there is no authority {name} in the directory; `imi federation show` lists those that there are",
        )
    registered = procedure in authority.modules.get(area.area, ())
    if not registered and node_of(name) != COMMISSION:
        raise Refused(
            Refusal.NOT_A_PARTY,
            f"{name} is not registered for {procedure} in {area.label}; its coordinator can register it",
        )


def addressee(authorities: Iterable[Authority], *, area: PolicyArea, procedure: str) -> str | None:
    """The authority that gets what is addressed to a country only: its coordinator, or else the first registered."""
    registered = [one for one in authorities if procedure in one.modules.get(area.area, ())]
    return next((one.id for one in sorted(registered, key=lambda one: (not one.national_coordinator, one.id))), None)
