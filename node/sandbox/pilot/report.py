"""What a run of the pilot prints: at most 100 columns, the judgement first read from the last line."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from node.sandbox.pilot.checks import Check
from node.sandbox.pilot.comparison import DefectLine, Line, Verdict
from node.sandbox.pilot.following import Followed
from node.sandbox.pilot.judgement import Outcome

COLUMNS = 100

_STYLES = {
    Verdict.EQUAL: "green",
    Verdict.EXPLAINED: "yellow",
    Verdict.NOT_REPLAYED: "dim",
    Verdict.DIFFERENT: "bold red",
}


def print_outcome(console: Console, outcome: Outcome) -> None:
    """Print everything that a run found."""
    judgement = outcome.judgement
    if judgement.comparison:
        console.print(_comparison(judgement.comparison))
        console.print("\n[bold]Where the report contradicts itself[/bold]")
        _print_defects(console, judgement.defects)
    else:
        console.print(_following(judgement.following))
    console.print("\n[bold]What must hold beside the figures[/bold]")
    _print_checks(console, judgement.checks)
    console.print()
    _print_measured(console, outcome)
    _print_verdict(console, outcome)


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, width=COLUMNS, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, header_style="dim", ratio=1 if number == 1 else None, no_wrap=number != 1)
    return table


def _comparison(lines: Iterable[Line]) -> Table:
    table = _table("\nThe report COM(2021) 295 and this federation", "§", "Figure", "Report", "Here", "Verdict")
    for line in lines:
        label = Text(line.label)
        if line.note:
            label.append(f" ({line.note})", style="dim")
        verdict = Text(line.verdict.value, style=_STYLES[line.verdict])
        table.add_row(line.section, label, line.printed, line.ours, verdict)
    return table


def _following(lines: Iterable[Followed]) -> Table:
    table = _table("\nThe file of cases and this federation", "Figures", "From the nodes' signed statistics", "Verdict")
    for line in lines:
        told = Text(", ".join(f"{name} {count}" for name, count in sorted(line.nodes.items())))
        if line.differing:
            wanted = ", ".join(f"{name} {line.file.get(name, 0)}" for name in line.differing)
            told.append(f"\n  in the file: {wanted}", style="bold red")
        table.add_row(line.name, told, Text(line.verdict.value, style=_STYLES[line.verdict]))
    return table


def _print_defects(console: Console, defects: Iterable[DefectLine]) -> None:
    grid = Table.grid(padding=(0, 2), expand=False)
    grid.width = COLUMNS
    for defect in defects:
        text = Text(defect.text)
        text.append(f"\n{defect.finding}", style="dim")
        grid.add_row(f"§ {defect.section}", text)
    console.print(grid)


def _print_checks(console: Console, checks: Iterable[Check]) -> None:
    grid = Table.grid(padding=(0, 2), expand=False)
    grid.width = COLUMNS
    for check in checks:
        text = Text(check.claim)
        text.append(f"\n{check.detail}", style="dim" if check.holds else "bold red")
        grid.add_row(Text("holds", style="green") if check.holds else Text("FAILS", style="bold red"), text)
    console.print(grid)


def _print_measured(console: Console, outcome: Outcome) -> None:
    memory = outcome.memory
    used = (
        f"{memory.proportional_mib:.0f} MiB together (PSS; RSS {memory.resident_mib:.0f} MiB)"
        if memory is not None
        else "not measured on this system"
    )
    lines = {
        "Replayed": f"{outcome.cases} cases in {outcome.steps} steps, through {outcome.nodes} nodes over RabbitMQ",
        "Nodes": "a process each, with its own store, keys and broker user",
        "Ready": f"{outcome.ready_seconds:.1f} s after the first of them was started",
        "Memory": f"{used}, at the end",
        "Time": f"{outcome.total_seconds:.1f} s in all: "
        + ", ".join(f"{stage.name} {stage.seconds:.1f}" for stage in outcome.stages),
    }
    grid = Table.grid(padding=(0, 2), expand=False)
    grid.width = COLUMNS
    for name, line in lines.items():
        grid.add_row(Text(name, style="bold"), line)
    console.print(grid)


def _print_verdict(console: Console, outcome: Outcome) -> None:
    faults = outcome.judgement.faults
    if not faults:
        console.print("\n[bold green]Every figure is equal or explained, and everything that must hold holds.[/]")
        return
    console.print(f"\n[bold red]{len(faults)} differences that nothing explains:[/]")
    for fault in faults:
        console.print(Text(f"  {fault}", style="red"))
