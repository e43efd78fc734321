"""Signed bytes: compact JWS (RFC 7515, 7.1) with Ed25519 (RFC 9864) and nothing else.

Invariants:
- The header is exactly `alg`, `kid` and `typ`: no algorithm to choose, nothing critical, no key brought along.
- `typ` separates purposes (RFC 8725, 3.11): a signature made for one kind of document never counts for another.
- Each signed text has one spelling, so that its hash names it.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from joserfc import jws
from joserfc.errors import JoseError

from node.crypto import base64url, strict_json
from node.crypto.keys import SigningPrivateKey, public_jwk
from schemas.envelope import MAX_CONTENT_BYTES

_ALGORITHM = "Ed25519"
_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,80}")  # as in the directory; it is repeated in messages to the operator

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
    header = {"alg": _ALGORITHM, "kid": key.id, "typ": purpose}
    return jws.serialize_compact(header, payload, key.jwk, registry=_REGISTRY)


def verify(text: str, find_key: FindKey, purpose: str) -> Verified:
    """Check a signature over the very bytes that were received.

    Raises:
        BadSignature: not such a JWS, a key that does not count, or the signature is wrong.
    """
    key_id = read_key_id(text, purpose)
    public = find_key(key_id)
    if public is None:
        raise BadSignature(f"the key {key_id} does not count here")
    try:
        verified = jws.deserialize_compact(text, public_jwk(public), registry=_REGISTRY)
    except (JoseError, ValueError) as error:
        raise BadSignature(f"the signature does not verify with the key {key_id}") from error
    return Verified(verified.payload, key_id)


def read_key_id(text: str, purpose: str) -> str:
    """Read the key id out of a header that has exactly our three members; nothing is verified by that.

    Raises:
        BadSignature: another algorithm, another purpose, a missing, surplus or repeated member.
    """
    try:
        header = strict_json.loads(base64url.decode(text.partition(".")[0]))
    except ValueError as error:
        raise BadSignature("the JWS header can't be read") from error
    match header:
        case {"alg": "Ed25519", "kid": str(key_id), "typ": typ, **rest} if (
            not rest and typ == purpose and _KEY_ID.fullmatch(key_id)
        ):
            return key_id
        case _:
            raise BadSignature(f"the JWS header has to be alg Ed25519, kid, and typ {purpose}, and nothing else")


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


def _registry() -> jws.JWSRegistry:
    registry = jws.JWSRegistry(algorithms=[_ALGORITHM])
    registry.max_payload_length = MAX_CONTENT_BYTES  # of bytes; the library's own limit would cut off a directory
    return registry


_REGISTRY = _registry()
