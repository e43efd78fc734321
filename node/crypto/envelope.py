"""Seals statements into an envelope for one node, and opens what comes, in numbered steps.

An envelope is the clear header as one line of JSON, a newline, then HPKE's encapsulated key and ciphertext; the line's
exact bytes are the HPKE `info`. Inside is a bundle of signed statements.

What is opened is hostile until step 10 is through:
- Steps 1 to 7 concern the whole envelope: `EnvelopeRefused`. Steps 8 to 10 concern each statement by itself, so
  that a bad one does not take the others of its bundle with it: `RefusedStatement`.
- A refusal names a message only once the sender's signature over it is verified. Otherwise whoever can write to
  our inbox could have us refuse, signed, a message that we never saw.
- The detail of a refusal says what is wrong and never what is inside.

Steps 11 and 12 (repetition, order) need the node's memory and are the runtime's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from node.crypto import base64url, bundle, hpke, strict_json
from node.crypto.bundle import TooLarge, packed_size
from node.crypto.jws import Verified
from node.crypto.ring import Keyring
from node.crypto.statement import KINDS, Packed, StatementRefused, read_disclosures, statement_hash, verify
from node.crypto.trust import TrustedDirectory
from schemas.directory import SealingKey
from schemas.envelope import MAX_ENVELOPE_BYTES, EnvelopeHeader
from schemas.identifiers import MessageId
from schemas.messages import STATEMENT, Numbered, Signal
from schemas.refusal import Refusal

__all__ = [
    "EnvelopeRefused",
    "OpenedEnvelope",
    "OpenedStatement",
    "Packed",
    "RefusedStatement",
    "TooLarge",
    "open_envelope",
    "packed_size",
    "seal",
]

MAX_HEADER_BYTES = 1024  # several times what the longest header needs

_MESSAGE_ID: TypeAdapter[str] = TypeAdapter(MessageId)


class EnvelopeRefused(Exception):
    """The whole envelope is refused; nobody is named as a message's author by that."""

    def __init__(self, code: Refusal, detail: str, header: EnvelopeHeader | None = None) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.header = header
        """As it came, none if it could not be read; only its bytes are bound to the content, not yet its truth."""


@dataclass(frozen=True)
class OpenedStatement:
    """A statement that passed every step; all of it was said by its sender: the envelope's, or this node itself."""

    statement: Numbered | Signal
    packed: Packed
    """The signed text and its disclosures: the evidence, to be kept as it is."""
    hash: str
    body: dict[str, JsonValue]
    """What is disclosed: name -> value."""
    key_id: str


@dataclass(frozen=True)
class RefusedStatement:
    """A statement that did not pass."""

    code: Refusal
    detail: str
    sender: str
    message_id: str | None = None
    """Known, as is the hash, only if the sender's signature was verified."""
    hash: str | None = None
    jws: bytes = b""
    """As it came, without the disclosures: what may be kept of it."""


@dataclass(frozen=True)
class OpenedEnvelope:
    """An envelope for this node, and what became of each statement in it, in order."""

    header: EnvelopeHeader
    items: tuple[OpenedStatement | RefusedStatement, ...]


def seal(packed: Sequence[Packed], *, sender: str, recipient: str, envelope_id: str, key: SealingKey) -> bytes:
    """Seal statements to a node.

    Args:
        packed: the statements, with all their disclosures; `packed_size` helps to choose how many.
        sender: who signed them.
        recipient: one of the nodes that each is made to.
        envelope_id: a version 7 UUID of the envelope's own: the broker must not learn message ids.
        key: the recipient's, as `TrustedDirectory.sealing_key` chooses it.

    Raises:
        TooLarge: over a limit of the federation; send fewer statements at once, or an attachment in smaller chunks.
        pydantic.ValidationError: sender, recipient or id is none.
    """
    header = EnvelopeHeader(suite=key.suite, sender=sender, recipient=recipient, id=envelope_id, key=key.id)
    line = header.model_dump_json().encode("utf-8")
    sealed = hpke.seal(key.suite, base64url.decode(key.public), bundle.compress(packed), line)
    raw = line + b"\n" + sealed
    if len(raw) > MAX_ENVELOPE_BYTES:
        raise TooLarge(
            f"an envelope of {len(raw)} bytes is over the {MAX_ENVELOPE_BYTES} of the federation;"
            " send fewer statements at once, or long content as an attachment"
        )
    return raw


def open_envelope(raw: bytes, *, node: str, keyring: Keyring, trust: TrustedDirectory) -> OpenedEnvelope:
    """Open an envelope as far as that can be done without memory: steps 1 to 10 of the architecture.

    Args:
        raw: as it came from the broker.
        node: who we are.
        keyring: our private keys.
        trust: the directory, whose freshness the caller looks after.

    Raises:
        EnvelopeRefused: steps 1 to 7 failed.
    """
    # 1. Size.
    if len(raw) > MAX_ENVELOPE_BYTES:
        raise EnvelopeRefused(Refusal.TOO_LARGE, f"{len(raw)} bytes")
    # 2. Header.
    line, newline, sealed = raw.partition(b"\n")
    header = _read_header(line if newline else b"")
    # 3. It is for me.
    if header.recipient != node:
        raise EnvelopeRefused(Refusal.NOT_FOR_ME, f"for {header.recipient}, and this is {node}", header)
    # 4. Its key is mine.
    key = keyring.sealing_key(header.key)
    if key is None or key.suite != header.suite:
        raise EnvelopeRefused(Refusal.UNKNOWN_KEY, "sealed to a key that is not in the keyring", header)
    # 5. It decrypts, with the very header that it was sealed with.
    try:
        compressed = hpke.unseal(key.suite, key.private, sealed, line)
    except hpke.Undecipherable as error:
        raise EnvelopeRefused(Refusal.UNDECIPHERABLE, str(error), header) from error
    # 6. It decompresses within the cap.
    try:
        lines = bundle.decompress(compressed)
    except bundle.BadCompression as error:
        raise EnvelopeRefused(Refusal.BAD_COMPRESSION, str(error), header) from error
    # 7. The sender is known, and is active now: one that was expelled can date nothing back. What was true at
    #    the time of each statement is looked at below, once that time is known to be the sender's word.
    opening = _Opening(header=header, trust=trust, keys=_sender_keys(header, trust), own_keys=_own_keys(header, trust))
    return OpenedEnvelope(header, tuple(opening.open(line) for line in lines))


@dataclass(frozen=True)
class _Opening:
    """Steps 8 to 10, for the statements of one envelope."""

    header: EnvelopeHeader
    trust: TrustedDirectory
    keys: Mapping[str, str]
    """The sender's key ids in the current directory -> public key."""
    own_keys: Mapping[str, str]
    """The recipient's: a peer gives back what the recipient itself made to it, and may have lost."""

    def open(self, line: bytes) -> OpenedStatement | RefusedStatement:
        # 8. The signature over the received bytes, by a key of the sender.
        try:
            packed = bundle.read_line(line)
            verified = verify(packed.jws, lambda key: self.keys.get(key) or self.own_keys.get(key))
        except StatementRefused as refused:
            return RefusedStatement(refused.code, refused.detail, self.header.sender, jws=_without_content(line))
        text_hash = statement_hash(packed.jws)
        signer, told = self.header.sender, self.header.recipient
        if verified.key_id not in self.keys:
            signer, told = told, signer
        try:
            # 9. What is signed agrees with the clear header.
            content = _read_object(verified.payload)
            _agree(content, signer, told)
            # 10. It parses, was made while sender and key counted, and says all that it was signed with.
            statement = _parse(content, verified.payload)
            self._require_standing(statement, verified)
            body = read_disclosures(getattr(statement, "digests", ()), packed.disclosures)
        except StatementRefused as refused:
            message_id = _message_id(verified.payload)
            return RefusedStatement(refused.code, refused.detail, signer, message_id, text_hash, _without_content(line))
        return OpenedStatement(statement, packed, text_hash, body, verified.key_id)

    def _require_standing(self, statement: Numbered | Signal, verified: Verified) -> None:
        if not self.trust.is_active(statement.sender, statement.at):
            raise StatementRefused(Refusal.INACTIVE_SENDER, "the sender was not active when it was made")
        if self.trust.signing_key(statement.sender, verified.key_id, statement.at) is None:
            raise StatementRefused(Refusal.INACTIVE_SENDER, f"the key {verified.key_id} did not count when it was made")


def _read_header(line: bytes) -> EnvelopeHeader:
    if not 0 < len(line) <= MAX_HEADER_BYTES:
        raise EnvelopeRefused(Refusal.BAD_HEADER, "no header line of the allowed length")
    try:
        content = strict_json.loads(line)
        if isinstance(content, dict) and type(content.get("v")) is not int:  # the model would take true and 1.0 for 1
            raise EnvelopeRefused(Refusal.BAD_HEADER, "v is missing, or no whole number")
        return EnvelopeHeader.model_validate(content, strict=True)
    except ValidationError as error:
        raise EnvelopeRefused(Refusal.BAD_HEADER, _first_mistake(error)) from error
    except strict_json.BadJson as error:
        raise EnvelopeRefused(Refusal.BAD_HEADER, str(error)) from error


def _sender_keys(header: EnvelopeHeader, trust: TrustedDirectory) -> Mapping[str, str]:
    entry = trust.entry(header.sender)
    if entry is None:
        raise EnvelopeRefused(Refusal.UNKNOWN_SENDER, f"{header.sender} is not in the directory", header)
    if entry.status != "active":
        raise EnvelopeRefused(Refusal.INACTIVE_SENDER, f"{header.sender} is {entry.status}", header)
    return {key.id: key.public for key in entry.signing}


def _own_keys(header: EnvelopeHeader, trust: TrustedDirectory) -> Mapping[str, str]:
    entry = trust.entry(header.recipient)
    return {key.id: key.public for key in entry.signing} if entry is not None else {}


def _agree(content: Mapping[str, Any], signer: str, told: str) -> None:
    if content.get("sender") != signer:
        raise StatementRefused(Refusal.HEADER_MISMATCH, "the signed sender is not the header's")
    to = content.get("to")
    if told not in (to if isinstance(to, dict) else (to,)):
        raise StatementRefused(Refusal.HEADER_MISMATCH, f"{told} is no signed recipient")


def _read_object(payload: bytes) -> Mapping[str, Any]:
    try:
        content = strict_json.loads(payload)
    except strict_json.BadJson as error:
        raise StatementRefused(Refusal.MALFORMED, f"the payload can't be read: {error}") from error
    if not isinstance(content, dict):
        raise StatementRefused(Refusal.MALFORMED, "the payload is not a JSON object")
    return content


def _parse(content: Mapping[str, Any], payload: bytes) -> Numbered | Signal:
    kind = content.get("kind")
    if isinstance(kind, str) and kind not in KINDS:
        raise StatementRefused(Refusal.UNKNOWN_KIND, "a kind that this version does not know")
    if content.get("_sd_alg", "sha-256") != "sha-256":  # the default where it is missing (RFC 9901, 4.1.1)
        raise StatementRefused(Refusal.MALFORMED, "_sd_alg: digests are SHA-256")
    try:
        return STATEMENT.validate_json(payload, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        raise StatementRefused(Refusal.MALFORMED, _first_mistake(error)) from error


def _without_content(line: bytes) -> bytes:
    return line.partition(b"~")[0]


def _first_mistake(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    # Deeper than our own field names stand words that the sender chose.
    place = ".".join(str(part) for part in first["loc"][:2]) if first["type"] != "extra_forbidden" else ""
    return f"{place}: {first['type']}" if place else first["type"]


def _message_id(payload: bytes) -> str | None:
    try:
        return _MESSAGE_ID.validate_python(_read_object(payload).get("id"))
    except (StatementRefused, ValidationError):
        return None
