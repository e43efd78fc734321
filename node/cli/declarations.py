"""Commands for policy areas: look at those that a node knows; publish one, at the Commission's node."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from schemas.publication import AreaView

app = typer.Typer(help="Policy areas: list and show them; the Commission publishes them.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="NODE_FOLDER", help="The folder of the node; it has to run.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


class Stage(Enum):
    """What is published of a version."""

    CONSULT = "consult"
    IN_FORCE = "in_force"
    RETIRE = "retire"


_STAGES = {Stage.CONSULT: "consultation", Stage.IN_FORCE: "in_force", Stage.RETIRE: "retired"}


@app.command("list")
def list_(*, folder: Folder, json: Json = False) -> None:
    """List the policy areas that a node knows, every version with its stage."""
    from pydantic import TypeAdapter

    from node.cli.tables import print_table
    from node.cli.talk import ask
    from schemas.publication import AreaView

    found = ask(folder, lambda node: node.declarations.all())
    if json:
        typer.echo(TypeAdapter(list[AreaView]).dump_json(found, indent=1).decode())
        return
    print_table(
        ("policy area", "version", "label", "stage"),
        ((each.area, str(each.version), each.label, _stage(each)) for each in found),
    )


@app.command()
def show(
    *,
    folder: Folder,
    area: Annotated[str, typer.Argument(metavar="AREA", help="Such as services.")],
    version: Annotated[int | None, typer.Option(help="The newest one by default.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Only the declaration, as it was published.")] = False,
    json: Json = False,
) -> None:
    """Show a policy area: its procedures, its stages, and with --text the declaration itself."""
    from node.cli.talk import ask
    from node.cli.words import printable

    found = ask(folder, lambda node: node.declarations.show(area, version))
    if json:
        typer.echo(found.model_dump_json(indent=1))
        return
    if text:
        typer.echo(found.text or "# It came with the program, or lies in the node's folder areas/.", nl=not found.text)
        return
    view = found.view
    lines = [
        f"{view.label} ({view.area}, version {view.version})",
        view.legal_basis,
        *(f"  {name}: {label}" for name, label in view.procedures.items()),
        *(f"{each.stage.replace('_', ' ')} since {each.since:%Y-%m-%d %H:%M} UTC" for each in view.publications),
        "Exchanges can begin with it." if view.is_open else "No exchange can begin with it now.",
    ]
    for line in map(printable, lines):
        typer.echo(line)


@app.command()
def publish(
    *,
    folder: Folder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The declaration, TOML; `imi check FILE` proves it.")],
    stage: Annotated[Stage, typer.Option(help="What becomes of this version.")],
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"],
            metavar="DAY|TIME",
            help="From when on, in UTC; a consultation begins at once, the others a day later.",
        ),
    ] = None,
) -> None:
    """Publish a policy area to every node, at the Commission's node. A version never changes, and nothing goes back."""
    from datetime import UTC

    from node.cli.talk import ask
    from node.client import NodeClient
    from schemas.declaration import parse_policy_area
    from schemas.publication import AreaView, Publishing

    begins = since.replace(tzinfo=UTC) if since is not None else None
    text = file.read_text(encoding="utf-8")
    publishing = Publishing.model_validate({"text": text, "stage": _STAGES[stage], "since": begins})

    async def announce(node: NodeClient) -> tuple[int, AreaView]:
        count = await node.declarations.publish(publishing)
        declared = parse_policy_area(text)
        return count, (await node.declarations.show(declared.area, declared.version)).view

    count, view = ask(folder, announce)
    reached = next(each for each in view.publications if each.stage == publishing.stage)
    has_begun = reached.stage == view.stage
    typer.echo(
        f"{view.area}, version {view.version}: {reached.stage.replace('_', ' ')} {'since' if has_begun else 'from'} "
        f"{reached.since:%Y-%m-%d %H:%M} UTC{'' if has_begun else ' on'}."
    )
    typer.echo(f"It is on its way to {count} node{'' if count == 1 else 's'}.")


def _stage(view: "AreaView") -> str:
    if not view.is_published:
        return "installed here"
    last = view.publications[-1]
    now = view.stage.replace("_", " ") if view.stage is not None else "published"
    if last.stage == view.stage:
        return now
    return f"{now}; {last.stage.replace('_', ' ')} from {last.since:%Y-%m-%d %H:%M} UTC"
