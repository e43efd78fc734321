"""Forms on the command line: an empty one to fill in, and a filled one read from a file.

Whether a form is filled in rightly is for the node to say. Here it is only brought into the shape that a form has.
"""

import json
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from schemas.policy_area import Field, Form, PolicyArea

_WIDTH = 110  # of a comment's line
_LISTS = ("choices", "urls", "exchanges", "attachments")
_ANSWERS_EXPLAINED = 20  # a longer list is of countries or languages, whose codes people know


class BadForm(ValueError):
    """The form on the command line, or its file, can't be used; the message says where and what to do."""


def read_form(file: Path | None, settings: Sequence[str], form: Form | None) -> dict[str, object]:
    """Read answers from a file (JSON by its name, TOML otherwise), then those of `field=value`.

    Args:
        file: none where everything stands in the settings.
        settings: `field=value`; of a field that takes several answers, one each time.
        form: how it is declared; none where the step has no form.

    Raises:
        BadForm: not JSON or TOML, or a setting that the form has no place for.
        OSError: the file can't be read.
    """
    answers = _from_file(file) if file is not None else {}
    given: dict[str, object] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise BadForm(f'{setting}: write field=value, such as subject="Online shop"')
        field = _field(form, name)
        answer = _answer(field, value)
        given[name] = [*_listed(given.get(name)), answer] if _is_list(field) else answer
    return {**answers, **given}


def find_form(area: PolicyArea, name: str, procedure: str | None) -> Form:
    """Find a form by its own name, by the name of the procedure that it opens, or of the step that it goes with.

    Raises:
        BadForm: there is none, or a step of that name in two procedures with different forms.
    """
    if name in area.forms:
        return area.forms[name]
    if name in area.procedures:
        return area.forms[area.procedures[name].steps[area.procedures[name].opening].form or ""]
    chosen = [area.procedures[procedure]] if procedure in area.procedures else list(area.procedures.values())
    found = {step.form for each in chosen if (step := each.steps.get(name)) is not None and step.form is not None}
    if len(found) > 1:
        raise BadForm(f"{name} is a step of several procedures: choose with --procedure, or name the form itself")
    if not found:
        raise BadForm(f"there is no form for {name}; there are {', '.join(area.forms)}")
    return area.forms[found.pop()]


def empty_form(form: Form, area: PolicyArea) -> str:
    """Write a form as TOML to be filled in: each field with what it asks, and whether an answer is mandatory."""
    lines = [
        *_comment(form.label),
        *_comment("Fill in the lines without #. To answer another question too, take the # away before its name."),
    ]
    for field in sorted(form.fields, key=lambda field: field.type == "group"):  # tables come last in TOML
        lines += ["", *_blank(field, area, "", optional=not field.mandatory)]
    return "\n".join(lines) + "\n"


def _from_file(file: Path) -> dict[str, object]:
    text = file.read_text(encoding="utf-8")
    try:
        content = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        kind = "JSON" if file.suffix == ".json" else "TOML"
        raise BadForm(f"{file} is not valid {kind}: {error}") from error
    if not isinstance(content, dict):
        raise BadForm(f"{file} does not hold fields with their answers")
    return {name: _plain(value) for name, value in content.items()}


def _plain(value: object) -> object:
    """TOML has dates and times of its own; on the wire they are text."""
    match value:
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
        case date():
            return value.isoformat()
        case list():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case _:
            return value


def _field(form: Form | None, name: str) -> Field:
    if form is None:
        raise BadForm(f"{name}: this step has no form")
    try:
        field = form.field(name)
    except KeyError:
        names = ", ".join(each.name for each in form.fields)
        raise BadForm(f"{name}: the form has no such field; it has {names}") from None
    if field.type in ("group", "attachments"):
        raise BadForm(f"{name}: has parts of its own; write it in a file, and give that with --form")
    return field


def _answer(field: Field, value: str) -> object:
    match field.type:
        case "yes_no":
            if value not in ("yes", "no", "true", "false"):
                raise BadForm(f"{field.name}: takes yes or no")
            return value in ("yes", "true")
        case "number":
            try:
                return float(value)
            except ValueError:
                raise BadForm(f"{field.name}: takes a number") from None
        case _:
            return value


def _is_list(field: Field) -> bool:
    return field.repeatable or field.type in _LISTS


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _blank(field: Field, area: PolicyArea, path: str, *, optional: bool) -> Iterator[str]:
    off = "# " if optional else ""
    answers = area.answers.get(field.answers or "", {})
    answers = {code: wording for code, wording in answers.items() if not field.only or code in field.only}
    yield from _comment(_question(field, answers))
    if len(answers) <= _ANSWERS_EXPLAINED:
        yield from (f"#     {code}: {wording}" for code, wording in answers.items())
    if field.type == "group":
        table = f"{path}{field.name}"
        yield f"{off}[[{table}]]" if field.repeatable else f"{off}[{table}]"
        for part in field.fields:
            yield from _blank(part, area, f"{table}.", optional=optional or not part.mandatory)
    else:
        yield f"{off}{field.name} = {_placeholder(field)}"


def _question(field: Field, answers: Mapping[str, str]) -> str:
    text = f"{field.label}{' (mandatory)' if field.mandatory else ''}"
    for other, codes in field.mandatory_when.items():
        text += f" (mandatory when {other} is {' or '.join(codes)})"
    text += "" if text.endswith("?") else "."
    return f"{text} {field.help} {_hint(field, answers)}"


def _hint(field: Field, answers: Mapping[str, str]) -> str:
    if field.type in ("choice", "choices"):
        shown = ", ".join(answers) if len(answers) > _ANSWERS_EXPLAINED else ""
        return f"{'One' if field.type == 'choice' else 'Some'} of: {shown}"
    return _HINTS.get(field.type, "")


_HINTS = {
    "yes_no": "true or false.",
    "date": "A date: 2026-11-24.",
    "moment": "A time in UTC: 2026-11-24T08:00:00Z.",
    "country": "EU code of a country: CY, EL.",
    "exchanges": "Case numbers.",
}


def _placeholder(field: Field) -> str:
    if _is_list(field):
        return "[]"
    if field.default is not None:
        return str(field.default == "yes").lower() if field.type == "yes_no" else f'"{field.default}"'
    return '""""""' if field.type == "long_text" else '""'


def _comment(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), _WIDTH, initial_indent="# ", subsequent_indent="#   ")
