"""What is inside an envelope: signed statements with their disclosures, compressed.

A record is a JWS and the JSON of each of its disclosures, joined by the unit separator (0x1F); records are joined by
the record separator (0x1E). Neither a JWS nor JSON can have these in it (RFC 8259, 7). It is an SD-JWT (RFC 9901, 4)
whose disclosures travel without their base64url, so that Zstandard (RFC 8878) sees text, and leaves a third less of it;
base64url has one spelling here, and so they come out as they were signed. What decompression gives is capped while it
comes out: there is no bomb.
"""

from collections.abc import Sequence

from node.crypto import base64url
from node.crypto.compression import zstd
from node.crypto.statement import Packed, StatementRefused
from schemas.envelope import MAX_CONTENT_BYTES
from schemas.refusal import Refusal

MAX_STATEMENTS = 2000
"""Of one envelope. The smallest statement has some 300 bytes, so that honest bundles never come near."""

_RECORD, _UNIT = b"\x1e", b"\x1f"
_FAST = 1  # Zstandard's level
_MAX_WINDOW_LOG = 22  # memory that a stream may ask for: 4 MiB, as much as an envelope may hold


class TooLarge(Exception):
    """What is to be sealed is over a limit of the federation; nothing was sealed."""


class BadCompression(Exception):
    """Not one whole Zstandard frame, or its content is over the limit."""


def packed_size(packed: Packed) -> int:
    """Give the bytes that a statement adds to a bundle before compression, which is the most that it adds to it."""
    return len(packed.jws) + sum(len(disclosure) * 3 // 4 + 1 for disclosure in packed.disclosures) + 1


def compress(bundle: Sequence[Packed]) -> bytes:
    """Join statements and compress them.

    Raises:
        TooLarge: more statements or more bytes than a recipient accepts.
    """
    if len(bundle) > MAX_STATEMENTS:
        raise TooLarge(f"{len(bundle)} statements are more than the {MAX_STATEMENTS} of one envelope; make several")
    content = _RECORD.join(map(write_record, bundle))
    if len(content) > MAX_CONTENT_BYTES:
        raise TooLarge(f"{len(content)} bytes are more than the {MAX_CONTENT_BYTES} of one envelope's content")
    return zstd.compress(content, _FAST)


def decompress(compressed: bytes) -> list[bytes]:
    """Give the records of a bundle.

    Raises:
        BadCompression: no whole frame, something after it, or more records or bytes than are allowed.
    """
    stream = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _MAX_WINDOW_LOG})
    try:
        content = stream.decompress(compressed, MAX_CONTENT_BYTES + 1)
    except zstd.ZstdError as error:
        raise BadCompression("not a Zstandard frame") from error
    if len(content) > MAX_CONTENT_BYTES:
        raise BadCompression(f"more than {MAX_CONTENT_BYTES} bytes of content")
    if not stream.eof or stream.unused_data:
        raise BadCompression("the frame is cut off, or something follows it")
    records = content.split(_RECORD, MAX_STATEMENTS)
    if len(records) > MAX_STATEMENTS:
        raise BadCompression(f"more than {MAX_STATEMENTS} statements")
    return records


def write_record(packed: Packed) -> bytes:
    """Write one statement and its disclosures."""
    return _UNIT.join((packed.jws.encode("ascii"), *map(base64url.decode, packed.disclosures)))


def read_record(record: bytes) -> Packed:
    """Take one statement and its disclosures apart.

    Raises:
        StatementRefused: MALFORMED.
    """
    jws, *disclosures = record.split(_UNIT)
    try:
        return Packed(jws.decode("ascii"), tuple(map(base64url.encode, disclosures)))
    except UnicodeError as error:
        raise StatementRefused(Refusal.MALFORMED, "a JWS is ASCII") from error


def without_content(record: bytes) -> bytes:
    """Give the JWS of a record alone: what may be kept of one that is refused."""
    return record.partition(_UNIT)[0]
