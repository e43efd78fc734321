"""The ledger as auditors see it: who read personal data of which exchange, when and why; never what they say."""

from enum import StrEnum

from pydantic import Field, JsonValue, PositiveInt

from schemas.frozen import Frozen
from schemas.identifiers import UtcTime
from schemas.search import Words


class Purpose(StrEnum):
    """Why somebody reads personal data. A closed list: a sentence could itself name a person."""

    HANDLING = "handling"
    SUPERVISION = "supervision"
    REFERRAL = "referral"
    DATA_SUBJECT = "data_subject"
    PROOF = "proof"
    PUBLIC_INTEREST = "public_interest"
    SUPPORT = "support"


PURPOSES: dict[Purpose, str] = {
    Purpose.HANDLING: "to handle the exchange",
    Purpose.SUPERVISION: "to supervise how it is handled",
    Purpose.REFERRAL: "to decide a referral",
    Purpose.DATA_SUBJECT: "to answer a person whose data it holds",
    Purpose.PROOF: "to prove an exchange, with the person's consent",
    Purpose.PUBLIC_INTEREST: "for an overriding public interest",
    Purpose.SUPPORT: "to help a user who handles it",
}


class LedgerLine(Frozen):
    """An entry of the ledger."""

    seq: PositiveInt
    at: UtcTime
    actor: str
    """A user's id, an authority, or the node itself."""
    action: str
    subject: str
    """A case number, where the entry is about one."""
    detail: dict[str, JsonValue]


class WhoSaw(Frozen):
    """Whose data it is about: words that the exchange says, or its number where they are blocked."""

    words: Words = ""
    number: Words = ""
    limit: int = Field(default=500, ge=1, le=5000)


class Sightings(Frozen):
    """Who saw the personal data of the exchanges that were found, the newest first."""

    exchanges: int
    """In how many exchanges it stands."""
    lines: tuple[LedgerLine, ...]
    more: bool
    """There are more exchanges or lines than were asked for."""
    behind: int
    """Statements that are not in the index yet."""


class CheckpointView(Frozen):
    """The signed head of a ledger."""

    node: str
    entries: PositiveInt
    head: str
    at: UtcTime
    to: str
    jws: str
