"""Commands for statistics: show, report, confirm that there was no case, and check what was reported."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from node.cli.exchange import Folder
from node.cli.user import act_as

if TYPE_CHECKING:
    from node.handlers.counts.tabulation import Period, Table
    from schemas.statistics import Check, Scores

app = typer.Typer(help="Counts without content: for the Commission, the Scoreboard, anybody.", no_args_is_help=True)
app.callback()(act_as)

Year = Annotated[int, typer.Argument(min=1990, max=9999, metavar="YEAR")]

_BY_HELP = (
    "Divide by status, sender, receiver, country, month, blocked, doubtful, followed_up, or the name of a coded "
    "answer, such as duration; repeat it."
)


@app.command()
def show(
    *,
    folder: Folder,
    period: Annotated[str | None, typer.Option(help="When they were sent: 2026, 2026-Q1, 2026-03.")] = None,
    by: Annotated[list[str] | None, typer.Option(help=_BY_HELP)] = None,
    indicators: Annotated[
        bool, typer.Option("--indicators", help="The five indicators of the Single Market Scoreboard, by country.")
    ] = False,
    csv: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the table as CSV.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the table as JSON.")] = None,
) -> None:
    """Show how many exchanges there were: this node's own, or at the Commission's node those of all that reported."""
    from node.cli.forms import BadForm
    from node.cli.sheets import write_csv, write_json
    from node.handlers.counts.tabulation import Period, tabulate_scores, tell_scores

    chosen = Period.parse(period) if period is not None else None
    if indicators and by:
        raise BadForm("--by divides counts, and indicators are by country: leave out --by or --indicators")
    if indicators:
        measured = _measured(folder, chosen)
        table, shown = tabulate_scores(measured), tell_scores(measured)
    else:
        table = shown = _counted(folder, chosen, tuple(by or ("status",)))
    if csv is not None:
        write_csv(table, csv)
    if json is not None:
        write_json(table, json)
    if csv is None and json is None:
        _print(shown)


@app.command()
def report(*, folder: Folder) -> None:
    """Report to the Commission now, signed."""
    from node.cli.talk import ask

    count = ask(folder, lambda node: node.statistics.report())
    typer.echo(f"Reported. This node opened {count} exchange{'' if count == 1 else 's'} so far.")


@app.command("confirm-none")
def confirm_none(*, folder: Folder, year: Year) -> None:
    """Confirm that this node took part in no exchange sent in a year, and report it: silence can mean both."""
    from node.cli.talk import ask

    ask(folder, lambda node: node.statistics.confirm_none(year))
    typer.echo(f"Confirmed and reported: no case in {year}.")


@app.command()
def check(
    *,
    folder: Folder,
    year: Annotated[
        int | None, typer.Option(min=1990, max=9999, help="Of which year to list silent parties; this one by default.")
    ] = None,
) -> None:
    """At the Commission's node: list reports that contradict each other, and parties that are silent."""
    from node.cli.talk import ask

    _print_check(ask(folder, lambda node: node.statistics.check(year)))


def _counted(folder: Path, chosen: "Period | None", by: tuple[str, ...]) -> "Table":
    from node.cli.talk import ask, known_here
    from node.handlers.counts.statistics import coded_answers
    from node.handlers.counts.tabulation import require_features, tabulate

    require_features(by, coded_answers(known_here(folder)[1].values()))
    view = ask(folder, lambda node: node.statistics.show())
    return tabulate((row for rows in view.reports.values() for row in rows if chosen is None or chosen.has(row)), by)


def _measured(folder: Path, chosen: "Period | None") -> "tuple[Scores, ...]":
    from node.cli.talk import ask
    from node.handlers.counts.indicators import scores

    if chosen is not None:
        chosen.require_quarters()
    view = ask(folder, lambda node: node.statistics.show())
    side = _measured_as(folder)
    found = (row for rows in view.indicators.values() for row in rows if row.reported_as == side)
    return scores(row for row in found if chosen is None or chosen.has_quarter(row))


def _measured_as(folder: Path) -> str:
    """Who measures: at the Commission those who asked; a node sees what it received itself."""
    from node.config import read_config
    from schemas.identifiers import COMMISSION

    return "opened" if read_config(folder).node == COMMISSION else "received"


def _print(table: "Table") -> None:
    from node.cli.tables import print_table

    if not table.rows:
        typer.echo("There is nothing to count.")
    print_table(table.headings, ([str(value) if value is not None else "" for value in row] for row in table.rows))


def _print_check(found: "Check") -> None:
    from node.cli.tables import print_table

    if not found.contradictions:
        typer.echo("No report contradicts another.")
    print_table(
        ("procedure", "sent in", "opened by", "says", "to", "told by", "says"),
        (
            (
                f"{each.area} {each.procedure}",
                f"{each.year}-{each.month:02d}",
                each.opened_by,
                str(each.opened),
                each.addressed_to,
                each.told_by,
                str(each.received),
            )
            for each in found.contradictions
        ),
    )
    for each in found.silences:
        said = "confirmed that it had no case" if each.confirmed else "did not confirm that it had no case"
        typer.echo(f"{each.country}: in no exchange of {found.year}; {said if each.reported else 'reported nothing'}.")
