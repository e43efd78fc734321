"""What is wrong with a value that does not fit its shape, as a sentence for a person: where, what, and an example.

The shapes check with pydantic, whose messages speak of patterns and tuples; nobody outside a program reads those.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, get_args

from pydantic import StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from schemas.authorities import EmailAddress
from schemas.identifiers import AuthorityId, ExchangeId, Hash, MessageId, NodeId, Slug
from schemas.people import UserId


class Mistake(NamedTuple):
    """One wrong value."""

    field: str
    """Where it stands: `authority[1].name`; empty where all of it is wrong."""
    message: str

    def __str__(self) -> str:
        return f"{self.field or 'input'}: {self.message}"


def mistakes(error: ValidationError) -> list[Mistake]:
    """Tell what is wrong, in the order of the fields.

    A list counts only the entries that are right, so "too few" is said only where nothing is wrong within it.
    """
    found = error.errors(include_url=False)
    return [
        Mistake(_path(each["loc"]), _message(each))
        for each in found
        if each["type"] != "too_short" or not any(_is_within(other, each) for other in found)
    ]


def _is_within(inner: ErrorDetails, outer: ErrorDetails) -> bool:
    depth = len(outer["loc"])
    return len(inner["loc"]) > depth and inner["loc"][:depth] == outer["loc"]


def _path(places: Sequence[int | str]) -> str:
    """Entries of lists are counted from one, as people do."""
    path = ""
    for place in places:
        path += f"[{place + 1}]" if isinstance(place, int) else f".{place}" if path else place
    return path


def _message(detail: ErrorDetails) -> str:
    told = _SENTENCES.get(detail["type"])
    return told(detail.get("ctx", {})) if told is not None else detail["msg"].removeprefix("Value error, ")


def _pattern(shape: object) -> str:
    constraints = next(each for each in get_args(shape) if isinstance(each, StringConstraints))
    return str(constraints.pattern)


_PATTERNS: Mapping[str, str] = {
    _pattern(NodeId): "takes the code of a country in capitals: CY, EL for Greece, UK; EC stands for the Commission",
    _pattern(AuthorityId): "takes an authority after the code of its country: DE/youth-media; `imi authority find` "
    "shows them",
    _pattern(ExchangeId): "takes a case number: ECOM-REQ-DE-2026-000123; `imi exchange list` shows them",
    _pattern(UserId): "takes small letters, digits, dots, hyphens and underscores: hugo; `imi user list` shows users",
    _pattern(EmailAddress): "takes an e-mail address: imi@authority.example",
    _pattern(Slug): "takes a name of small letters, digits and underscores: e_commerce",
    _pattern(Hash): "takes a SHA-256 in base64url without padding, of 43 characters",
    _pattern(MessageId): "takes the id of a message: 019abcde-0000-7000-8000-000000000000",
    r"^[a-z]{2}$": "takes a language's code of two small letters: fr",
    r"^[a-z0-9][a-z0-9-]{0,62}$": "takes small letters, digits and hyphens, without the country: youth-media",
}
"""How what does not match a pattern should look."""

Context = Mapping[str, object]

_DATE, _TIME = "takes a date: 2026-11-24", "takes a time in UTC: 2026-11-24T08:00:00Z"

_SENTENCES: Mapping[str, Callable[[Context], str]] = {
    "string_pattern_mismatch": lambda ctx: _PATTERNS.get(str(ctx["pattern"]), "is written otherwise than it may be"),
    "literal_error": lambda ctx: f"takes one of {str(ctx['expected']).replace(' or ', ', ').replace(chr(39), '')}",
    "extra_forbidden": lambda _: "there is no such field; correct its name, or leave it out",
    "missing": lambda _: "is missing; add it",
    "string_type": lambda _: "takes text",
    "string_too_short": lambda _: "is empty; fill it in",
    "string_too_long": lambda ctx: f"is too long; at most {ctx['max_length']} characters are possible",
    "too_short": lambda ctx: f"has too few entries; at least {ctx['min_length']} is needed",
    "too_long": lambda ctx: f"has too many entries; at most {ctx['max_length']} are possible",
    "tuple_type": lambda _: "takes a list",
    "dict_type": lambda _: "takes a table with fields",
    "model_type": lambda _: "takes a table with fields",
    "bool_type": lambda _: "takes true or false",
    "bool_parsing": lambda _: "takes true or false",
    "int_type": lambda _: "takes a whole number: 1",
    "int_parsing": lambda _: "takes a whole number: 1",
    "greater_than_equal": lambda ctx: f"is too small; the least is {ctx['ge']}",
    "less_than_equal": lambda ctx: f"is too large; the most is {ctx['le']}",
    "date_type": lambda _: _DATE,
    "date_parsing": lambda _: _DATE,
    "date_from_datetime_parsing": lambda _: _DATE,
    "datetime_type": lambda _: _TIME,
    "datetime_parsing": lambda _: _TIME,
    "datetime_from_date_parsing": lambda _: _TIME,
    "json_invalid": lambda ctx: f"is no JSON: {ctx['error']}",
}
"""What is said of each kind of error; of any other, pydantic's own words."""
