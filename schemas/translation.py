"""Machine translations beside what was said, and what a node's engines can do."""

from typing import Literal

from schemas.frozen import Frozen
from schemas.identifiers import UtcTime

SourceBy = Literal["author", "detector", "country"]
"""Who says which language a text is in: its author, a detector, or only where it comes from."""

TranslationState = Literal["waiting", "done", "failed", "no_engine", "withheld"]
"""`withheld`: the text may hold personal data, and this node sends none of those to an outside engine."""

POOR = 0.15
"""The share of unknown words from which a translation is marked as poor."""


class TranslationView(Frozen):
    """A translation of one text of a step, for information: the original counts."""

    field: str
    """Where the text stands: `facts`, `provisions[1].provision_explanation`."""
    source: str
    source_by: SourceBy
    target: str
    state: TranslationState
    text: str = ""
    engine: str = ""
    version: str = ""
    via: str = ""
    """The language in between, where there was one."""
    made_at: UtcTime | None = None
    unknown: float | None = None
    """The share of words that the engine did not know; None where it does not say."""
    reason: str = ""
    """Why there is none."""

    @property
    def is_poor(self) -> bool:
        """Whether the engine did not know many of the words."""
        return self.unknown is not None and self.unknown > POOR


class EngineView(Frozen):
    """An engine as the node finds it."""

    name: str
    outside: bool
    """Whether texts leave the premises."""
    is_known: bool
    """Whether it has said what it can do."""
    trouble: str = ""
    """What is wrong with it now."""
    pairs: tuple[str, ...] = ()
    """`it-es`; as far as the target is a language of this node."""


class TranslationStatus(Frozen):
    """What a node can have translated, and what is on its way."""

    languages: tuple[str, ...]
    """What arrives is translated into these."""
    outside_engine_for_personal: bool
    engines: tuple[EngineView, ...] = ()
    routes: tuple[str, ...] = ()
    """Pairs that can be translated, each with who does it: `it-es by apertium`, `it-en by apertium over es`."""
    lacks: tuple[str, ...] = ()
    """Pairs from an official language of the federation for which there is no engine."""
    jobs: dict[str, int] = {}
    """Translations by state."""


class Draft(Frozen):
    """A text whose language is asked for."""

    text: str


class Suggestion(Frozen):
    """What a detector takes the language of a text to be; the author chooses."""

    language: str | None
