"""What a node says of itself through its API, to pages, commands and other systems."""

from datetime import date
from typing import Literal

from pydantic import Field

from schemas.deadlines import Due, Standing
from schemas.desk import Desk
from schemas.exchange import Exchange
from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, MessageId, NodeId, Slug, UtcTime
from schemas.privacy import RectificationView, RetentionView
from schemas.refusal import Refusal
from schemas.translation import TranslationView


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
    on_behalf_of: AuthorityId | None = None
    handed_to: tuple[AuthorityId, ...] = ()
    """The authorities of the same side that it was forwarded to, or that joined."""
    at: UtcTime
    state: Slug
    crossed: bool
    form: dict[str, object] | None
    """What it says; None when blocked or deleted."""
    withheld: tuple[str, ...] = ()
    """Fields that are left out for this reader, wholly or in part; the view of the exchange says why."""
    deliveries: tuple[DeliveryView, ...] = ()
    rectifications: tuple[RectificationView, ...] = ()
    """What was said since about its answers: corrected, erased, contested, restricted."""
    translations: tuple[TranslationView, ...] = ()
    """Of its free text by machine, for information: what it says counts."""


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
    """Steps that this reader may take now."""
    acts_as: dict[Slug, tuple[AuthorityId, ...]] = {}
    """For which authorities this reader takes a step, those that act in the exchange first; for later steps as well."""
    opens: bool = False
    """Whether this reader's look tells the other parties that the responsible authority opened it."""
    withheld: Literal["", "before_acceptance", "no_right"] = ""
    """Why others' personal data and files are left out for this reader, if they are."""
    draft: dict[str, object] | None = None
    """What is filled in of the opening step."""
    pending: dict[Slug, dict[str, object]] = {}
    """What is filled in of other steps and not taken yet, by step."""
    desk: Desk | None = None
    """How the own side works on it."""
    today: date
    """By the node's clock."""
    standing: Standing = Standing()
    """Whose turn it is, to do what, by when."""
    sentence: str
    """The same in one sentence, as a user of this node reads it."""
    retention: RetentionView | None = None
    """Who has blocked or deleted; none before formal closure."""
    sensitive: tuple[Slug, ...] = ()
    """That it holds special categories of data, or data on offences, on the ground that its form states."""
    deadlines: tuple[Due, ...] = ()
    """Periods that run, the one that ends first before the others."""
    language: str = "en"
    """Which translations this reader reads."""
    translates: bool = False
    """Whether this node has any engine for translations."""


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
    translation: tuple[str, ...] = ()
    """What can be translated on receipt, a sentence for each of the node's languages."""
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
