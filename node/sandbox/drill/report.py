"""What a drill prints: a table of places and stages, at most 100 columns wide, and every surprise by name."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from node.sandbox.drill.findings import Finding, Outcome, Place
from node.sandbox.drill.stages import Stage

COLUMNS = 100
_NAMED = 12  # of one surprise; the file of --json names all

_LEGEND = """\
Each figure is how many canaries were seen, over all nodes; a dot is none. It is what must be there
and nothing else, unless an exclamation mark parts it from the figure that was expected. Of sealed
bytes, pieces of 16 are counted."""


def print_outcome(console: Console, outcome: Outcome) -> None:
    """Print everything that a drill found."""
    stages = [stage for stage in Stage if any(finding.stage == stage for finding in outcome.findings)]
    console.print()
    for number, stage in enumerate(stages, start=1):
        console.print(Text(f"{number}  {stage.value}"))
    console.print(_table(outcome.findings, stages))
    console.print(Text(_LEGEND, style="dim"))
    console.print()
    _print_measured(console, outcome)
    _print_verdict(console, outcome.surprises)


def _table(findings: Sequence[Finding], stages: Sequence[Stage]) -> Table:
    table = Table(
        title="\nWhere canaries were seen", title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    table.add_column("Place", header_style="dim", no_wrap=True)
    for number, _ in enumerate(stages, start=1):
        table.add_column(str(number), header_style="dim", justify="right", min_width=5)
    for place in Place:
        rows = [[each for each in findings if (each.place, each.stage) == (place, stage)] for stage in stages]
        if any(rows):
            table.add_row(place.value, *(_cell(each) for each in rows))
    return table


def _cell(findings: Sequence[Finding]) -> Text:
    if not findings:
        return Text("")
    seen, expected = sum(each.seen for each in findings), sum(each.expected for each in findings)
    if not all(each.as_expected for each in findings):
        return Text(f"{seen}!{expected}", style="bold red")
    return Text(str(seen), style="green") if seen else Text(".", style="dim")


def _print_measured(console: Console, outcome: Outcome) -> None:
    lines = {
        "Played": f"{outcome.cases} cases with {outcome.canaries} canaries, through {', '.join(outcome.nodes)}",
        "Searched": f"{outcome.files} files and {outcome.letters} waiting letters, {outcome.mebibytes:.0f} MiB; "
        f"{outcome.answers} answers",
        "Time": f"{outcome.seconds:.1f} s",
    }
    grid = Table.grid(padding=(0, 2), expand=False)
    for name, line in lines.items():
        grid.add_row(Text(name, style="bold"), line)
    console.print(grid)


def _print_verdict(console: Console, surprises: Iterable[Finding]) -> None:
    found = list(surprises)
    if not found:
        console.print("\n[bold green]Every canary is where it must be, and nowhere else.[/]")
        return
    console.print(f"\n[bold red]{len(found)} surprises:[/]")
    for each in found:
        where = f"{each.node}: {each.place.value}" if each.node else each.place.value
        console.print(Text(f"{where} ({each.stage})", style="red"))
        if each.place is Place.SEALED:
            console.print(Text(f"  {each.seen} pieces of what was sealed there are still on the disk"))
        _print_named(console, "must not be there", each.surplus)
        _print_named(console, "is missing", each.missing)


def _print_named(console: Console, what: str, names: Sequence[str]) -> None:
    for name in names[:_NAMED]:
        console.print(Text(f"  {what}: {name}"))
    if len(names) > _NAMED:
        console.print(Text(f"  and {len(names) - _NAMED} more"))
