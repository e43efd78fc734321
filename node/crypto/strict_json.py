"""JSON with one meaning: what two careful readers could take differently is refused (RFC 8259, 4 and 8.2; RFC 7493).

Refused: a repeated member, NaN and infinities, lone surrogates, bytes that are not UTF-8, nesting without end.
"""

import json
import math
from typing import Any

from pydantic_core import to_json


class BadJson(ValueError):
    """Not JSON, or JSON that readers may understand differently."""


def loads(text: bytes | str) -> Any:
    """Read one JSON value.

    Raises:
        BadJson: with what is wrong, never with the content.
    """
    try:
        decoded = text if isinstance(text, str) else text.decode("utf-8")
        value = _DECODER.decode(decoded)
        # The only way in for a lone surrogate. Rare, and the first look costs next to nothing where the text is long.
        if "\\" in decoded and "\\ud" in decoded.lower():
            dumps(value)
    except BadJson:
        raise
    except UnicodeError as error:
        raise BadJson("not UTF-8, or half of a character") from error
    except RecursionError as error:
        raise BadJson("nested too deeply") from error
    except ValueError as error:
        raise BadJson("not JSON") from error
    return value


def dumps(value: object) -> bytes:
    """Write a value in the shortest form, as UTF-8.

    Raises:
        ValueError: NaN, an infinity, half of a character, or no JSON at all.
    """
    written = to_json(value)  # first, because it bounds the depth
    if _has_odd_number(value):
        raise ValueError("NaN and infinities are no JSON numbers")
    return written


def _has_odd_number(value: object) -> bool:
    match value:
        case str():
            return False
        case float():
            return not math.isfinite(value)
        case dict():
            return any(map(_has_odd_number, value.values()))
        case list() | tuple():
            return any(map(_has_odd_number, value))
        case _:
            return False


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadJson("a member is repeated")
    return members


def _no_constant(name: str) -> float:
    raise BadJson(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadJson("a number is out of range")
    return number


# Made once: `json.loads` makes its own anew for every call with options, and disclosures are many.
_DECODER = json.JSONDecoder(object_pairs_hook=_without_repetition, parse_constant=_no_constant, parse_float=_finite)
