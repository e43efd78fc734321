"""How values stand in columns: times as the wire has them, lists as one JSON parameter.

A list of any length is one parameter, read with `json_each`: the SQL stays a constant, and SQLite's limit
on the number of parameters does not apply.
"""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from schemas.identifiers import UtcTime

_UTC: TypeAdapter[datetime] = TypeAdapter(UtcTime)
_ZERO = timedelta(0)


def utc_text(at: datetime) -> str:
    """Write a time as the wire does, in milliseconds: text order is time order.

    Raises:
        ValueError: the time has no zone, or another one than UTC.
    """
    if at.utcoffset() != _ZERO:
        raise ValueError("a time needs its zone, and the zone is UTC")
    return f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def utc_text_or_none(at: datetime | None) -> str | None:
    """Write a time that may be absent."""
    return None if at is None else utc_text(at)


def utc_time(text: str) -> datetime:
    """Read what `utc_text` wrote."""
    return _UTC.validate_python(text)


def utc_time_or_none(text: str | None) -> datetime | None:
    """Read a time that may be absent."""
    return None if text is None else utc_time(text)


def with_times(row: sqlite3.Row, *places: int) -> list[Any]:
    """Give the values of a row, those at these places read as times; one may be absent."""
    values = list(row)
    for place in places:
        values[place] = utc_time_or_none(values[place])
    return values


def json_list(values: Iterable[object]) -> str:
    """Write strings, numbers, or tuples of them, as one parameter for `json_each`."""
    return json.dumps(list(values))
