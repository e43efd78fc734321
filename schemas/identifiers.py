"""Names of things: nodes, authorities, exchanges, messages, times.

Party codes follow EU practice: EL for Greece and UK for the United Kingdom, where ISO 3166-1 has
GR and GB. The Commission's node is EC.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, PlainSerializer, StringConstraints, WithJsonSchema

COMMISSION = "EC"

_RANDOM_BYTES = 10  # of a version 7 UUID: 74 random bits lie in its last ten bytes

NodeId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""The party that a node speaks for: a country code, or EC."""

AuthorityId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}/[a-z0-9][a-z0-9-]{0,62}$")]
"""A competent authority: its node and its own name there, `DE/youth-media`."""

ExchangeId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}-[A-Z]{2,8}-[A-Z]{2}-\d{4}-\d{6}$")]
"""The case number, the same on every node and in every step: `ECOM-REQ-DE-2026-000123`."""

Hash = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""SHA-256 in base64url without padding (RFC 4648, 5)."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""A declared name: of a policy area, a procedure, a state, a step, a field or a code."""


MessageId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
"""A version 7 UUID (RFC 9562, 5.7), fixed when the message is submitted and never made again."""


def _aware_utc(value: datetime) -> datetime:
    if value.tzinfo is None or value.utcoffset() != UTC.utcoffset(None):
        raise ValueError("a time needs its zone, and the zone is UTC: 2026-11-24T08:00:00.000Z")
    return value.astimezone(UTC)


def _as_text(value: datetime) -> str:
    return f"{value.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


UtcTime = Annotated[
    datetime,
    AfterValidator(_aware_utc),
    PlainSerializer(_as_text, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An aware time in UTC; milliseconds on the wire."""


def message_id(at: datetime, random: bytes) -> str:
    """Make a version 7 UUID from a time and ten random bytes (RFC 9562, 5.7).

    Time and randomness are arguments, so that a simulated clock and a seeded source give the same ids again.
    """
    if len(random) != _RANDOM_BYTES:
        raise ValueError(f"a message id takes {_RANDOM_BYTES} random bytes, not {len(random)}")
    milliseconds = int(at.timestamp() * 1000).to_bytes(6, "big")
    tail = bytearray(random)
    tail[0] = 0x70 | tail[0] & 0x0F
    tail[2] = 0x80 | tail[2] & 0x3F
    digits = (milliseconds + tail).hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def node_of(authority: str) -> str:
    """Name the node that an authority belongs to."""
    return authority.partition("/")[0]


def serial_of(exchange_id: str) -> int:
    """Read the running number out of a case number."""
    return int(exchange_id.rpartition("-")[2])
