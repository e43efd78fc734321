"""What a node says of itself through its API, to pages, commands and other systems."""

from typing import Literal

from pydantic import Field

from schemas.exchange import Exchange
from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, MessageId, NodeId, Slug, UtcTime
from schemas.refusal import Refusal
from schemas.statistics import StatisticsRow


class DeliveryView(Frozen):
    """How far a step has come at one recipient."""

    recipient: NodeId
    state: Literal["waiting", "published", "delivered", "refused"]
    """`published` means that the broker has it: nobody knows yet whether the recipient does."""
    published_at: UtcTime | None = None
    ended_at: UtcTime | None = None
    """When the recipient signed the receipt."""
    opened_at: UtcTime | None = None
    code: Refusal | None = None
    help: str = ""


class StepView(Frozen):
    """A step in the history of an exchange."""

    message: MessageId
    step: Slug
    label: str
    sender: NodeId
    authority: AuthorityId
    at: UtcTime
    state: Slug
    crossed: bool
    form: dict[str, object] | None
    """What it says; None when blocked or deleted."""
    deliveries: tuple[DeliveryView, ...] = ()


class ExchangeView(Frozen):
    """An exchange with its content, as its parties see it."""

    exchange: Exchange
    label: str
    """The procedure."""
    state_label: str
    turn: Slug | None
    """The role that is expected to act next."""
    next_due_at: UtcTime | None
    """When the personal data will be blocked, or deleted."""
    steps: tuple[StepView, ...]
    possible: tuple[Slug, ...]
    """Steps that this node may take now."""
    draft: dict[str, object] | None = None


class BrokerView(Frozen):
    """The connection to the broker."""

    connected: bool
    detail: str
    rebuilt: int


class NodeStatus(Frozen):
    """How a node is."""

    node: NodeId
    at: UtcTime
    ready: bool
    """It can sign, write, reach its broker, and its directory is in force."""
    broker: BrokerView
    directory_version: int
    directory: Literal["fresh", "in_grace", "expired"]
    outbox: dict[str, int]
    """Rows by state: waiting, published, delivered, refused."""
    outbox_since: UtcTime | None
    """Since when the oldest message without a receipt is on its way."""
    signals: int
    """Receipts, requests, and what is given back to peers, that wait to be published."""
    waiting: dict[str, int]
    """Statements that came early, by what they wait for."""
    quarantine: int
    """What came and could not be processed."""
    alarms: tuple[str, ...] = ()
    """What somebody has to look at, each in a sentence with the remedy."""


class QuarantineView(Frozen):
    """Something that came and could not be processed."""

    id: int
    at: UtcTime
    last_at: UtcTime
    repeats: int
    code: Refusal
    help: str
    sender: NodeId | None
    message_id: str | None
    detail: str
    size: int


class StatisticsView(Frozen):
    """What was reported to the Commission, or what a node counts itself."""

    reports: dict[NodeId, tuple[StatisticsRow, ...]]


class FieldProblem(Frozen):
    """A field that is filled in wrongly."""

    field: str
    message: str


class Problem(Frozen):
    """An error, after RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    code: str = ""
    problems: tuple[FieldProblem, ...] = Field(default=())
