"""Fills in forms that are right but say little: for tests, the pilot, and load.

What the caller gives stays; every mandatory field that is still open gets an answer of its type.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from node.handlers.exchanges.forms import filled, has_code
from node.handlers.exchanges.guards import is_exempt
from schemas.policy_area import Field, PolicyArea

FICTITIOUS = "Fictitious content of an exercise."


def fill(area: PolicyArea, form_name: str, given: Mapping[str, object], at: datetime) -> dict[str, object]:
    """Complete the answers to a form.

    Args:
        area: whose form it is.
        form_name: the form.
        given: the answers that matter; they must not contradict the declaration.
        at: the time at which it is filled in: dates lie two weeks later, or on the day.
    """
    form = area.forms[form_name]
    answers = filled(given)
    for field in form.fields:
        if field.name not in answers and _is_open(field, answers):
            answers[field.name] = _answer(area, field, at)
    for name in _reasons(area, form_name, answers):
        answers.setdefault(name, FICTITIOUS)
    return answers


def _reasons(area: PolicyArea, form_name: str, answers: Mapping[str, object]) -> Iterator[str]:
    """The fields that take a reason wherever a guard may ask for one, whatever the dates and links given."""
    for procedure in area.procedures.values():
        for guard in procedure.guards.values():
            if procedure.steps[guard.step].form == form_name and not is_exempt(guard, answers):
                yield guard.reason_field


def _is_open(field: Field, answers: Mapping[str, object]) -> bool:
    if field.mandatory:
        return True
    return any(has_code(answers, other, codes) for other, codes in field.mandatory_when.items())


def _answer(area: PolicyArea, field: Field, at: datetime) -> object:
    one = _one(area, field, at)
    return [one] if field.is_list else one


def _one(area: PolicyArea, field: Field, at: datetime) -> object:
    match field.type:
        case "choice" | "choices":
            return field.default or next(iter(field.only or area.answers[field.answers or ""]))
        case "yes_no":
            return field.default == "yes"
        case "group":
            return {part.name: _answer(area, part, at) for part in field.fields if part.mandatory}
        case "date":
            later = timedelta(days=0 if field.not_after_today else 14)
            return f"{at + later:%Y-%m-%d}"
        case "moment":
            return f"{at:%Y-%m-%dT%H:%M:%S}Z"
        case _:
            return _PLAIN[field.type]


_PLAIN: Mapping[str, object] = {
    "number": 0,
    "urls": "https://shop.example",
    "text": FICTITIOUS,
    "long_text": FICTITIOUS,
}
"""Answers that need no thought; countries, other exchanges and files can't be made up, so the caller gives them."""
