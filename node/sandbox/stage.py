"""What the visitor of a demo sees: lines of at most 100 columns, in colour only on a terminal."""

import time
from collections.abc import Iterable
from datetime import datetime

from rich.console import Console
from rich.text import Text

from schemas.api import StepView

COLUMNS = 100
_ROUTE, _SAYS, _KEY = 11, 35, 15  # columns of a step's parts, with two between them
_KEY_STYLE = "cyan"
_MILLISECONDS = 1000

Part = str | tuple[str, str]
"""Text, or text with its style."""


class Stage:
    """Writes to standard output, line by line; each is complete when it appears."""

    def __init__(self, console: Console | None = None) -> None:
        """Begin to count the seconds."""
        self._console = console or Console(highlight=False)
        self._began = time.monotonic()
        speaks_unicode = self._console.encoding.lower().startswith("utf")
        self._arrow, self._rule, self._more = ("→", "─", "…") if speaks_unicode else (">", "-", ".")

    def progress(self, doing: str) -> None:
        """Say what is being done, and how many seconds the demo has run."""
        self._print((f"  {time.monotonic() - self._began:5.1f} s  ", "dim"), doing)

    def heading(self, title: str) -> None:
        """Begin a part, over a rule."""
        self._print()
        self._print((title, "bold"))
        self._print((self._rule * COLUMNS, "dim"))

    def note(self, text: str) -> None:
        """Say something that a visitor may skip."""
        self._print((text, "dim"))

    def say(self, *parts: Part) -> None:
        """Say something."""
        self._print(*parts)

    def event(self, text: str, style: str = "") -> None:
        """Say what has happened just now."""
        self._print((f"  {datetime.now().astimezone():%H:%M:%S}  ", "dim"), (text, style))

    def failure(self, what: str, reason: str) -> None:
        """Say why it is over."""
        self._print((f"{what}: ", "bold red"), reason)

    def columns(self) -> None:
        """Head the columns of the steps."""
        self._print(
            (f"  {'time':8}  {'from, to':{_ROUTE}}  {'step':{_SAYS}}  {'signed with':{_KEY}}  delivered after", "dim")
        )

    def step(self, step: StepView, says: str, key: str) -> None:
        """Tell a step: when, from whom to whom, what, with which key signed, and the recipients' signed receipts."""
        recipients = [delivery.recipient for delivery in step.deliveries]
        receipts = ", ".join(
            f"{delivery.recipient} {_milliseconds(step.at, delivery.ended_at)}" for delivery in step.deliveries
        )
        shown = key if len(key) <= _KEY else f"{key[: _KEY - 1]}{self._more}"
        self._row(step.at, step.sender, recipients, says, (f"{shown:{_KEY}}", _KEY_STYLE), ("  " + receipts, "green"))

    def opened(self, by: str, to: str, at: datetime) -> None:
        """Tell that an authority has seen what was sent to it, for which its node gave another receipt."""
        self._row(at, by, [to], "opened by the competent authority", ("in a signed receipt", "dim"))

    def commands(self, commands: Iterable[tuple[str, str]]) -> None:
        """List commands to copy, each under what it shows."""
        for command, shows in commands:
            self._print(("  # " + shows, "dim"))
            self._print(("  " + command, "bold"))

    def _row(self, at: datetime, sender: str, recipients: Iterable[str], says: str, *rest: Part) -> None:
        route = f"{sender} {self._arrow} {', '.join(recipients)}"
        self._print(
            (f"  {at.astimezone():%H:%M:%S}  ", "dim"), (f"{route:{_ROUTE}}  ", "bold"), f"{says:{_SAYS}}  ", *rest
        )

    def _print(self, *parts: Part) -> None:
        self._console.print(Text.assemble(*parts), soft_wrap=True)


def _milliseconds(sent_at: datetime, received_at: datetime | None) -> str:
    if received_at is None:
        return "none"
    return f"{(received_at - sent_at).total_seconds() * _MILLISECONDS:.0f} ms"
