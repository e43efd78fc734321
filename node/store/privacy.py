"""The register of requests about personal data: what is asked in the open, why and by whom sealed beside it."""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from node.store.columns import json_list, utc_text, utc_text_or_none
from schemas.privacy import DataRequest

_NEXT = "SELECT ifnull(max(number), 0) + 1 FROM privacy_requests"
_PUT = """
INSERT INTO privacy_requests (number, exchange_id, kind, status, decided_at, document, detail)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (number) DO UPDATE SET status = excluded.status, decided_at = excluded.decided_at,
                                   document = excluded.document, detail = ifnull(excluded.detail, detail)
"""
_GET = "SELECT document, detail FROM privacy_requests WHERE number = ?"
_ALL = "SELECT document FROM privacy_requests ORDER BY number DESC"
_OLD = "SELECT number FROM privacy_requests WHERE detail IS NOT NULL AND decided_at < ?"
_FORGET = "UPDATE privacy_requests SET detail = NULL WHERE number IN (SELECT value FROM json_each(?))"


def key_name(number: int) -> str:
    """What the data key of a request's detail is kept under."""
    return f"privacy request {number}"


async def next_number(db: aiosqlite.Connection) -> int:
    """The number that the next request gets; none is given twice."""
    [(number,)] = await db.execute_fetchall(_NEXT)
    return int(number)


async def put(db: aiosqlite.Connection, request: DataRequest, detail: bytes | None = None) -> None:
    """Add a request, or put it in the place of what was known of it; without a detail the one before stays."""
    row = (request.number, request.exchange, request.kind, request.status, utc_text_or_none(request.decided_at))
    await db.execute(_PUT, (*row, request.model_dump_json(), detail))


async def get(db: aiosqlite.Connection, number: int) -> tuple[DataRequest, bytes | None] | None:
    """Read a request and its sealed detail, if it is still there."""
    for document, detail in await db.execute_fetchall(_GET, (number,)):
        return DataRequest.model_validate_json(document), detail
    return None


async def all_requests(db: aiosqlite.Connection) -> list[DataRequest]:
    """Read the register, the newest first."""
    return [DataRequest.model_validate_json(document) for (document,) in await db.execute_fetchall(_ALL)]


async def decided_before(db: aiosqlite.Connection, at: datetime) -> list[int]:
    """The requests that were decided before a time and whose detail is still kept."""
    return [number for (number,) in await db.execute_fetchall(_OLD, (utc_text(at),))]


async def forget_details(db: aiosqlite.Connection, numbers: Iterable[int]) -> None:
    """Remove what is kept sealed of requests; that they were made stays."""
    await db.execute(_FORGET, (json_list(numbers),))
