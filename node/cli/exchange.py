"""Commands for the exchanges of a running node: look at them, and export their evidence.

Those that take steps are in `node.cli.steps`.
"""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer

from node.cli.user import act_as

app = typer.Typer(help="Requests and notifications of a running node.", no_args_is_help=True)
app.callback()(act_as)

LOOK, ACT = "Look", "Act"

Folder = Annotated[Path, typer.Argument(metavar="NODE_FOLDER", help="The folder of the node; it has to run.")]
Number = Annotated[str, typer.Argument(metavar="CASE", help="The case number: ECOM-REQ-DE-2026-000001")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Why = Annotated[
    str | None,
    typer.Option(help="Why it is read, for the ledger: handling, supervision, referral, data_subject, proof ..."),
]

_LAST_STEPS = 2


@app.command("list", rich_help_panel=LOOK)
def list_(
    *,
    folder: Folder,
    state: Annotated[str | None, typer.Option(help="Only those in this state, such as accepted.")] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="Only those in which a date has passed, the longest overdue first.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, the newest first.")] = 50,
    json: Json = False,
) -> None:
    """List exchanges, the newest first."""
    from pydantic import TypeAdapter

    from node.cli.reading import OVERVIEW, overview
    from node.cli.tables import print_table
    from node.cli.talk import ask, known_here
    from schemas.exchange import Exchange

    config, areas = known_here(folder)
    found = ask(folder, lambda node: node.exchanges(state=state, overdue=overdue, limit=limit))
    if json:
        typer.echo(TypeAdapter(list[Exchange]).dump_json(found, indent=1).decode())
    elif not found:
        typer.echo("There are no exchanges.")
    else:
        print_table(OVERVIEW, overview(found, areas, config))


@app.command(rich_help_panel=LOOK)
def show(
    *,
    folder: Folder,
    case: Number,
    peek: Annotated[
        bool, typer.Option("--peek", help="Don't tell the other parties that their steps were opened.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="What every step says, not only the last ones.")] = False,
    purpose: Why = None,
    json: Json = False,
) -> None:
    """Show an exchange: where it stands, what was done, how far each step has come, what the last ones say.

    The other parties get a signed receipt that their steps were opened.
    """
    from node.cli.reading import look, view_lines
    from node.cli.talk import ask, known_here

    _, areas = known_here(folder)
    view = ask(folder, lambda node: look(node, case, peek=peek, purpose=purpose))
    if json:
        typer.echo(view.model_dump_json(indent=1))
        return
    area = areas[view.exchange.area, view.exchange.version]
    for line in view_lines(view, area, steps=len(view.steps) if everything else _LAST_STEPS):
        typer.echo(line)


@app.command(rich_help_panel=LOOK)
def form(
    *,
    step: Annotated[str, typer.Argument(metavar="STEP", help="request, notification, accept, reply, close ...")],
    procedure: Annotated[str | None, typer.Option(help="Where a step of that name is in several.")] = None,
    area: Annotated[str, typer.Option(help="The policy area.")] = "e_commerce",
    folder: Annotated[
        Path | None,
        typer.Option("--node", metavar="NODE_FOLDER", help="A node, for the policy areas that it has beyond."),
    ] = None,
) -> None:
    """Print the empty form of a step as TOML, to fill in and give to --form."""
    from node.areas import newest
    from node.cli.forms import BadForm, empty_form, find_form
    from node.cli.talk import built_in_areas, known_here

    areas = known_here(folder)[1] if folder is not None else built_in_areas()
    declared = newest(areas, area)
    if declared is None:
        raise BadForm(f"there is no policy area {area}; there are {', '.join(name for name, _ in areas)}")
    typer.echo(empty_form(find_form(declared, step, procedure), declared), nl=False)


@app.command(rich_help_panel=LOOK)
def evidence(
    *,
    folder: Folder,
    case: Number,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE.zip", help="Where to write it.")],
    purpose: Why = None,
) -> None:
    """Export the signed evidence of an exchange; `imi verify` checks it without a network."""
    from node.cli.talk import ask

    output.write_bytes(ask(folder, lambda node: node.evidence(case, purpose)))
    typer.echo(f"The evidence of {case} is in {output}.")
    typer.echo(f"Verify it with: imi verify {output} --root ROOT")


@app.command(rich_help_panel=LOOK)
def retention(
    *,
    folder: Folder,
    case: Annotated[
        str | None, typer.Argument(metavar="CASE", help="One case; without it, those not confirmed.")
    ] = None,
    json: Json = False,
) -> None:
    """Show who has blocked or deleted the personal data of a case, or where a party has not confirmed in time."""
    from pydantic import TypeAdapter

    from node.cli.privacy_words import retention_line
    from node.cli.talk import ask
    from schemas.privacy import RetentionView

    if case is not None:
        found = [ask(folder, lambda node: node.privacy.retention(case))]
    else:
        found = ask(folder, lambda node: node.privacy.unconfirmed())
    if json:
        typer.echo(TypeAdapter(list[RetentionView]).dump_json(found, indent=1).decode())
        return
    if not found:
        typer.echo("Every party has confirmed in time.")
    for each in found:
        typer.echo(f"{each.exchange}: {retention_line(each)}")
