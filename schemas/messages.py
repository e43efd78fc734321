"""Every signed statement that nodes make to each other: one union, told apart by `kind`.

A statement is the payload of a JWS (RFC 7515). What a form or an attachment *says* stands in it only as
salted digests (RFC 9901); the disclosures travel beside it and can be erased while the statement goes on
verifying.

Statements with an effect are *numbered*: each carries, for every recipient, the next number of that
sender's gap-free stream to that recipient. Signals (receipts, requests to send again, numbers to be
passed by, heads of ledgers) have no effect of their own on an exchange, are safe to repeat, and are not numbered.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, NonNegativeInt, PositiveInt, TypeAdapter

from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, ExchangeId, Hash, MessageId, NodeId, Slug, UtcTime
from schemas.refusal import Refusal
from schemas.statistics import IndicatorRow, StatisticsRow

MAX_RECEIPTS = 2000  # entries of one statement of receipts
MAX_RANGES = 200  # of one request to send again


def _is_empty(value: object) -> bool:
    """What says nothing is not said: a statement has no empty fields."""
    return not value


class _Statement(Frozen):
    """What every statement says. Fields added by later versions are kept in the signed bytes and ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    id: MessageId
    sender: NodeId
    at: UtcTime


class _Numbered(_Statement):
    to: dict[NodeId, PositiveInt]
    """All recipients, each with this statement's number in the sender's stream to it."""

    digests: tuple[Hash, ...] = Field(default=(), alias="_sd")
    """SHA-256 of each disclosure, sorted (RFC 9901, 4.2.4.1)."""

    @property
    def recipients(self) -> frozenset[str]:
        """The nodes that this statement is made to."""
        return frozenset(self.to)


class _Signal(_Statement):
    to: NodeId

    @property
    def recipients(self) -> frozenset[str]:
        """The node that this signal is made to."""
        return frozenset((self.to,))


class Seen(Frozen):
    """The last statement of one sender in an exchange, as somebody knew it: what a step builds on."""

    sequence: PositiveInt
    hash: Hash


class Step(_Numbered):
    """A party takes a step of the procedure: sends, accepts, replies, comments, closes."""

    kind: Literal["step"] = "step"
    exchange: ExchangeId
    sequence: PositiveInt
    """Counts the sender's own steps in this exchange, without a gap."""
    seen: dict[NodeId, Seen]
    """The last step of every party that the sender had applied, its own included; empty when opening."""
    area: Slug
    version: PositiveInt
    procedure: Slug
    step: Slug
    authority: AuthorityId
    parties: dict[Slug, NodeId]
    """Which node plays which role; said in every step, and the same in all of them."""
    authorities: dict[Slug, AuthorityId]
    """Which authority acts for a role from this step on, where the step says so."""
    further: tuple[AuthorityId, ...] = Field(default=(), exclude_if=_is_empty)
    """Authorities of the sender's country that join from this step on, for a part."""
    on_behalf_of: AuthorityId | None = Field(default=None, exclude_if=_is_empty)
    """The local authority for which the sender's central one acts."""


class Chunk(_Numbered):
    """A piece of an attachment; its bytes are the one disclosure. All pieces precede the step that names it."""

    kind: Literal["chunk"] = "chunk"
    exchange: ExchangeId
    attachment: Hash
    """SHA-256 of the whole file."""
    index: NonNegativeInt
    count: PositiveInt


class DirectoryUpdate(_Numbered):
    """The Commission passes on the signed directory, and the chain of roots that leads to its signers."""

    kind: Literal["directory"] = "directory"
    roots: tuple[str, ...]
    directory: str


class AuthoritiesPublished(_Numbered):
    """A node makes its authorities, coordinators and contacts known, a page at a time.

    Each authority is one disclosure, named by its id: contact persons can be erased from what was said.
    """

    kind: Literal["authorities"] = "authorities"
    version: PositiveInt
    """Grows with each publication of that node; the pages of one version stand together for its whole country."""
    page: PositiveInt
    pages: PositiveInt


class DeclarationPublished(_Numbered):
    """The Commission makes a version of a policy area known: for consultation, in force, or retired.

    The text of the declaration is the one disclosure, `declaration`; a retirement has none.
    """

    kind: Literal["declaration"] = "declaration"
    area: Slug
    version: PositiveInt
    hash: Hash
    """SHA-256 of the declaration's text."""
    stage: Literal["consultation", "in_force", "retired"]
    since: UtcTime
    """From when on the stage counts; exchanges keep the version that they began with."""


class StatisticsReport(_Numbered):
    """A node tells the Commission how many exchanges it knows, by country, status and time; nothing more."""

    kind: Literal["statistics"] = "statistics"
    as_of: UtcTime
    rows: tuple[StatisticsRow, ...]
    indicators: tuple[IndicatorRow, ...] = Field(default=(), exclude_if=_is_empty)
    no_cases: tuple[int, ...] = Field(default=(), exclude_if=_is_empty)
    """Years of which the node confirms that it took part in no exchange."""


class Retention(_Numbered):
    """A party confirms that it has blocked, or deleted, the personal data of an exchange (IMI Regulation, Art. 14).

    There is no personal data in it: it outlives them, and shows the others who has not confirmed.
    """

    kind: Literal["retention"] = "retention"
    exchange: ExchangeId
    what: Literal["blocked", "deleted"]
    because: Literal["due", "no_longer_needed", "asked"]
    """Time alone; before its time, since the sender needs the data no longer; on an authority's express request."""
    closed_at: UtcTime
    """The formal closure that it is counted from; for another closure it says nothing."""


class EarlyDeletion(_Numbered):
    """An authority asks all parties to delete now, with the consent of the persons concerned (Art. 14(5)).

    The consent itself, and who gave it, stay in the register of the sender's node.
    """

    kind: Literal["early_deletion"] = "early_deletion"
    exchange: ExchangeId
    authority: AuthorityId
    closed_at: UtcTime
    """The formal closure that it follows; another one since then is about other needs."""
    request: PositiveInt
    """Its number in the register of the sender's node."""


class Rectification(_Numbered):
    """A party says something about one answer of a step, for as long as the step itself is kept (Art. 19).

    Only who took the step corrects or erases; any party notes that an answer is contested, or its use restricted. The
    corrected answer is the disclosure `corrected`, a remark the disclosure `remark`.
    """

    kind: Literal["rectification"] = "rectification"
    exchange: ExchangeId
    authority: AuthorityId
    about: MessageId
    """The step."""
    act: Literal["corrects", "erases", "contests", "restricts"]
    field: Slug


class Receipt(Frozen):
    """What became of one message at its recipient, in the ladder of ETSI EN 319 522."""

    message: MessageId
    hash: Hash
    outcome: Literal["delivered", "opened", "refused"]
    code: Refusal | None = None
    detail: str = Field(default="", max_length=500)


class Receipts(_Signal):
    """Signed receipts that waited together."""

    kind: Literal["receipts"] = "receipts"
    entries: Annotated[tuple[Receipt, ...], Field(min_length=1, max_length=MAX_RECEIPTS)]


class Resend(_Signal):
    """The sender lacks these numbers of the recipient's stream to it, both ends included; send them again."""

    kind: Literal["resend"] = "resend"
    missing: Annotated[tuple[tuple[PositiveInt, PositiveInt], ...], Field(max_length=MAX_RANGES)]
    """None where the sender only says what it expects."""
    expects: PositiveInt
    """The next number that the sender waits for: all before it have arrived.

    A recipient that has given fewer numbers has lost its memory of the others, and gives none of them again; where
    it has receipts for this number or later ones, the sender has lost those statements.
    """


class Recall(_Signal):
    """The sender asks for its own statements: what the recipient holds of the sender's stream to it, from a number on.

    A node whose store was replaced by an older copy learns by the answer what it has lost. The recipient sends the
    statements as they were signed, and says in a request to send again which number it waits for.
    """

    kind: Literal["recall"] = "recall"
    from_number: PositiveInt
    """The number that the sender would give to its next statement."""


class Skip(_Signal):
    """The sender will not say any more what had this number in its stream to the recipient: it is passed by.

    Either the content was blocked or deleted before it could be delivered, or the sender itself has lost it. Only
    the sender can say so: the same statement without its content proves nothing, whoever has it could send that.
    """

    kind: Literal["skip"] = "skip"
    skipped: PositiveInt
    statement: MessageId | None = None
    """Which statement it was, and its hash; none where the sender does not know any more."""
    statement_hash: Hash | None = None


class Checkpoint(_Signal):
    """How long the sender's ledger is, and the hash of its last entry: what stands before it can't be rewritten unseen.

    The recipient keeps it. It tells how busy the sender is, and nothing else.
    """

    kind: Literal["checkpoint"] = "checkpoint"
    entries: PositiveInt
    head: Hash


OnData = Retention | EarlyDeletion | Rectification
"""About the personal data of one exchange."""
OfExchange = Step | Chunk | OnData
"""What belongs to one exchange."""
Numbered = OfExchange | DirectoryUpdate | AuthoritiesPublished | DeclarationPublished | StatisticsReport
Signal = Receipts | Resend | Recall | Skip | Checkpoint
Statement = Annotated[Numbered | Signal, Field(discriminator="kind")]

STATEMENT: TypeAdapter[Numbered | Signal] = TypeAdapter(Statement)
"""Reads a statement from its JSON; raises `pydantic.ValidationError`."""
