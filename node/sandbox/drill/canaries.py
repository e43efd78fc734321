"""Canaries: words that nobody else writes, one for each place of a form that takes text, a birth date or a file.

Each is unique for exchange, party, step and field, so that one that turns up tells where it came from. All begin with
the same mark, by which a search finds them quickly, and go on with letters drawn anew for each run.
"""

import secrets
import string
from dataclasses import dataclass, field
from datetime import date

MARK = "zqcanaryqzkx"
LETTERS = 8
"""After the mark: 36**8 words, so that two never meet."""

_ALPHABET = string.ascii_lowercase + string.digits
_FIRST_YEAR = 1901  # of birth dates of nobody alive, and no date of a case


@dataclass(frozen=True)
class Canary:
    """One word, and where it was written."""

    word: str
    case: str
    """What the drill calls the exchange."""
    author: str
    """The node of the party that wrote it."""
    step: str
    field: str
    personal: bool
    """In a field that holds personal data, or in a file."""
    searchable: bool
    """In a text of the form, so that the index leads to it."""
    sent: bool
    """In a step that was taken; what is only prepared never leaves its node."""

    def __str__(self) -> str:
        return f"{self.case}, {self.author} {self.step}: {self.field}"


@dataclass
class Sheet:
    """All canaries of a drill."""

    canaries: list[Canary] = field(default_factory=list)

    def word(self) -> str:
        """A new word of text."""
        return MARK + "".join(secrets.choice(_ALPHABET) for _ in range(LETTERS))

    def day(self) -> str:
        """A new day, for a date of birth: each of another year, which is in every form that it may be written in."""
        number = sum(not canary.word.startswith(MARK) for canary in self.canaries)
        return date(_FIRST_YEAR + number, 1 + number % 12, 1 + number % 28).isoformat()

    def note(self, canary: Canary) -> str:
        """Keep a canary, and return its word."""
        self.canaries.append(canary)
        return canary.word
