"""Fills in forms that are right but say little: for tests, the pilot, and load.

What the caller gives stays; every mandatory field that is still open gets an answer of its type.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from node.handlers.forms import filled
from schemas.policy_area import Field, Form, PolicyArea

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
        if field.name not in answers and _is_open(form, field, answers):
            answers[field.name] = _answer(area, field, at)
    return answers


def _is_open(form: Form, field: Field, answers: Mapping[str, object]) -> bool:
    if field.mandatory:
        return True
    for other, codes in field.mandatory_when.items():
        value = answers.get(other)
        if value is None and form.field(other).mandatory:
            continue
        stated = value if isinstance(value, list) else [{True: "yes", False: "no"}.get(value, value)]  # type: ignore[call-overload]
        if any(answer in codes for answer in stated):
            return True
    return False


def _answer(area: PolicyArea, field: Field, at: datetime) -> object:
    one = _one(area, field, at)
    listed = field.repeatable or field.type in ("choices", "urls", "exchanges", "attachments")
    return [one] if listed else one


def _one(area: PolicyArea, field: Field, at: datetime) -> object:
    match field.type:
        case "choice" | "choices":
            return next(iter(area.answers[field.answers or ""]))
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
    "yes_no": False,
    "number": 0,
    "urls": "https://shop.example",
    "text": FICTITIOUS,
    "long_text": FICTITIOUS,
}
"""Answers that need no thought; countries, other exchanges and files can't be made up, so the caller gives them."""
