"""Commands for the people who work with a running node: users, their roles, absences, departure."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from node.cli.user import act_as

if TYPE_CHECKING:
    from schemas.people import Grant
    from schemas.register import Change

app = typer.Typer(help="The people who work with this node, and their roles.", no_args_is_help=True)
app.callback()(act_as)

Folder = Annotated[Path, typer.Argument(metavar="NODE_FOLDER", help="The folder of the node; it has to run.")]
UserName = Annotated[str, typer.Argument(metavar="USER", help="The user's id, which says nothing about the person.")]
AuthorityName = Annotated[str, typer.Argument(metavar="AUTHORITY", help="For which authority: DE/youth-media.")]
RoleName = Annotated[str, typer.Argument(metavar="ROLE", help="handler, approver, administrator ...")]
Area = Annotated[str | None, typer.Option(help="Only in this policy area.")]
Procedures = Annotated[list[str] | None, typer.Option("--procedure", help="Only in this procedure.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], metavar="DAY")]


@app.command()
def add(
    *,
    folder: Folder,
    user: UserName,
    authority: AuthorityName,
    role: RoleName,
    name: Annotated[str, typer.Option(prompt=True, help="The person's name; asked for where it is not given.")],
    email: Annotated[
        str, typer.Option(prompt="Email (empty for none)", help="The address for digests; empty for none.")
    ] = "",
    language: Annotated[str, typer.Option(help="In which the person reads.")] = "en",
    area: Area = None,
    procedures: Procedures = None,
) -> None:
    """Register a person with a first role. Of a new node the first is an administrator of the coordinator."""
    from schemas.register import AddUser

    first = _grant(authority, role, area, procedures)
    new = AddUser.model_validate(
        {"user": user, "name": name, "email": email or None, "language": language, "grants": (first,)}
    )
    _change(folder, new)
    typer.echo(f"{user} is a user now.")


@app.command()
def grant(
    *,
    folder: Folder,
    user: UserName,
    authority: AuthorityName,
    role: RoleName,
    area: Area = None,
    procedures: Procedures = None,
) -> None:
    """Give a user a role."""
    from schemas.register import GrantRole

    _change(folder, GrantRole(user=user, grant=_grant(authority, role, area, procedures)))
    typer.echo(f"{user} is {role} for {authority} now.")


@app.command()
def revoke(
    *,
    folder: Folder,
    user: UserName,
    authority: AuthorityName,
    role: RoleName,
    area: Area = None,
    procedures: Procedures = None,
) -> None:
    """Take a role away from a user."""
    from schemas.register import RevokeRole

    _change(folder, RevokeRole(user=user, grant=_grant(authority, role, area, procedures)))
    typer.echo(f"{user} is not {role} for {authority} any more.")


@app.command()
def absent(
    *,
    folder: Folder,
    user: UserName,
    first: Day,
    last: Day,
    substitute: Annotated[str | None, typer.Option(help="Who takes over meanwhile, with all rights.")] = None,
) -> None:
    """Say that a user is away, both days included, and who takes over."""
    from schemas.people import Absence
    from schemas.register import SetAbsence

    absence = Absence(first=first.date(), last=last.date(), substitute=substitute)
    _change(folder, SetAbsence(user=user, absence=absence))
    typer.echo(f"{user} is away from {absence.first} to {absence.last}.")


@app.command()
def present(*, folder: Folder, user: UserName, first: Day) -> None:
    """Cancel the absence that begins on a day."""
    from schemas.register import CancelAbsence

    _change(folder, CancelAbsence(user=user, first=first.date()))
    typer.echo(f"{user} is not away from {first.date()} on.")


@app.command()
def leave(*, folder: Folder, user: UserName) -> None:
    """End all rights of a user, for good; the data are deleted three years later."""
    from schemas.register import UserLeaves

    _change(folder, UserLeaves(user=user))
    typer.echo(f"{user} is no user any more.")


@app.command("list")
def list_(
    *, folder: Folder, json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False
) -> None:
    """List the users that you may see, those who left included."""
    from pydantic import TypeAdapter

    from node.cli.official_words import USERS, user_row
    from node.cli.tables import print_table
    from node.cli.talk import ask
    from node.clock import clock_of
    from node.config import read_config
    from schemas.people import User

    found = ask(folder, lambda node: node.register.users())
    if json:
        typer.echo(TypeAdapter(list[User]).dump_json(found, indent=1).decode())
    elif not found:
        typer.echo("There are no users yet: the node's own account does everything.")
    else:
        today = clock_of(read_config(folder).clock).now().date()
        print_table(USERS, (user_row(each, today) for each in found))


def _grant(authority: str, role: str, area: str | None, procedures: list[str] | None) -> "Grant":
    from schemas.people import Grant

    return Grant.model_validate(
        {"authority": authority, "role": role, "area": area, "procedures": tuple(procedures or ())}
    )


def _change(folder: Path, wanted: "Change") -> None:
    from node.cli.talk import ask

    ask(folder, lambda node: node.register.change(wanted))
