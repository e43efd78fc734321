"""Documents that several holders sign: JWS in JSON General Serialization (RFC 7515, 7.2.1), one signature a holder.

Holders are different people in different places, so a signature is added to a document that others have
signed; all of them sign the same bytes. Only signatures of distinct keys count towards a threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from node.crypto import base64url, jws, strict_json
from node.crypto.keys import SigningPrivateKey
from schemas.directory import Directory, Root
from schemas.envelope import MAX_CONTENT_BYTES

PURPOSE = "imi+trust"
"""The `typ` of a holder's signature."""

_MAX_SIGNATURES = 100  # of one document; far more than there are holders

Document = TypeVar("Document", bound=Root | Directory)


class TrustCode(StrEnum):
    """Why a document, or the lack of one, is not to be trusted."""

    MALFORMED = "malformed"
    WRONG_KIND = "wrong_kind"
    BAD_SIGNATURE_THRESHOLD = "bad_signature_threshold"
    ROLLBACK = "rollback"
    VERSION_GAP = "version_gap"
    TWO_OF_ONE_VERSION = "two_of_one_version"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    BAD_PROOF = "bad_proof"
    NO_KEY = "no_key"


class TrustError(Exception):
    """A document is not trusted, or a key is not to be had; the sentence says what to do."""

    def __init__(self, code: TrustCode, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True)
class SignedDocument:
    """A document taken apart; nothing in it is verified yet."""

    payload: bytes
    signatures: tuple[str, ...]
    """Each as a compact JWS over the payload."""


def sign_document(document: Root | Directory, keys: Sequence[SigningPrivateKey]) -> str:
    """Sign a document with the keys of some holders; others may add theirs later."""
    payload = document.model_dump_json(by_alias=True).encode("utf-8")
    return _assemble(payload, [jws.sign(payload, key, PURPOSE) for key in keys])


def add_signature(text: str, key: SigningPrivateKey) -> str:
    """Add one more holder's signature to a document.

    Raises:
        TrustError: MALFORMED.
    """
    document = open_document(text)
    return _assemble(document.payload, [*document.signatures, jws.sign(document.payload, key, PURPOSE)])


def open_document(text: str) -> SignedDocument:
    """Take a signed document apart.

    Raises:
        TrustError: MALFORMED; it is no such JWS.
    """
    if len(text) > MAX_CONTENT_BYTES:
        raise TrustError(TrustCode.MALFORMED, f"the document is larger than {MAX_CONTENT_BYTES} bytes")
    try:
        return _general(strict_json.loads(text))
    except ValueError as error:
        raise TrustError(TrustCode.MALFORMED, f"the document is no JWS in general serialization: {error}") from error


def require_threshold(document: SignedDocument, root: Root) -> None:
    """See that enough different holders of a root have signed.

    Raises:
        TrustError: BAD_SIGNATURE_THRESHOLD.
    """
    # The same key twice, or under two names, is one holder.
    signed = {public for signature in document.signatures if (public := _signer(signature, root)) is not None}
    if len(signed) < root.threshold:
        raise TrustError(
            TrustCode.BAD_SIGNATURE_THRESHOLD,
            f"{len(signed)} of the holders named by root {root.version} have signed, {root.threshold} have to;"
            " get the document with all signatures",
        )


def parse_document(document: SignedDocument, model: type[Document]) -> Document:
    """Read the payload as what it has to be.

    Raises:
        TrustError: WRONG_KIND, or MALFORMED with the place of the first mistake.
    """
    expected = model.model_fields["kind"].default
    if kind_of(document) != expected:
        raise TrustError(TrustCode.WRONG_KIND, f"the document is not a {expected}")
    return validated(model, document.payload)


def kind_of(document: SignedDocument) -> object:
    """Say which kind a document claims to be.

    Raises:
        TrustError: MALFORMED.
    """
    try:
        content = strict_json.loads(document.payload)
    except ValueError as error:
        raise TrustError(TrustCode.MALFORMED, f"the document's payload can't be read: {error}") from error
    return content.get("kind") if isinstance(content, dict) else None


Model = TypeVar("Model", bound=BaseModel)


def validated(model: type[Model], payload: bytes) -> Model:
    """Read a model from JSON.

    Raises:
        TrustError: MALFORMED with the place of the first mistake.
    """
    try:
        return model.model_validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "document"
        raise TrustError(TrustCode.MALFORMED, f"{place}: {first['msg']}") from error


def _signer(signature: str, root: Root) -> str | None:
    publics = {holder.key: holder.public for holder in root.holders}
    try:
        return publics[jws.verify(signature, publics.get, PURPOSE).key_id]
    except jws.BadSignature:
        return None  # a holder of the next root, or a stranger: does not count, and does no harm


def _general(content: object) -> SignedDocument:
    match content:
        case {"payload": str(payload), "signatures": [_, *_] as parts, **rest} if not rest:
            compact = tuple(_compact(payload, part) for part in parts[:_MAX_SIGNATURES])
            return SignedDocument(base64url.decode(payload), compact)
        case _:
            raise ValueError("it has to have the members payload and signatures, and nothing else")


def _compact(payload: str, part: object) -> str:
    match part:
        case {"protected": str(protected), "signature": str(signature), **rest} if not rest:
            return f"{protected}.{payload}.{signature}"
        case _:
            raise ValueError("each signature has to have the members protected and signature, and nothing else")


def _assemble(payload: bytes, signatures: Sequence[str]) -> str:
    parts = [signature.split(".") for signature in signatures]
    content = {
        "payload": base64url.encode(payload),
        "signatures": [{"protected": protected, "signature": signature} for protected, _, signature in parts],
    }
    return strict_json.dumps(content).decode("ascii")
