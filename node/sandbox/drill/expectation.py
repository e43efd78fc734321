"""Where a canary must be, and where it must not be, at any time of its case."""

from collections.abc import Iterable
from enum import Enum

from node.sandbox.drill.canaries import Canary
from node.sandbox.drill.cases import Case


class Phase(Enum):
    """How far the retention of a node's copies has come."""

    KEPT = "kept"
    BLOCKED = "blocked"
    DELETED = "deleted"


def held(node: str, canaries: Iterable[Canary], cases: dict[str, Case]) -> frozenset[Canary]:
    """What a node's store holds, sealed, until deletion."""
    return frozenset(each for each in canaries if _holds(node, each, cases[each.case]))


def shown(node: str, canaries: Iterable[Canary], cases: dict[str, Case]) -> frozenset[Canary]:
    """What the readers at a node see until blocking."""
    return frozenset(each for each in held(node, canaries, cases) if _shows(node, each, cases[each.case]))


def found_by_search(node: str, canaries: Iterable[Canary], cases: dict[str, Case]) -> frozenset[Canary]:
    """What leads the readers at a node to a case until blocking."""
    return frozenset(each for each in shown(node, canaries, cases) if each.searchable)


def told_without_personal(node: str, canaries: Iterable[Canary], cases: dict[str, Case]) -> frozenset[Canary]:
    """What those at a node see who see cases, and no personal data."""
    return frozenset(each for each in held(node, canaries, cases) if not each.personal)


def _holds(node: str, canary: Canary, case: Case) -> bool:
    if not canary.sent or node not in case.reached:
        return canary.author == node
    return node in case.parties


def _shows(node: str, canary: Canary, case: Case) -> bool:
    return canary.author == node or node not in case.hidden_from or not canary.personal
