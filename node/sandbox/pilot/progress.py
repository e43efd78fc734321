"""Shows how far a replay has come: a bar on a terminal, else a line for each stage and each year."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Shown(Protocol):
    """Where a run says how far it is."""

    def say(self, stage: str) -> None:
        """Say what is being done now."""

    def step(self, at: datetime) -> None:
        """Say that a step was taken, and what time it is in the history."""


class Lines:
    """Plain lines, for a file or another program."""

    def __init__(self, console: Console, steps: int) -> None:
        """Begin with no step."""
        self._console = console
        self._steps = steps
        self._taken = 0
        self._year = 0

    def say(self, stage: str) -> None:
        """Write what is being done now."""
        self._console.print(f"- {stage}")

    def step(self, at: datetime) -> None:
        """Write a line when a year begins."""
        if at.year != self._year:
            self._console.print(f"  {at.year}: after {self._taken} of {self._steps} steps")
            self._year = at.year
        self._taken += 1


class Bar:
    """A bar on a terminal, gone at the end."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        """Move this bar."""
        self._progress = progress
        self._task = task

    def say(self, stage: str) -> None:
        """Write what is being done now before the bar."""
        self._progress.update(self._task, description=stage, day="")

    def step(self, at: datetime) -> None:
        """Move on by a step."""
        self._progress.update(self._task, advance=1, day=f"{at:%d %b %Y}")


@contextmanager
def progress(console: Console, steps: int) -> Iterator[Shown]:
    """Show how far a run is, for as long as the block lasts.

    Args:
        console: where.
        steps: how many the history has.
    """
    if not console.is_terminal:
        yield Lines(console, steps)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} of {task.total} steps"),
        TextColumn("{task.fields[day]}", style="cyan"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as shown:
        yield Bar(shown, shown.add_task("", total=steps, day=""))
