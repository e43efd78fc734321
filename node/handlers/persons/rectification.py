"""What may be said about single answers of steps that were taken: corrected, erased, contested, restricted.

The signed step stays as it is, and goes on verifying; what is said about it stands beside it (IMI Regulation, Art. 19;
Regulation (EU) 2016/679, Art. 16 to 18). Invariants:
- Only who took a step corrects or erases an answer in it: nobody alters what others said.
- Facts are not erased: procedures and statistics run by them, and they hold no personal data.
- While data are blocked, all may still be said; what was contested stands beside the corrected information.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from node.handlers.exchanges import forms
from node.handlers.refused import Refused
from schemas.exchange import Entry, Exchange
from schemas.messages import Rectification
from schemas.policy_area import Field, Form, all_fields
from schemas.refusal import Refusal

Saying = Literal["corrects", "erases", "contests", "restricts"]

BY_THE_AUTHOR: frozenset[Saying] = frozenset({"corrects", "erases"})

SENSITIVE = "sensitive_data"
"""The answer list by which a form says that it holds special categories of data, or offences (Art. 16)."""
ORDINARY = "none"
"""The code of that list that says that it holds neither."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one party said about one answer, opened."""

    about: str
    """Message id of the step."""
    act: Saying
    field: str
    sender: str
    authority: str
    at: datetime
    content: Mapping[str, object]
    """`corrected` and `remark`, as far as they are to be seen."""


def require_entry(exchange: Exchange, said: Rectification) -> Entry:
    """Insist that a party may say this about a step of an exchange; returns the step.

    Raises:
        Refused: it is no party, there is no such step, or only the step's author may say that.
    """
    if exchange.role_of(said.sender) is None:
        raise Refused(Refusal.NOT_A_PARTY, f"{said.sender} is no party to {exchange.id}")
    entry = next((each for each in exchange.history if each.message == said.about), None)
    if entry is None:
        raise Refused(Refusal.NO_MEANING, f"{exchange.id} has no step {said.about} here: nothing can be said about it")
    if said.act in BY_THE_AUTHOR and entry.sender != said.sender:
        raise Refused(
            Refusal.NOT_YOUR_STEP,
            f"{entry.sender} took the step: it corrects and erases what stands in it; you may contest it",
        )
    return entry


def require_field(form: Form | None, name: str, act: Saying) -> Field:
    """Insist that a form has a field of which this can be said; returns it.

    Raises:
        Refused: there is no such field, or it is a fact that is to be erased, or a file that is to be corrected.
    """
    field = next((each for each in form.fields if each.name == name), None) if form is not None else None
    if field is None:
        names = ", ".join(each.name for each in form.fields) if form is not None else "none"
        raise Refused(Refusal.BAD_FORM, f"the form of that step has no field of that name; it has {names}")
    if act == "erases" and field.fact:
        raise Refused(
            Refusal.BAD_FORM, f"{name} is a fact by which the procedure runs: it can be corrected, not erased"
        )
    if act == "corrects" and field.type == "attachments":
        raise Refused(Refusal.BAD_FORM, f"{name} names files: erase them, and send the right ones with another step")
    return field


def require_value(form: Form, content: Mapping[str, object], name: str, value: object, setting: forms.Setting) -> None:
    """Insist that a corrected answer is one that its field can have.

    Raises:
        Refused: with what is wrong with it.
    """
    found = [
        problem
        for problem in forms.problems(form, {**content, name: value}, setting)
        if problem.field.partition(".")[0].partition("[")[0] == name
    ]
    if found:
        raise Refused(Refusal.BAD_FORM, "; ".join(map(str, found)), tuple(found))


def sensitive(form: Form, content: Mapping[str, object]) -> tuple[str, ...]:
    """The codes of special categories of data, or of offences, that a form says it holds."""
    names = {field.name for field in all_fields(form.fields) if field.answers == SENSITIVE}
    found = [code for code in _answers(content, names) if code != ORDINARY]
    return tuple(dict.fromkeys(found))


def about(said: Iterable[Said], entry: Entry) -> Sequence[Said]:
    """What was said about a step, the earliest first; others' corrections of it do not count."""
    return [
        each
        for each in said
        if each.about == entry.message and (each.act not in BY_THE_AUTHOR or each.sender == entry.sender)
    ]


def _answers(content: Mapping[str, object], names: set[str]) -> Iterable[str]:
    for name, value in content.items():
        entries = value if isinstance(value, list) else [value]
        for entry in entries:
            if isinstance(entry, Mapping):
                yield from _answers(entry, names)
            elif name in names and isinstance(entry, str):
                yield entry
