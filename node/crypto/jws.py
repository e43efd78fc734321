"""Signed bytes: compact JWS (RFC 7515, 7.1) with Ed25519 (RFC 9864) and nothing else.

Invariants:
- The header is exactly `alg`, `kid` and `typ`: no algorithm to choose, nothing critical, no key brought along.
- `typ` separates purposes (RFC 8725, 3.11): a signature made for one kind of document never counts for another.
- Each signed text has one spelling, so that its hash names it.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature

from node.crypto import base64url, strict_json
from node.crypto.keys import SigningPrivateKey, public_key

_ALGORITHM = "Ed25519"
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,80}")  # as in the directory; it is repeated in messages to the operator
_MAX_HEADER = 512  # characters; more than twice what the longest of ours has

FindKey = Callable[[str], str | None]
"""The public key (32 bytes in base64url) that a key id stands for, if it may sign here."""


class BadSignature(Exception):
    """The text is not a JWS as we make them, or its signature does not verify."""


class Verified(NamedTuple):
    """Bytes whose signature was checked."""

    payload: bytes
    key_id: str


def sign(payload: bytes, key: SigningPrivateKey, purpose: str) -> str:
    """Sign bytes.

    Args:
        payload: what is signed.
        key: with which key.
        purpose: the `typ` of the header.
    """
    signed = f"{_header(key.id, purpose)}.{base64url.encode(payload)}"
    return f"{signed}.{base64url.encode(key.private.sign(signed.encode('ascii')))}"


def verify(text: str, find_key: FindKey, purpose: str) -> Verified:
    """Check a signature over the very bytes that were received.

    Raises:
        BadSignature: not such a JWS, a key that does not count, or the signature is wrong.
    """
    key_id = read_key_id(text, purpose)
    public = find_key(key_id)
    if public is None:
        raise BadSignature(f"the key {key_id} does not count here")
    signed, _, signature = text.rpartition(".")
    try:
        public_key(public).verify(base64url.decode(signature), signed.encode("ascii"))
        return Verified(unverified_payload(text), key_id)
    except (InvalidSignature, ValueError) as error:
        raise BadSignature(f"the signature does not verify with the key {key_id}") from error


def read_key_id(text: str, purpose: str) -> str:
    """Read the key id out of a header that has exactly our three members; nothing is verified by that.

    Raises:
        BadSignature: another algorithm, another purpose, a missing, surplus or repeated member.
    """
    header = text.partition(".")[0]
    if len(header) > _MAX_HEADER:
        raise BadSignature("the JWS header is too long")
    return _key_id(header, purpose)


def unverified_payload(text: str) -> bytes:
    """Take the payload out, without any assurance of who made it.

    Raises:
        BadSignature: not three parts in base64url.
    """
    try:
        _header, payload, _signature = (base64url.decode(part) for part in text.split("."))
    except ValueError as error:
        raise BadSignature("not a compact JWS") from error
    return payload


@lru_cache(maxsize=64)  # who signs uses the same header again and again
def _header(key_id: str, purpose: str) -> str:
    return base64url.encode(strict_json.dumps({"alg": _ALGORITHM, "kid": key_id, "typ": purpose}))


@lru_cache(maxsize=1024)
def _key_id(header: str, purpose: str) -> str:
    try:
        members = strict_json.loads(base64url.decode(header))
    except ValueError as error:
        raise BadSignature("the JWS header can't be read") from error
    match members:
        case {"alg": "Ed25519", "kid": str(key_id), "typ": typ, **rest} if (
            not rest and typ == purpose and _KEY_ID.fullmatch(key_id)
        ):
            return key_id
        case _:
            raise BadSignature(f"the JWS header has to be alg Ed25519, kid, and typ {purpose}, and nothing else")
