"""What an engine must do: take a text, and answer at once or later.

A text that was taken is a job. Its translation is either what `submit` returns, or comes later to an address of the
node that nobody else can guess. Which of the two is the engine's own way; whoever submits has to be ready for both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

Pair = tuple[str, str]
"""Source and target language (ISO 639-1)."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text to translate."""

    job: str
    """What the engine is told to name the job by; it says nothing of a case."""
    text: str = field(repr=False)
    source: str
    target: str
    back: str = field(default="", repr=False)
    """The last part of the address where a later answer is expected: a secret of this one job."""


@dataclass(frozen=True, slots=True)
class Translated:
    """A translation."""

    text: str = field(repr=False)
    version: str = ""
    """Of the engine, as far as it says so."""
    unknown: float | None = None
    """The share of words that the engine did not know, from 0 to 1; None where it does not say."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The engine has the text, and answers later."""

    reference: str
    """The engine's own name of the job."""


Outcome = Translated | Accepted


class EngineAway(Exception):
    """The engine can't be used now: try again. The message says what is wrong, without a word of the text."""

    def __init__(self, reason: str, *, pause_seconds: float | None = None) -> None:
        """Say what is wrong.

        Args:
            reason: for the operator.
            pause_seconds: how long the engine wants to be left alone; None leaves it to the caller.
        """
        super().__init__(reason)
        self.pause_seconds = pause_seconds


class EngineBusy(EngineAway):
    """It has as much to do as it allows us; waiting is all that helps, and no fault of the text."""


class EngineDeclined(Exception):
    """The engine won't ever translate this text; another may. The message has its code, and no word of the text."""


class Engine(Protocol):
    """A translation engine."""

    @property
    def name(self) -> str:
        """As the node's configuration has it."""

    @property
    def outside(self) -> bool:
        """Whether texts leave the node's own premises."""

    @property
    def at_once(self) -> int:
        """How many jobs it takes at a time."""

    @property
    def answers_later(self) -> bool:
        """Whether translations come to an address of the node; such an engine is not chained over a third language."""

    async def pairs(self) -> frozenset[Pair]:
        """Which languages it translates into which; raises EngineAway."""

    async def submit(self, text: Text) -> Outcome:
        """Hand over a text.

        Raises:
            EngineAway, EngineBusy: try again later.
            EngineDeclined: it won't ever take this one.
        """

    async def close(self) -> None:
        """Let go of connections."""


AnswerKind = Literal["done", "delivery", "document", "failed"]
"""By which address an answer came: a snippet's translation, the same as a delivery, a document, a failure."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine has to say of a job, later."""

    job: str
    reference: str
    target: str
    """In small letters; empty in a failure."""
    text: str | None = field(default=None, repr=False)
    """None for a failure, and for a mere notice that a document is ready."""
    failure: EngineAway | EngineDeclined | None = None


class BadAnswer(ValueError):
    """What came to the address is no answer of this engine."""


class LaterEngine(Engine, Protocol):
    """An engine that answers later."""

    def read(self, kind: AnswerKind, query: Mapping[str, str], body: bytes) -> Answer:
        """Read what came to the address of a job; raises BadAnswer."""
