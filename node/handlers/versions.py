"""The versions of an exchange's content: as it was sent, and after each amendment or addendum.

An amending step says only what changes. All of them are the initiator's, so that their order is the same in all
copies, whatever comments they crossed on the way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from node.handlers.forms import Content, Value
from schemas.policy_area import PolicyArea


@dataclass(frozen=True, slots=True)
class Said:
    """A step with what its form says."""

    message: str
    step: str
    at: datetime
    content: Content


@dataclass(frozen=True, slots=True)
class Change:
    """One field that an amendment changed."""

    field: str
    before: Value | None
    """None where it was not answered before."""
    after: Value


@dataclass(frozen=True, slots=True)
class Version:
    """The content of an exchange as it stood from a step on."""

    number: int
    """1 is what was sent."""
    message: str
    step: str
    at: datetime
    content: Mapping[str, Value]
    """The opening form as it reads now."""
    changes: tuple[Change, ...]
    """Since the version before, in the order of the form."""
    remarks: Mapping[str, Value]
    """What the amending form says beside: the reason of the change."""


def versions(area: PolicyArea, procedure: str, steps: Iterable[Said]) -> tuple[Version, ...]:
    """Work out the versions of an exchange's content.

    Args:
        area: the policy area, in the version that the exchange began with.
        procedure: of the exchange.
        steps: with their content, in the order of any copy's history; those that do not amend are passed over.
    """
    declared = area.procedures[procedure]
    fields = [field.name for field in area.forms[declared.steps[declared.opening].form or ""].fields]
    found: list[Version] = []
    for said in steps:
        rule = declared.steps[said.step]
        if not rule.opens and not (rule.amends and found):
            continue
        before = found[-1].content if found else {}
        given = {name: said.content[name] for name in fields if name in said.content}
        changes = tuple(
            Change(name, before.get(name), answer) for name, answer in given.items() if before.get(name) != answer
        )
        found.append(
            Version(
                number=len(found) + 1,
                message=said.message,
                step=said.step,
                at=said.at,
                content={**before, **given},
                changes=changes if found else (),
                remarks={name: answer for name, answer in said.content.items() if name not in given},
            )
        )
    return tuple(found)
