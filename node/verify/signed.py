"""Verifies one signed statement of an archive: who signed it, with a key that counted when it was made."""

from dataclasses import dataclass

from pydantic import ValidationError

from node.crypto import jws, strict_json
from node.crypto.statement import StatementRefused, statement_hash, verify
from node.crypto.trust import TrustedDirectory
from schemas.messages import STATEMENT, Numbered, Signal


class NotProven(Exception):
    """The statement proves nothing; the sentence says why."""


@dataclass(frozen=True)
class Signed:
    """A statement whose sender is proven."""

    statement: Numbered | Signal
    hash: str
    key: str


def read_signed(text: str, trust: TrustedDirectory) -> Signed:
    """Verify a statement.

    Its sender and time have to be read before it is known whose key to try; they count only once that key verifies the
    very bytes that they stand in.

    Raises:
        NotProven: altered, malformed, or by a sender or key that did not count then.
    """
    claimed = _claimed(text)
    if not trust.is_active(claimed.sender, claimed.at):
        raise NotProven(
            f"no directory here shows {claimed.sender} as an active node at {claimed.at:%Y-%m-%d %H:%M} UTC"
        )

    def find_key(key_id: str) -> str | None:
        key = trust.signing_key(claimed.sender, key_id, claimed.at)
        return key.public if key is not None else None

    try:
        verified = verify(text, find_key)
    except StatementRefused as refused:
        raise NotProven(f"altered, or not signed by {claimed.sender}: {refused.detail}") from refused
    return Signed(claimed, statement_hash(text), verified.key_id)


def _claimed(text: str) -> Numbered | Signal:
    try:
        payload = jws.unverified_payload(text)
        strict_json.loads(payload)  # refuses what two readers could take differently
        return STATEMENT.validate_json(payload, strict=True, by_alias=True, by_name=False)
    except (jws.BadSignature, strict_json.BadJson, ValidationError) as error:
        raise NotProven("altered: it can't be read as a signed statement") from error
