"""What is inside an envelope: signed statements with their disclosures, one a line, compressed.

A line is an SD-JWT in combined format (RFC 9901, 4): `<JWS>~<disclosure>~...~<disclosure>~`. Lines are joined by a
newline and compressed with Zstandard (RFC 8878), whose output is capped while it comes out: there is no bomb.
"""

from collections.abc import Sequence

from node.crypto.compression import zstd
from node.crypto.statement import Packed, StatementRefused
from schemas.envelope import MAX_CONTENT_BYTES
from schemas.refusal import Refusal

MAX_STATEMENTS = 2000
"""Of one envelope. The smallest statement has some 300 bytes, so that honest bundles never come near."""

_FAST = 1  # Zstandard's level: base64 gains little from more
_MAX_WINDOW_LOG = 22  # memory that a stream may ask for: 4 MiB, as much as an envelope may hold


class TooLarge(Exception):
    """What is to be sealed is over a limit of the federation; nothing was sealed."""


class BadCompression(Exception):
    """Not one whole Zstandard frame, or its content is over the limit."""


def packed_size(packed: Packed) -> int:
    """Give the bytes that a statement adds to a bundle before compression, which is the most that it adds to it."""
    return len(packed.jws) + sum(len(disclosure) + 1 for disclosure in packed.disclosures) + len("~\n")


def compress(bundle: Sequence[Packed]) -> bytes:
    """Join statements and compress them.

    Raises:
        TooLarge: more statements or more bytes than a recipient accepts.
    """
    if len(bundle) > MAX_STATEMENTS:
        raise TooLarge(f"{len(bundle)} statements are more than the {MAX_STATEMENTS} of one envelope; make several")
    content = "\n".join(map(write_line, bundle)).encode("ascii")
    if len(content) > MAX_CONTENT_BYTES:
        raise TooLarge(f"{len(content)} bytes are more than the {MAX_CONTENT_BYTES} of one envelope's content")
    return zstd.compress(content, _FAST)


def decompress(compressed: bytes) -> list[bytes]:
    """Give the lines of a bundle.

    Raises:
        BadCompression: no whole frame, something after it, or more lines or bytes than are allowed.
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
    lines = content.split(b"\n", MAX_STATEMENTS)
    if len(lines) > MAX_STATEMENTS:
        raise BadCompression(f"more than {MAX_STATEMENTS} statements")
    return lines


def write_line(packed: Packed) -> str:
    """Write one statement and its disclosures in combined format."""
    return "~".join((packed.jws, *packed.disclosures, ""))


def read_line(line: bytes) -> Packed:
    """Take one statement and its disclosures apart.

    Raises:
        StatementRefused: MALFORMED.
    """
    try:
        jws, *disclosures, end = line.decode("ascii").split("~")
    except ValueError as error:
        raise StatementRefused(Refusal.MALFORMED, "not an SD-JWT in combined format") from error
    if end:
        raise StatementRefused(Refusal.MALFORMED, "an SD-JWT ends with a tilde; a key binding is not used here")
    return Packed(jws, tuple(disclosures))
