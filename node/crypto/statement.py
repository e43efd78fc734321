"""Signed statements with erasable content: SD-JWT (RFC 9901) over the models of `schemas.messages`.

What is *said* stands in the signed payload only as digests. The disclosures (salt, name, value) travel and
are kept beside it: without them the statement still verifies, and shows who made it, to whom, when, and which step
it was. The salt has 128 bits, so that nobody can guess a value from its digest.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from node.crypto import base64url, jws, strict_json
from node.crypto.keys import Random, SigningPrivateKey
from schemas.messages import (
    AuthoritiesPublished,
    Checkpoint,
    Chunk,
    DeclarationPublished,
    DirectoryUpdate,
    EarlyDeletion,
    Numbered,
    Recall,
    Receipts,
    Rectification,
    Resend,
    Retention,
    Signal,
    Skip,
    StatisticsReport,
    Step,
)
from schemas.refusal import Refusal

PURPOSE = "imi+sd-jwt"
"""The `typ` of a statement's JWS header (RFC 9901, 9.11)."""

_SALT_BYTES = 16  # RFC 9901, 9.3
_MODELS = (
    Step,
    Chunk,
    DirectoryUpdate,
    AuthoritiesPublished,
    DeclarationPublished,
    StatisticsReport,
    Retention,
    EarlyDeletion,
    Rectification,
    Receipts,
    Resend,
    Recall,
    Skip,
    Checkpoint,
)

KINDS = frozenset(model.model_fields["kind"].default for model in _MODELS)
"""The kinds of statement that this version knows."""

RESERVED_NAMES = frozenset(
    {"_sd", "_sd_alg", "...", *(field.alias or name for model in _MODELS for name, field in model.model_fields.items())}
)
"""Names that no disclosed field may have: the statement's own (RFC 9901, 7.1, step 3.c.ii.3)."""


class StatementRefused(Exception):
    """A statement can't be accepted; `code` says why, in the terms of the wire."""

    def __init__(self, code: Refusal, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Packed:
    """A signed statement with its disclosures, as it travels and is kept."""

    jws: str
    disclosures: tuple[str, ...] = ()


def disclose(fields: Mapping[str, JsonValue], random: Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split what is said into digests to sign and disclosures to keep beside them (RFC 9901, 4.2).

    Args:
        fields: name -> value.
        random: gives the salts.

    Returns:
        The digests, sorted so that they don't tell the order of the fields, and the disclosures in that order.

    Raises:
        ValueError: a field has a name of the statement itself (`RESERVED_NAMES`), or its value is no JSON.
    """
    if reserved := sorted(RESERVED_NAMES.intersection(fields)):
        raise ValueError(f"a form can't have the fields {', '.join(reserved)}: the statement itself has them; rename")
    salts = random(_SALT_BYTES * len(fields))
    disclosures = tuple(
        _disclosure(salts[_SALT_BYTES * place : _SALT_BYTES * (place + 1)], *field)
        for place, field in enumerate(fields.items())
    )
    return tuple(sorted(map(digest, disclosures))), disclosures


def digest(disclosure: str) -> str:
    """Give the digest that stands in the statement for a disclosure (RFC 9901, 4.2.3)."""
    return _sha256(disclosure)


def sign(statement: Numbered | Signal, key: SigningPrivateKey) -> str:
    """Sign a statement: a compact JWS over its JSON."""
    if getattr(statement, "digests", ()):
        payload = statement.model_dump_json(by_alias=True)
        payload = f'{payload[:-1]},"_sd_alg":"sha-256"}}'
    else:
        payload = statement.model_dump_json(by_alias=True, exclude={"digests"})
    return jws.sign(payload.encode("utf-8"), key, PURPOSE)


def verify(text: str, find_key: jws.FindKey) -> jws.Verified:
    """Check a statement's signature over the received bytes; parse afterwards.

    Raises:
        StatementRefused: BAD_SIGNATURE.
    """
    try:
        return jws.verify(text, find_key, PURPOSE)
    except jws.BadSignature as error:
        raise StatementRefused(Refusal.BAD_SIGNATURE, str(error)) from error


def statement_hash(text: str) -> str:
    """Name a statement by the SHA-256 of its JWS."""
    return _sha256(text)


def says_more(text: str) -> bool:
    """Say whether a statement was signed with content that is disclosed beside it; it was verified before."""
    return bool(strict_json.loads(jws.unverified_payload(text)).get("_sd"))


def goes_on_blocked(text: str) -> bool:
    """Say whether a statement of ours is said even while its exchange is blocked: that data in it are contested."""
    return bool(strict_json.loads(jws.unverified_payload(text)).get("kind") == "rectification")


def read_disclosures(digests: Iterable[str], disclosures: Sequence[str]) -> dict[str, JsonValue]:
    """Read what is said, complete: every digest has its disclosure, and every disclosure its digest.

    Raises:
        StatementRefused: BAD_DISCLOSURE; one is missing, surplus, repeated or malformed.
    """
    signed = tuple(digests)
    fields = read_remaining(signed, disclosures)
    if len(fields) != len(signed):
        raise StatementRefused(Refusal.BAD_DISCLOSURE, f"{len(signed) - len(fields)} signed fields are not disclosed")
    return fields


def read_remaining(digests: Iterable[str], disclosures: Sequence[str]) -> dict[str, JsonValue]:
    """Read what is still, or what may be, disclosed: as `read_disclosures`, but some may be missing.

    That is the statement after its content was erased, and the view of it without personal data.

    Raises:
        StatementRefused: BAD_DISCLOSURE; one is surplus, repeated or malformed.
    """
    listed = tuple(digests)
    signed = frozenset(listed)
    if len(signed) != len(listed):
        raise StatementRefused(Refusal.BAD_DISCLOSURE, "a digest is signed twice")
    fields: dict[str, JsonValue] = {}
    for disclosure in disclosures:
        found = digest(disclosure) if disclosure.isascii() else ""
        if found not in signed:
            raise StatementRefused(Refusal.BAD_DISCLOSURE, "a disclosure is surplus or altered")
        name, value = _read(disclosure)
        if name in fields or name in RESERVED_NAMES:
            raise StatementRefused(
                Refusal.BAD_DISCLOSURE,
                "a disclosure or its name is repeated, or the name is one of the statement's own",
            )
        fields[name] = value
    return fields


ERASED = ""
"""Stands in the place of a disclosure that was erased, among those that are kept: the statement is whole no more."""


def kept(content: bytes) -> list[str]:
    """The disclosures that are still kept of a statement, from how they lie together in the store."""
    return [disclosure for disclosure in content.decode().split("~") if disclosure != ERASED]


def _disclosure(salt: bytes, name: str, value: JsonValue) -> str:
    return base64url.encode(strict_json.dumps([base64url.encode(salt), name, value]))


def _read(disclosure: str) -> tuple[str, JsonValue]:
    try:
        content = strict_json.loads(base64url.decode(disclosure))
    except ValueError as error:
        raise StatementRefused(Refusal.BAD_DISCLOSURE, f"a disclosure can't be read: {error}") from error
    match content:
        case [str(), str(name), value]:
            return name, value
        case _:
            raise StatementRefused(Refusal.BAD_DISCLOSURE, "a disclosure is not an array of salt, name and value")


def _sha256(text: str) -> str:
    return base64url.encode(hashlib.sha256(text.encode("ascii")).digest())
