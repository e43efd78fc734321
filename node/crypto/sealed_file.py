"""Files sealed to a public key, in constant memory: backups.

    one line of JSON      what the file is; it is bound to what follows
    2 bytes, then so many the file's own key, sealed to the public key (HPKE, RFC 9180; `info` is the line)
    chunks                64 KiB each, AES-256-GCM under the file's key, the last one marked (the STREAM of age)

The nonce of a chunk is its number and whether it is the last: the key is used for one file only, so that no nonce comes
twice, and a file that was cut short, or put together from two, does not open.
"""

from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from node.crypto import hpke
from node.crypto.keys import Random
from node.crypto.vault import KEY_BYTES
from schemas.envelope import Suite

SUITE: Suite = "mlkem768-x25519"
"""Backups are kept for years: what is recorded today stays closed later."""

_CHUNK = 64 * 1024
_TAG = 16
_MAX_HEADER = 64 * 1024


class BadSealedFile(Exception):
    """The file does not open: another key, altered, cut short, or no such file."""


def seal(header: str, source: Iterator[bytes], target: BinaryIO, public: bytes, random: Random) -> None:
    """Seal a file.

    Args:
        header: one line, in clear; nobody can change it unseen.
        source: the content, in pieces of any size.
        target: where it is written.
        public: whose private key opens it.
        random: gives the file's key.
    """
    line, key = f"{header}\n".encode(), random(KEY_BYTES)
    sealed = hpke.seal(SUITE, public, key, line)
    target.write(line + len(sealed).to_bytes(2, "big") + sealed)
    cipher = AESGCM(key)
    number, rest = 0, b""
    for piece in source:
        rest += piece
        while len(rest) > _CHUNK:  # the last chunk is told from the others: it is never empty but in an empty file
            target.write(cipher.encrypt(_nonce(number, last=False), rest[:_CHUNK], None))
            number, rest = number + 1, rest[_CHUNK:]
    target.write(cipher.encrypt(_nonce(number, last=True), rest, None))


def read_header(source: BinaryIO) -> str:
    """Read the first line; it counts only once the file was opened.

    Raises:
        BadSealedFile: there is none.
    """
    line = source.readline(_MAX_HEADER)
    if not line.endswith(b"\n"):
        raise BadSealedFile("it is no backup: its first line does not end")
    try:
        return line.decode().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise BadSealedFile("it is no backup: its first line is no text") from error


def open_(source: BinaryIO, seed: bytes) -> Iterator[bytes]:
    """Open a file and give its content; what was given counts only once the end is reached.

    Raises:
        BadSealedFile: it does not open.
    """
    source.seek(0)
    line = f"{read_header(source)}\n".encode()
    size = int.from_bytes(source.read(2), "big")
    try:
        cipher = AESGCM(hpke.unseal(SUITE, hpke.private_key(SUITE, seed), source.read(size), line))
    except (hpke.Undecipherable, ValueError) as error:
        raise BadSealedFile("it does not open with this key, or its beginning was altered") from error
    number, chunk = 0, source.read(_CHUNK + _TAG)
    while True:
        following = source.read(_CHUNK + _TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), chunk, None)
        except InvalidTag as error:
            raise BadSealedFile("it was altered, or cut short") from error
        if not following:
            return
        number, chunk = number + 1, following


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")
