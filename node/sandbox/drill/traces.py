"""Finds canaries in bytes, however they are written there.

Each is looked for as text (UTF-8 in lower and upper case, UTF-16), in hexadecimal, escaped for JSON or for an address
character by character, and in base64, once or twice, whichever way it is aligned in the text around it. All of that
again in what base64 holds, and in every zlib, gzip, ZIP or zstd stream that begins anywhere.

A search goes by the mark that all canaries begin with, and then looks which one it is. Of one that is cut short it
still tells that it is there.
"""

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Iterator

from node.crypto.compression import zstd
from node.sandbox.drill.canaries import MARK, Canary

DEPTH = 3
"""How many wrappings are taken off, one inside of another."""
MOST_BYTES = 16 * 1024 * 1024
"""Of what a stream holds; more than any of a node's."""

CUT_SHORT = Canary("", "", "", "", "part of a canary", personal=True, searchable=False, sent=False)

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{32,}")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_GZIP = re.compile(rb"\x1f\x8b\x08")
_ZSTD = re.compile(rb"\x28\xb5\x2f\xfd")
_ZIP = re.compile(rb"PK\x03\x04.{22}(..)(..)", re.DOTALL)

_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class Traces:
    """Looks for these canaries."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        """Prepare every form of every word."""
        words = {canary.word: canary for canary in canaries}
        self._days = [
            (form, canary) for word, canary in words.items() if not word.startswith(MARK) for form in _day_forms(word)
        ]
        marked = {word: list(_forms(word)) for word in words if word.startswith(MARK)}
        self._marks = [
            (mark, {forms[number]: words[word] for word, forms in marked.items()})
            for number, mark in enumerate(_forms(MARK))
        ]
        self._known: dict[bytes, frozenset[Canary]] = {}

    def find(self, content: bytes) -> frozenset[Canary]:
        """The canaries in the content, and in whatever it holds; what was searched before is not searched again."""
        digest = hashlib.sha256(content).digest()
        if digest not in self._known:
            self._known[digest] = frozenset(self._found(content, DEPTH))
        return self._known[digest]

    def _found(self, content: bytes, depth: int) -> set[Canary]:
        found = {canary for form, canary in self._days if form in content}
        for mark, words in self._marks:
            if mark in content:
                found.update(_which(content, mark, words))
        if depth:
            for inner in unwrapped(content):
                found |= self._found(inner, depth - 1)
        return found


def unwrapped(content: bytes) -> Iterator[bytes]:
    """What base64 and compressed streams in the content hold."""
    for text in _BASE64.findall(content):
        letters = text.translate(_URL_SAFE)
        for start in range(4):  # what stands before it may look like base64 too
            yield base64.b64decode(letters[start : start + (len(letters) - start) // 4 * 4])
    for start in _starts(_ZLIB, content):
        yield from _inflated(content[start:], zlib.MAX_WBITS)
    for start in _starts(_GZIP, content):
        yield from _inflated(content[start:], zlib.MAX_WBITS | 16)
    for match in _ZIP.finditer(content):
        names = int.from_bytes(match[1], "little") + int.from_bytes(match[2], "little")
        yield from _inflated(content[match.end() + names :], -zlib.MAX_WBITS)
    for start in _starts(_ZSTD, content):
        yield from _decompressed(content[start:])


def _starts(pattern: re.Pattern[bytes], content: bytes) -> Iterator[int]:
    return (match.start() for match in pattern.finditer(content))


def _inflated(content: bytes, window: int) -> Iterator[bytes]:
    """What comes before the first error: a stream that is cut short tells what it has."""
    stream = zlib.decompressobj(window)
    out = bytearray()
    try:
        for start in range(0, min(len(content), MOST_BYTES), 4096):
            out += stream.decompress(content[start : start + 4096], MOST_BYTES)
            if stream.eof or len(out) > MOST_BYTES:
                break
    except zlib.error:
        pass
    if out:
        yield bytes(out)


def _decompressed(content: bytes) -> Iterator[bytes]:
    stream = zstd.ZstdDecompressor()
    try:
        out = stream.decompress(content, MOST_BYTES)
    except zstd.ZstdError:
        return
    if out:
        yield out


def _which(content: bytes, mark: bytes, words: dict[bytes, Canary]) -> Iterator[Canary]:
    length = len(next(iter(words), b""))
    start = content.find(mark)
    while start >= 0:
        yield words.get(content[start : start + length], CUT_SHORT)
        start = content.find(mark, start + 1)


def _forms(word: str) -> Iterator[bytes]:
    """Every way in which a word may be written; that of a beginning of the word begins it, in the same order."""
    plain = word.encode()
    yield plain
    yield word.upper().encode()
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    yield plain.hex().encode()
    yield plain.hex().upper().encode()
    yield "".join(f"\\u{ord(letter):04x}" for letter in word).encode()
    yield "".join(f"%{ord(letter):02X}" for letter in word).encode()
    for once in _aligned(base64.b64encode, plain):
        yield once
        yield from _aligned(base64.b64encode, once)


def _day_forms(word: str) -> Iterator[bytes]:
    plain = word.encode()
    yield plain
    yield word.encode("utf-16-le")
    yield plain.hex().encode()
    yield from _aligned(base64.b64encode, plain)


def _aligned(encode: Callable[[bytes], bytes], plain: bytes) -> Iterator[bytes]:
    """A word in the base64 of any text around it: only the characters that depend on the word alone.

    The letters of canaries and the digits of days encode to characters that base64 and base64url share.
    """
    for shift in range(3):
        padded = bytes(shift) + plain
        yield encode(padded[: len(padded) // 3 * 3])[4 if shift else 0 :]
