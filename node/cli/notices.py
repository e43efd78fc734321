"""Commands for what is to be done at a running node, and for the mail that tells it."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer

from node.cli.user import act_as

app = typer.Typer(help="What is to be done: overdue, due soon, new; and the mail that tells it.", no_args_is_help=True)
app.callback()(act_as)

Folder = Annotated[Path, typer.Argument(metavar="NODE_FOLDER", help="The folder of the node; it has to run.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


@app.command("list")
def list_(
    *,
    folder: Folder,
    user: Annotated[str | None, typer.Option("--as", metavar="USER", help="Whose work; a user of the node.")] = None,
    json: Json = False,
) -> None:
    """List what is to be done, the most urgent first: critically overdue, overdue, alarms, due soon, news."""
    from pydantic import TypeAdapter

    from node.cli.tables import print_table
    from node.cli.talk import ask, known_here
    from node.cli.words import work_row
    from schemas.notices import WorkItem

    found = ask(folder, lambda node: node.notices.work(), user=user)
    if json:
        typer.echo(TypeAdapter(list[WorkItem]).dump_json(found, indent=1).decode())
    elif not found:
        typer.echo("There is nothing to do.")
    else:
        areas = known_here(folder)[1].values()
        print_table(("case", "", "where it stands", "because"), (work_row(each, areas) for each in found))


@app.command()
def mail(*, folder: Folder, json: Json = False) -> None:
    """List digests: those that wait for the mail server, then those that it took or refused."""
    from pydantic import TypeAdapter

    from node.cli.tables import print_table
    from node.cli.talk import ask
    from node.cli.words import mail_row
    from schemas.notices import MailView

    found = ask(folder, lambda node: node.notices.mails())
    if json:
        typer.echo(TypeAdapter(list[MailView]).dump_json(found, indent=1).decode())
    elif not found:
        typer.echo("No digest was made in the last 30 days.")
    else:
        print_table(("day", "to", "cases", "what became of it"), (mail_row(each) for each in found))
