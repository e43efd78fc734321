"""Commands about personal data: block early, ask and decide, look at blocked data, correct, count."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer

from node.cli.exchange import Folder, Json, Number
from node.cli.user import act_as

app = typer.Typer(help="Personal data: block early, ask and decide, correct, count.", no_args_is_help=True)
app.callback()(act_as)

Paper = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="TOML; see the guide on personal data. A command line is seen by others."),
]
Request = Annotated[int, typer.Argument(metavar="REQUEST", help="Its number in the register.")]


@app.command()
def block(
    *,
    folder: Folder,
    case: Number,
    authority: Annotated[str, typer.Option("--authority", metavar="AUTHORITY", help="That needs the data no longer.")],
) -> None:
    """Block the personal data of a closed case now; the other parties are told and decide for themselves."""
    from node.cli.privacy_words import retention_line
    from node.cli.talk import ask as ask_node

    ask_node(folder, lambda node: node.privacy.block(case, authority))
    typer.echo(f"{case}: {retention_line(ask_node(folder, lambda node: node.privacy.retention(case)))}")


@app.command()
def ask(*, folder: Folder, file: Paper) -> None:
    """Enter a request: a look at blocked data, early deletion, or what a person asks."""
    from node.cli.privacy_papers import read_asking
    from node.cli.talk import ask as ask_node

    asking = read_asking(file)
    request = ask_node(folder, lambda node: node.privacy.ask(asking))
    due = f"; the person has to have an answer by {request.due_on:%d %B %Y}" if request.due_on is not None else ""
    typer.echo(f"Request {request.number} is in the register{due}.")


@app.command("list")
def list_(*, folder: Folder, json: Json = False) -> None:
    """List the register of requests, the newest first."""
    from pydantic import TypeAdapter

    from node.cli.privacy_words import request_row
    from node.cli.tables import print_table
    from node.cli.talk import ask as ask_node
    from node.clock import clock_of
    from node.config import read_config
    from schemas.privacy import DataRequest

    found = ask_node(folder, lambda node: node.privacy.requests())
    if json:
        typer.echo(TypeAdapter(list[DataRequest]).dump_json(found, indent=1).decode())
    elif not found:
        typer.echo("Nothing was asked about personal data.")
    else:
        today = clock_of(read_config(folder).clock).now().date()
        headings = ("request", "what", "case", "for", "status", "due")
        print_table(headings, (request_row(each, today) for each in found))


@app.command()
def show(*, folder: Folder, request: Request) -> None:
    """Show a request, with reasons and proof of consent where you have to do with it."""
    from node.cli.privacy_words import request_lines
    from node.cli.talk import ask as ask_node
    from node.cli.words import printable
    from node.clock import clock_of
    from node.config import read_config

    found = ask_node(folder, lambda node: node.privacy.request(request))
    for line in request_lines(found, clock_of(read_config(folder).clock).now().date()):
        typer.echo(printable(line))


@app.command()
def grant(
    *,
    folder: Folder,
    request: Request,
    hours: Annotated[int, typer.Option(min=1, max=72, help="For how long blocked data may be looked at.")] = 24,
    answer: Annotated[str, typer.Option(help="What was decided; no personal data.")] = "",
) -> None:
    """Grant a request that somebody else has entered; early deletion is carried out at once, on every copy."""
    _decide(folder, request, granted=True, hours=hours, answer=answer)


@app.command()
def refuse(
    *,
    folder: Folder,
    request: Request,
    answer: Annotated[str, typer.Option(help="Why; no personal data.")],
) -> None:
    """Refuse a request, with the reason."""
    _decide(folder, request, granted=False, hours=24, answer=answer)


@app.command()
def look(*, folder: Folder, request: Request) -> None:
    """Look at blocked data, as was granted; each look is written down."""
    from node.cli.reading import view_lines
    from node.cli.talk import ask as ask_node
    from node.cli.talk import known_here

    view = ask_node(folder, lambda node: node.privacy.look(request))
    area = known_here(folder)[1][view.exchange.area, view.exchange.version]
    for line in view_lines(view, area, steps=len(view.steps)):
        typer.echo(line)


@app.command()
def rectify(*, folder: Folder, case: Number, file: Paper) -> None:
    """Correct, erase, contest or restrict one answer of a step; all parties are told."""
    from node.cli.privacy_papers import read_rectification
    from node.cli.talk import ask as ask_node
    from node.client import NodeClient

    paper = read_rectification(file)

    async def act(node: NodeClient) -> None:
        await node.privacy.rectify(case, paper.order(await node.exchange(case)))

    ask_node(folder, act)
    typer.echo(f"{case}: all parties are told. The signed step itself stays as it is.")


@app.command()
def counts(*, folder: Folder, json: Json = False) -> None:
    """Count looks at blocked data, early deletions, corrections, and requests by status."""
    from node.cli.privacy_words import count_lines
    from node.cli.talk import ask as ask_node

    found = ask_node(folder, lambda node: node.privacy.counts())
    for line in [found.model_dump_json(indent=1)] if json else count_lines(found):
        typer.echo(line)


def _decide(folder: Path, request: int, *, granted: bool, hours: int, answer: str) -> None:
    from node.cli.talk import ask as ask_node
    from schemas.privacy import Decision

    decision = Decision(granted=granted, hours=hours, answer=answer)
    decided = ask_node(folder, lambda node: node.privacy.decide(request, decision))
    until = f", until {decided.until:%d %B %Y %H:%M} UTC" if decided.until is not None else ""
    typer.echo(f"Request {request} is {decided.status}{until}.")
