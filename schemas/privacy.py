"""The rights of persons, and what is asked about their data: a register, orders, and what is shown of it.

A request in the register holds no personal data: what does (reasons, proof of consent, who asks) is its `Detail`, kept
sealed beside it.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, JsonValue, NonNegativeInt, PositiveInt, StringConstraints, model_validator

from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, ExchangeId, Hash, MessageId, NodeId, Slug, UtcTime
from schemas.people import UserId

RequestKind = Literal[
    "blocked_access",  # to look at blocked data once more (IMI Regulation, Art. 14(3))
    "early_deletion",  # before three years are over, with consent (Art. 14(5))
    "access",  # a person asks which data there are (Art. 19)
    "correction",  # a person asks for correction
    "erasure",  # a person asks for deletion of data that should not be there
    "contest",  # a person contests data
    "restriction",  # a person asks that data be used only in so far
]
Ground = Literal[
    "proof_with_consent",  # proof of an exchange, with the person's consent
    "public_interest",  # overriding reasons of public interest
]
Status = Literal["open", "granted", "refused"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Saying = Literal["corrects", "erases", "contests", "restricts"]

OF_AUTHORITIES: frozenset[RequestKind] = frozenset({"blocked_access", "early_deletion"})
"""What an authority asks for, and a second person decides; the others are asked for by the persons themselves."""


class Detail(Frozen):
    """What is kept sealed of a request."""

    reasons: Text = ""
    consent: Text = ""
    """Where the proof of the person's consent is: a reference, date and place of a document."""
    person: Text = ""
    """Who asks, and how to answer."""
    answer: Text = ""
    """What was decided and why, or what the person was told."""


class Asking(Frozen):
    """Something is asked about personal data."""

    kind: RequestKind
    authority: AuthorityId
    """For whom it is asked, or who has to answer the person."""
    exchange: ExchangeId | None = None
    """None where a person asks about no exchange in particular."""
    ground: Ground | None = None
    received_on: date | None = None
    """When a person's request reached the authority; today by default."""
    detail: Detail

    @model_validator(mode="after")
    def _is_founded(self) -> "Asking":
        if self.exchange is None and self.kind != "access":
            raise ValueError("exchange: only a person's request for access may name none")
        if (self.ground is not None) != (self.kind == "blocked_access"):
            raise ValueError("ground: access to blocked data names one, and nothing else does")
        needs_consent = self.kind == "early_deletion" or self.ground == "proof_with_consent"
        if needs_consent and not self.detail.consent:
            raise ValueError("detail.consent: say where the proof of the person's consent is")
        if self.kind in OF_AUTHORITIES and not self.detail.reasons:
            raise ValueError("detail.reasons: say why")
        return self


class DataRequest(Frozen):
    """A request as it stands in the register; no personal data."""

    number: PositiveInt
    kind: RequestKind
    authority: AuthorityId
    exchange: ExchangeId | None
    ground: Ground | None
    asked_by: UserId | None
    asked_at: UtcTime
    received_on: date
    due_on: date | None
    """By when a person has to have an answer: 30 days after it was received (Art. 19(1))."""
    status: Status = "open"
    decided_by: UserId | None = None
    decided_at: UtcTime | None = None
    until: UtcTime | None = None
    """Until when blocked data may be looked at."""
    views: NonNegativeInt = 0
    """How often they were looked at."""

    def overdue(self, today: date) -> bool:
        """Whether it should have been answered by now."""
        return self.status == "open" and self.due_on is not None and self.due_on < today


class DataRequestView(Frozen):
    """A request with what is kept sealed of it, for those who have to do with it."""

    request: DataRequest
    detail: Detail | None
    """None where this reader has not to do with it, or it was deleted three years after the decision."""


class Decision(Frozen):
    """What is decided about a request."""

    granted: bool
    answer: Text = ""
    hours: Annotated[int, Field(ge=1, le=72)] = 24
    """For how long blocked data may be looked at."""


class BlockOrder(Frozen):
    """An authority, or its coordinator, needs the data of an exchange no longer."""

    authority: AuthorityId


class RectificationOrder(Frozen):
    """Something is to be said to all parties about one answer of a step."""

    authority: AuthorityId
    about: MessageId
    act: Saying
    field: Slug
    corrected: JsonValue = None
    remark: Text = ""
    request: PositiveInt | None = None
    """The person's request that is granted by it, if it is in the register."""

    @model_validator(mode="after")
    def _says_something(self) -> "RectificationOrder":
        if (self.act == "corrects") != (self.corrected is not None):
            raise ValueError("corrected: a correction says what is right, and nothing else does")
        if self.act in ("contests", "restricts") and not self.remark:
            raise ValueError("remark: say what is contested, or how the use is restricted")
        return self


class RectificationView(Frozen):
    """What was said about an answer."""

    act: Saying
    field: Slug
    sender: NodeId
    authority: AuthorityId
    at: UtcTime
    corrected: JsonValue = None
    remark: str = ""
    withheld: bool = False
    """What exactly is not shown: to this reader, or to anybody any more."""


class KeptView(Frozen):
    """What one party has said of blocking and deletion, for the present closure."""

    party: NodeId
    blocked_at: UtcTime | None = None
    deleted_at: UtcTime | None = None
    hash: Hash | None = None
    """Of the last signed confirmation."""


class RetentionView(Frozen):
    """Where blocking and deletion stand in an exchange, here and at the other parties."""

    exchange: ExchangeId
    closed_at: UtcTime | None
    blocking_due_at: UtcTime | None
    deletion_due_at: UtcTime | None
    blocked_at: UtcTime | None
    deleted_at: UtcTime | None
    others: tuple[KeptView, ...] = ()


class PrivacyCount(Frozen):
    """How many requests of a kind there are in the register."""

    kind: RequestKind
    open: NonNegativeInt = 0
    granted: NonNegativeInt = 0
    refused: NonNegativeInt = 0
    overdue: NonNegativeInt = 0


class PrivacyCounts(Frozen):
    """What a supervisory authority asks first; the pilot's were 0, 0 and 0."""

    blocked_accesses: NonNegativeInt
    """How often somebody looked at blocked data."""
    early_deletions: NonNegativeInt
    corrections: NonNegativeInt
    erasures: NonNegativeInt
    requests: tuple[PrivacyCount, ...]
