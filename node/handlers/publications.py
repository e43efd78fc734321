"""May this be published, and may an exchange begin with it? Asked of the Commission's own acts and at every node.

Invariants:
- A version never changes once it was published: its text keeps its hash.
- Nothing goes back: neither the stage of a version, nor the number of the newest one.
- Whether an exchange may begin is decided by the time of the step that opens it, the same on every node.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from node.handlers.exchanges.procedure import Refused
from schemas.policy_area import PolicyArea
from schemas.publication import AreaView, Publication, Stage
from schemas.refusal import Refusal

Key = tuple[str, int]
"""Policy area and version."""

Publications = Mapping[Key, Sequence[Publication]]
"""All stages of each version, in their order."""

MAX_TEXT_BYTES = 180 * 1024
"""Of a declaration in UTF-8. As base64 within JSON it stays under the limit of a statement, `MAX_STATEMENT_BYTES`."""

NOTICE = timedelta(days=1)
"""Between a publication and the stage's beginning, unless the Commission says otherwise: nobody can begin an exchange
under a version that its partner has not heard of."""

LATE = timedelta(days=30)
"""How long after a version was retired an exchange that began with it is still taken in: its author may have been
away and may not have heard (a node may be away for 30 days)."""

_STAGES: Sequence[Stage] = ("consultation", "in_force", "retired")
_NAMES: Mapping[Stage, str] = {"consultation": "in consultation", "in_force": "in force", "retired": "retired"}


def stage_at(published: Sequence[Publication], at: datetime) -> Stage | None:
    """The stage of a version at a time; None before the first."""
    begun = [each.stage for each in published if each.since <= at]
    return max(begun, key=_STAGES.index, default=None)


def is_open(published: Sequence[Publication], at: datetime) -> bool:
    """Say whether an exchange can begin; a version that was never published is a matter of the node's own folder."""
    return not published or stage_at(published, at) == "in_force"


def require_open(area: PolicyArea, published: Sequence[Publication], at: datetime) -> None:
    """Insist that an exchange can begin with a version.

    Raises:
        Refused: UNKNOWN_AREA, with what to do.
    """
    if not is_open(published, at):
        raise Refused(Refusal.UNKNOWN_AREA, f"{_name(area)} {_why_closed(published, at)}")


def require_was_open(area: PolicyArea, published: Sequence[Publication], at: datetime) -> None:
    """Insist that a peer's exchange could begin with a version, or that its author had not heard of the end of it.

    Raises:
        Refused: UNKNOWN_AREA.
    """
    if stage_at(published, at) != "retired" or stage_at(published, at - LATE) == "retired":
        require_open(area, published, at)


def require_publishable(
    new: Publication, area: PolicyArea, known: Publications, areas: Mapping[Key, PolicyArea]
) -> None:
    """Insist that a publication follows from those before it.

    Args:
        new: what is to be published.
        area: the declaration, read from its text.
        known: what was published before.
        areas: every declaration of this node, the program's own ones too.

    Raises:
        Refused: MALFORMED, or NO_MEANING where a stage goes back; with what to do.
    """
    key = (new.area, new.version)
    if (area.area, area.version) != key:
        raise Refused(Refusal.MALFORMED, f"the text declares {_name(area)}, and not {new.area}, version {new.version}")
    before = known.get(key, ())
    if any(each.hash != new.hash for each in before) or areas.get(key, area) != area:
        raise Refused(
            Refusal.MALFORMED, f"{_name(area)} is known with another text; a changed text needs a new version number"
        )
    newest = max((version for name, version in areas if name == new.area), default=0)
    if key not in areas and new.version < newest:
        raise Refused(
            Refusal.MALFORMED, f"{new.area} is at version {newest} already; the next one needs a higher number"
        )
    _require_own_code(area, areas)
    _require_order(new, before)


def require_not_closing(new: Publication, known: Publications, areas: Mapping[Key, PolicyArea]) -> None:
    """Insist that a consultation does not end what is open: exchanges begin with a version that came along already.

    It is asked of the Commission's own acts only; what a node has in its folder does not bind the Commission.

    Raises:
        Refused: NO_MEANING, with what to do.
    """
    key = (new.area, new.version)
    if new.stage == "consultation" and key in areas and not known.get(key):
        raise Refused(
            Refusal.NO_MEANING,
            f"{_name(areas[key])} is installed here, and exchanges can begin with it: a consultation would close it; "
            "publish it in_force, or give the text a higher version and consult on that",
        )


def _require_own_code(area: PolicyArea, areas: Mapping[Key, PolicyArea]) -> None:
    other = next((each for each in areas.values() if each.code == area.code and each.area != area.area), None)
    if other is not None:
        raise Refused(
            Refusal.MALFORMED,
            f"the code {area.code} belongs to {other.area}: case numbers would be mixed up; take another",
        )


def _require_order(new: Publication, before: Sequence[Publication]) -> None:
    rank = _STAGES.index(new.stage)
    for each in before:
        reached = _STAGES.index(each.stage)
        if reached > rank:
            raise Refused(
                Refusal.NO_MEANING,
                f"{new.area}, version {new.version}, is {_NAMES[each.stage]} since {each.since:%Y-%m-%d} and can't be "
                f"{_NAMES[new.stage]} again; publish a new version",
            )
        if reached < rank and new.since < each.since:
            raise Refused(Refusal.NO_MEANING, f"it can't be {_NAMES[new.stage]} before it is {_NAMES[each.stage]}")


def view(area: PolicyArea, published: Sequence[Publication], at: datetime) -> AreaView:
    """Tell what a node knows of a version, at a time."""
    return AreaView(
        area=area.area,
        version=area.version,
        label=area.label,
        legal_basis=area.legal_basis,
        pilot=area.pilot,
        procedures={name: procedure.label for name, procedure in area.procedures.items()},
        is_published=bool(published),
        stage=stage_at(published, at),
        is_open=is_open(published, at),
        publications=tuple(published),
    )


def _why_closed(published: Sequence[Publication], at: datetime) -> str:
    stage = stage_at(published, at)
    match stage:
        case "retired":
            return "was retired; begin the exchange under a newer version, if there is one"
        case _:
            coming = next((each.since for each in published if each.stage == "in_force"), None)
            but = " but in consultation" if stage == "consultation" else ""
            when = f"; it will be from {coming:%Y-%m-%d %H:%M} UTC on" if coming is not None else ""
            return f"is not in force{but}{when}"


def _name(area: PolicyArea) -> str:
    return f"{area.area}, version {area.version},"
