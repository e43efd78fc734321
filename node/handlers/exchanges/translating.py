"""What is to be translated, from which language, and by which engine."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from node.handlers.exchanges.forms import is_personal
from schemas.parties import COUNTRIES
from schemas.policy_area import Field, Form
from schemas.translation import SourceBy

DECLARED = "language"
"""The field in which the author says what language the free text of a form is in."""

_CODE = re.compile(r"[a-z]{2}", re.ASCII)
_COMMISSION = ("en",)


class FreeText(NamedTuple):
    """A text of a form that is offered for translation."""

    field: str
    text: str
    personal: bool
    """Whether it stands where personal data may stand."""


class Source(NamedTuple):
    """The language of a text, and who says so."""

    language: str
    by: SourceBy


class Capability(NamedTuple):
    """What is known of an engine."""

    name: str
    pairs: frozenset[tuple[str, str]] | None
    """None while it has not answered."""
    outside: bool = False
    chains: bool = True
    """Whether a text may go through it twice, over a third language."""


class Route(NamedTuple):
    """Who translates, and over which language if not directly."""

    engine: str
    via: str = ""


Without = Literal["no_engine", "withheld", "unknown"]
"""Why there is no route; `unknown` while an engine that may have one has not answered."""


def languages_of(node: str) -> tuple[str, ...]:
    """The languages in which a node reads, unless it is set otherwise: its country's official ones."""
    return COUNTRIES[node].languages if node in COUNTRIES else _COMMISSION


def texts_of(form: Form, content: Mapping[str, object]) -> list[FreeText]:
    """Find the texts of a filled-in form that are offered for translation, in the order of the form."""
    return list(_texts(form.fields, content, "", personal=False))


def _texts(fields: Sequence[Field], content: Mapping[str, object], path: str, *, personal: bool) -> Iterator[FreeText]:
    for field in fields:
        value = content.get(field.name)
        marked = personal or is_personal(field, content)
        entries = value if isinstance(value, list) else [value]
        for index, entry in enumerate(entries):
            where = f"{path}{field.name}" + (f"[{index}]" if isinstance(value, list) else "")
            if isinstance(entry, dict):
                yield from _texts(field.fields, entry, f"{where}.", personal=marked)
            elif field.translate and isinstance(entry, str) and any(each.isalpha() for each in entry):
                yield FreeText(where, entry, marked)


def declared_language(content: Mapping[str, object]) -> str | None:
    """The language that the author says, if the form asks for it."""
    said = content.get(DECLARED)
    return said if isinstance(said, str) and _CODE.fullmatch(said) else None


def source_of(content: Mapping[str, object], suggested: str | None, sender: str) -> Source:
    """Say which language the free text of a form is in: the author's word, else the hint, else where it comes from."""
    if declared := declared_language(content):
        return Source(declared, "author")
    if suggested is not None:
        return Source(suggested, "detector")
    return Source(languages_of(sender)[0], "country")


def route(
    pair: tuple[str, str], engines: Sequence[Capability], pivots: Sequence[str], *, personal: bool, to_outside: bool
) -> Route | Without:
    """Choose who translates.

    Args:
        pair: source and target language.
        engines: in the order in which they are preferred; those that failed with the text left out.
        pivots: languages over which to go where there is no direct way, in this order.
        personal: whether the text may hold personal data.
        to_outside: whether such texts may go to an outside engine.
    """
    refused = unknown = False
    for engine in engines:
        if engine.pairs is None:
            unknown = True
            continue
        found = _way(pair, engine, pivots)
        if found is None:
            continue
        if engine.outside and personal and not to_outside:
            refused = True
            continue
        return found
    if unknown:
        return "unknown"
    return "withheld" if refused else "no_engine"


def _way(pair: tuple[str, str], engine: Capability, pivots: Sequence[str]) -> Route | None:
    known = engine.pairs or frozenset()
    if pair in known:
        return Route(engine.name)
    if engine.chains:
        for via in pivots:
            if {(pair[0], via), (via, pair[1])} <= known:
                return Route(engine.name, via)
    return None
