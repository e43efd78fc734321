"""Fills in a form with a canary in every place that takes free text, or a date of birth; the declaration names them.

Answers that make other fields personal (`personal_when`) are given so that they do. Coded answers can't hold a
canary: that they go is shown by the sealed bytes that go with them.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from node.handlers.exchanges.forms import is_personal
from node.sandbox.filling import fill
from schemas.policy_area import Field, Form, PolicyArea

Sow = Callable[[Field, str, bool], str]
"""Gives the word for a field, at a path, with whether it holds personal data."""

SENTENCE = "Il sito vende medicinali senza ricetta, {}."
"""Round a canary in text that is translated; Italian, and short enough for every field."""

_TEXTS = ("text", "long_text", "urls")


def planted(area: PolicyArea, form_name: str, given: Mapping[str, object], sow: Sow, at: datetime) -> dict[str, object]:
    """Fill in a form with canaries.

    Args:
        area: whose form it is.
        form_name: the form.
        given: answers that stay as they are: the other country, files.
        sow: gives each word.
        at: the time at which it is filled in.
    """
    form = area.forms[form_name]
    answers = {**_making_personal(form), **given}
    answers |= dict(_sown(area, [each for each in form.fields if each.name not in answers], answers, sow))
    return fill(area, form_name, answers, at)


def _making_personal(form: Form) -> dict[str, object]:
    """For each condition under which a field is personal an answer that meets it."""
    types = {field.name: field.type for field in form.fields}
    conditions = [(name, codes[0]) for field in form.fields for name, codes in field.personal_when.items()]
    return {name: code == "yes" if types[name] == "yes_no" else code for name, code in conditions}


def _sown(
    area: PolicyArea,
    fields: Iterable[Field],
    answers: Mapping[str, object],
    sow: Sow,
    path: str = "",
    *,
    of: bool = False,
) -> Iterable[tuple[str, object]]:
    """The answers of fields that take a canary; in a group those too that it can't do without.

    Args:
        area: whose form it is.
        fields: of the form, or of a group.
        answers: that are given already.
        sow: gives each word.
        path: of the group.
        of: whether the group as a whole is personal.
    """
    for field in fields:
        personal = of or is_personal(field, answers)
        value = _value(area, field, answers, sow, path + field.name, personal=personal)
        if value is None and path and field.mandatory:
            value = next(iter(field.only or area.answers[field.answers or ""]))
        if value is not None:
            yield field.name, [value] if field.is_list else value


def _value(
    area: PolicyArea, field: Field, answers: Mapping[str, object], sow: Sow, path: str, *, personal: bool
) -> object:
    if field.type == "group":
        return dict(_sown(area, field.fields, answers, sow, f"{path}.", of=personal))
    if field.type == "date" and personal:
        return sow(field, path, personal)
    if field.type not in _TEXTS:
        return None
    word = sow(field, path, personal)
    if field.translate:
        return SENTENCE.format(word)
    return f"https://{word}.example/" if field.type == "urls" else word
