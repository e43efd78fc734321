"""Formal closure: which steps close an exchange, and from when on its periods of retention run.

All copies have the same closure, whatever the order in which steps crossed: it is the earliest of the steps that
closed the exchange since it was last reopened, and `convergence` proves for each declaration that all copies
count the same steps.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum, auto

from schemas.exchange import Entry
from schemas.policy_area import Procedure, StepRule


class Closing(Enum):
    """What a step means for formal closure."""

    CLOSES = auto()
    REOPENS = auto()
    NEITHER = auto()


def closing(procedure: Procedure, rule: StepRule, before: str, after: str) -> Closing:
    """Tell what a step meant for closure in a copy that it took from one state to another.

    A step that is to close counts as closing even where another had closed before it: of two that cross, no copy
    knows which came first.
    """
    was, is_final = procedure.states[before].final, procedure.states[after].final
    if was and not is_final:
        return Closing.REOPENS
    if (is_final and not was) or (rule.to is not None and procedure.states[rule.to].final):
        return Closing.CLOSES
    return Closing.NEITHER


def closed_at(procedure: Procedure, history: Iterable[Entry]) -> datetime | None:
    """When an exchange was formally closed; None where it is not, or is open again.

    Args:
        procedure: its declaration.
        history: of any copy, from the opening step on.
    """
    state, times = procedure.initial, list[datetime]()
    for entry in history:
        match closing(procedure, procedure.steps[entry.step], state, entry.state):
            case Closing.CLOSES:
                times.append(entry.at)
            case Closing.REOPENS:
                times.clear()
            case Closing.NEITHER:
                pass
        state = entry.state
    return min(times) if procedure.states[state].final else None
