"""Is a form filled in as the policy area declares? Asked of users and of peers alike.

The answer is a list of problems, each with the field and the remedy: all of them at once, so that nobody
has to submit a form five times to hear of five mistakes.
"""

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import TypeAdapter, ValidationError

from schemas.attachments import AttachmentNote
from schemas.identifiers import ExchangeId, UtcTime
from schemas.parties import COUNTRIES
from schemas.policy_area import Field, Form, PolicyArea

MAX_ENTRIES = 200  # of a list in a form

_EXCHANGE_ID: TypeAdapter[str] = TypeAdapter(ExchangeId)
_MOMENT: TypeAdapter[datetime] = TypeAdapter(UtcTime)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)  # of the many forms of ISO 8601 the one that all read alike

Value = object
Content = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, and what to do about it."""

    field: str
    message: str
    is_declared: bool = True
    """Whether the field is one of the form, so that its name says nothing about a case."""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What the rules of a form are measured against."""

    area: PolicyArea
    country: str
    """The country of the authority that fills it in."""
    today: date
    """The day, in UTC, on which the step is taken."""
    is_draft: bool = False
    """Whether it may be filled in half, and on another day; what is filled in has to be right all the same."""


def filled(content: Content) -> dict[str, Value]:
    """Leave out what was not answered: nothing, an empty text, an empty list."""
    return {name: value for name, value in content.items() if value is not None and value not in ("", [], {})}


def problems(form: Form, content: Content, setting: Setting) -> list[Problem]:
    """Check the answers of a form.

    Args:
        form: the declaration.
        content: field name -> answer, as JSON.
        setting: the policy area's answer lists, the country that fills in the form, the day.
    """
    return list(_fields(form.fields, filled(content), setting, ""))


def _fields(fields: tuple[Field, ...], content: Content, setting: Setting, path: str) -> Iterator[Problem]:
    known = {field.name for field in fields}
    for name in sorted(set(content) - known):
        yield Problem(path + name, "this form has no such field; leave it out", is_declared=False)
    for field in fields:
        where = path + field.name
        if field.name in content:
            yield from _answer(field, content[field.name], setting, where)
        elif setting.is_draft:
            continue
        elif field.mandatory:
            yield Problem(where, f"is mandatory: {field.label}")
        else:
            yield from _conditional(field, content, where)


def _conditional(field: Field, content: Content, where: str) -> Iterator[Problem]:
    for other, codes in field.mandatory_when.items():
        if has_code(content, other, codes):
            yield Problem(where, f"is mandatory when {other} is {' or '.join(codes)}: {field.label}")
            return


def has_code(content: Content, name: str, codes: Collection[str]) -> bool:
    """Whether a field is answered with one of these codes; a question of yes or no has the codes yes and no."""
    given = content.get(name)
    answers = given if isinstance(given, list) else [given]
    return any(_as_code(answer) in codes for answer in answers)


def beginning(form: Form) -> dict[str, Value]:
    """What an empty form begins with: the declared defaults."""
    begun = ((field, field.default) for field in form.fields if field.default is not None)
    return {field.name: code == "yes" if field.type == "yes_no" else code for field, code in begun}


def is_personal(field: Field, content: Content) -> bool:
    """Whether a field of a form holds personal data, or may do so, given the other answers."""
    return field.personal or any(has_code(content, other, codes) for other, codes in field.personal_when.items())


def without_personal(form: Form, content: Content) -> dict[str, Value]:
    """Leave out the answers that hold personal data; of a group, the parts that do."""
    return dict(_impersonal(form.fields, content))


def _impersonal(fields: tuple[Field, ...], content: Content) -> Iterator[tuple[str, Value]]:
    for field in fields:
        if field.name not in content or is_personal(field, content):
            continue
        value = content[field.name]
        match value:
            case dict():
                yield field.name, dict(_impersonal(field.fields, value))
            case list() if field.type == "group":
                yield field.name, [dict(_impersonal(field.fields, each)) for each in value if isinstance(each, dict)]
            case _:
                yield field.name, value


def _as_code(answer: Value) -> Value:
    return ("yes" if answer else "no") if isinstance(answer, bool) else answer


def _answer(field: Field, value: Value, setting: Setting, where: str) -> Iterator[Problem]:
    if not field.is_list:
        yield from _one(field, value, setting, where)
        return
    if not isinstance(value, list):
        yield Problem(where, "takes a list of answers")
        return
    if len(value) > MAX_ENTRIES:
        yield Problem(where, f"takes at most {MAX_ENTRIES} entries, not {len(value)}")
        return
    if field.type == "choices" and len({str(item) for item in value}) != len(value):
        yield Problem(where, "names the same answer twice")
    for number, item in enumerate(value, start=1):
        yield from _one(field, item, setting, f"{where}[{number}]")


def _one(field: Field, value: Value, setting: Setting, where: str) -> Iterator[Problem]:
    if field.type == "group":
        if isinstance(value, dict):
            yield from _fields(field.fields, filled(value), setting, f"{where}.")
        else:
            yield Problem(where, f"has fields of its own: {', '.join(each.name for each in field.fields)}")
        return
    message = _CHECKS[field.type](field, value, setting)
    if message is not None:
        yield Problem(where, message)


def _text(field: Field, value: Value, _: Setting) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return "takes text"
    if len(value) > field.max_length:
        return f"is {len(value)} characters long; at most {field.max_length} are possible"
    if field.type != "long_text" and "\n" in value:
        return "takes one line"
    return None


def _choice(field: Field, value: Value, setting: Setting) -> str | None:
    answers = field.only or tuple(setting.area.answers[field.answers or ""])
    if isinstance(value, str) and value in answers:
        return None
    return f"takes one of {', '.join(answers)}"


def _yes_no(_field: Field, value: Value, _: Setting) -> str | None:
    return None if isinstance(value, bool) else "takes true or false"


def _number(field: Field, value: Value, _: Setting) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "takes a number"
    if field.minimum is not None and value < field.minimum:
        return f"is below {field.minimum:g}"
    return None


def _date(field: Field, value: Value, setting: Setting) -> str | None:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
    except ValueError:
        day = None
    if day is None:
        return "takes a date: 2026-11-24"
    return _when(field, day, setting)


def _moment(field: Field, value: Value, setting: Setting) -> str | None:
    try:
        moment = _MOMENT.validate_python(value) if isinstance(value, str) and _DAY.match(value) else None
    except ValidationError:
        moment = None
    if moment is None:
        return "takes a time in UTC: 2026-11-24T08:00:00Z"
    return _when(field, moment.date(), setting)


def _when(field: Field, day: date, setting: Setting) -> str | None:
    if setting.is_draft:
        return None
    if field.not_before_today and day < setting.today:
        return f"lies in the past; the earliest day is {setting.today}"
    if field.not_after_today and day > setting.today:
        return f"lies in the future; the latest day is {setting.today}"
    return None


def _country(field: Field, value: Value, setting: Setting) -> str | None:
    if not isinstance(value, str) or value not in COUNTRIES:
        return f"takes the EU code of a country of the federation (EL for Greece): {', '.join(COUNTRIES)}"
    if field.not_own_country and value == setting.country:
        return (
            f"{value} is your own country: act against a provider of your own by national means; "
            "this procedure is for one established in another country"
        )
    return None


def _exchange(_field: Field, value: Value, _: Setting) -> str | None:
    try:
        _EXCHANGE_ID.validate_python(value)
    except ValidationError:
        return "takes a case number: ECOM-REQ-DE-2026-000123"
    return None


def _attachment(_field: Field, value: Value, _: Setting) -> str | None:
    try:
        AttachmentNote.model_validate(value)
    except ValidationError as error:
        return f"does not describe an attachment: {error.errors()[0]['msg']}"
    return None


_CHECKS: dict[str, Callable[[Field, Value, Setting], str | None]] = {
    "text": _text,
    "long_text": _text,
    "urls": _text,
    "choice": _choice,
    "choices": _choice,
    "yes_no": _yes_no,
    "number": _number,
    "date": _date,
    "moment": _moment,
    "country": _country,
    "exchanges": _exchange,
    "attachments": _attachment,
}
