"""The versions of an exchange's content: as it was sent, and after each amendment or addendum.

An amending step says only what changes. All of them are the initiator's, so that their order is the same in all
copies, whatever comments they crossed on the way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from node.handlers.exchanges.forms import Content
from schemas.policy_area import PolicyArea
from schemas.versions import Change, Version


@dataclass(frozen=True, slots=True)
class Said:
    """A step with what its form says."""

    message: str
    step: str
    at: datetime
    content: Content


def versions(area: PolicyArea, procedure: str, steps: Iterable[Said]) -> tuple[Version, ...]:
    """Work out the versions of an exchange's content.

    Args:
        area: the policy area, in the version that the exchange began with.
        procedure: of the exchange.
        steps: with their content, in the order of any copy's history; those that do not amend are passed over.
    """
    declared = area.procedures[procedure]
    fields = area.forms[declared.steps[declared.opening].form or ""].fields
    found: list[Version] = []
    for said in steps:
        rule = declared.steps[said.step]
        if not rule.opens and not (rule.amends and found):
            continue
        before = found[-1].content if found else {}
        given = {field.name: said.content[field.name] for field in fields if field.name in said.content}
        changes = tuple(
            Change(field=field.name, label=field.label, before=before.get(field.name), after=given[field.name])
            for field in fields
            if found and field.name in given and before.get(field.name) != given[field.name]
        )
        remarks = {name: answer for name, answer in said.content.items() if name not in given}
        found.append(
            Version(
                number=len(found) + 1,
                message=said.message,
                step=said.step,
                at=said.at,
                content={**before, **given},
                changes=changes,
                remarks=remarks,
            )
        )
    return tuple(found)
