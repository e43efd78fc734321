"""The command that searches among the exchanges of a running node."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from node.cli.exchange import LOOK, Folder, Json

if TYPE_CHECKING:
    from schemas.search import Between, Found

Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY")]

_WORDS_HELP = (
    "What to search for: word, begin*, field:word, field:code, domain:example.eu, an address. "
    "A hyphen reads it from standard input: a command line is seen by others on the machine."
)


def register(app: typer.Typer) -> None:
    """Add the command to the group of exchanges."""
    app.command("find", rich_help_panel=LOOK)(find)


def find(
    *,
    folder: Folder,
    words: Annotated[list[str] | None, typer.Argument(metavar="[WORDS]...", help=_WORDS_HELP)] = None,
    number: Annotated[str, typer.Option(help="A case number, or a part of one.")] = "",
    role: Annotated[str | None, typer.Option(help="sent or received.")] = None,
    status: Annotated[str | None, typer.Option(help="accepted, closed ...; blocked: personal data hidden.")] = None,
    country: Annotated[str | None, typer.Option(help="Another party.")] = None,
    authority: Annotated[str | None, typer.Option(help="It acts, or acted: DE/youth-media.")] = None,
    area: Annotated[str | None, typer.Option(help="The policy area.")] = None,
    procedure: Annotated[str | None, typer.Option(help="request, notification ...")] = None,
    ground: Annotated[str | None, typer.Option(help="The code of a ground: pp_minors.")] = None,
    measure: Annotated[str | None, typer.Option(help="The code of a measure: block_access.")] = None,
    provider: Annotated[str, typer.Option(help="Words of a provider's name or registration.")] = "",
    domain: Annotated[str, typer.Option(help="A domain with all within it, or the address of one page.")] = "",
    urgent: Annotated[bool, typer.Option("--urgent", help="Only urgent ones.")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those in which a date has passed.")] = False,
    sent_from: Day = None,
    sent_to: Day = None,
    accepted_from: Day = None,
    accepted_to: Day = None,
    due_from: Day = None,
    due_to: Day = None,
    closed_from: Day = None,
    closed_to: Day = None,
    after: Annotated[str | None, typer.Option(metavar="CASE", help="Go on after this one, the last shown.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many, the newest first.")] = 50,
    json: Json = False,
) -> None:
    """Find exchanges that meet all conditions, the newest first. Days are days in UTC, both ends included."""
    from node.cli.talk import ask
    from schemas.search import Query

    query = Query.model_validate(
        {
            "words": _read(words or []),
            "number": number,
            "role": role,
            "status": status,
            "country": country.upper() if country is not None else None,
            "authority": authority,
            "area": area,
            "procedure": procedure,
            "ground": ground,
            "measure": measure,
            "provider": provider,
            "domain": domain,
            "urgent": urgent,
            "overdue": overdue,
            "sent": _between(sent_from, sent_to),
            "accepted": _between(accepted_from, accepted_to),
            "due": _between(due_from, due_to),
            "closed": _between(closed_from, closed_to),
            "after": after,
            "limit": limit,
        }
    )
    _print(ask(folder, lambda node: node.search.find(query)), folder, json=json)


def _read(words: list[str]) -> str:
    return sys.stdin.read() if words == ["-"] else " ".join(words)


def _between(first: datetime | None, last: datetime | None) -> "Between":
    from schemas.search import Between

    return Between(first=first.date() if first is not None else None, last=last.date() if last is not None else None)


def _print(found: "Found", folder: Folder, *, json: bool) -> None:
    from node.cli.reading import OVERVIEW, overview
    from node.cli.tables import print_table
    from node.cli.talk import known_here

    if json:
        typer.echo(found.model_dump_json(indent=1))
        return
    if not found.exchanges:
        typer.echo("Nothing was found.")
    config, areas = known_here(folder)
    print_table(OVERVIEW, overview(found.exchanges, areas, config))
    if found.next is not None:
        typer.echo(f"There may be more: add --after {found.next}")
    if found.behind:
        typer.echo("What was said in the last moments, or is being taken in, is not searched yet: ask again soon.")
