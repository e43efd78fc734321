"""Tells the translations of a step, under the original."""

from collections.abc import Iterator

from node.cli.words import printable
from node.handlers.exchanges.translating import texts_of
from node.handlers.exchanges.translation_words import COUNTS, NO_ENGINES, provenance
from schemas.api import ExchangeView, StepView
from schemas.policy_area import Form


def translation_lines(step: StepView, form: Form, view: ExchangeView) -> Iterator[str]:
    """Tell what a step says in the reader's language, each text with where its translation is from.

    Texts that stand one after the other and have the same origin are told under one heading. A step of this node's own
    has none.
    """
    if not view.translates and not step.deliveries and texts_of(form, step.form or {}):
        yield f"  ({NO_ENGINES})"
    told = ""
    for each in (one for one in step.translations if one.target == view.language):
        origin = provenance(each)
        if origin != told:
            told = origin
            yield ""
            yield f"  {origin[:1].upper()}{origin[1:]}."
            if each.state == "done":
                yield f"  {COUNTS}"
        label = label_of(form, each.field)
        yield printable(f"    {label}: {each.text}") if each.state == "done" else f"    {label}"


def label_of(form: Form, place: str) -> str:
    """The label of the field that a text stands in, after those of the groups round it."""
    fields, labels = form.fields, []
    for part in place.split("."):
        field = next(each for each in fields if each.name == part.partition("[")[0])
        labels.append(field.label)
        fields = field.fields
    return ", ".join(labels)
