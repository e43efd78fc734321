"""Commands of the Commission: found the federation, admit nodes, have the directory signed, publish it."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Found a federation, admit and expel nodes, publish the directory.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The federation's folder.")]
Node = Annotated[str, typer.Argument(metavar="NODE", help="Such as DE.")]


@app.command()
def create(
    *,
    folder: Folder,
    holder: Annotated[list[str], typer.Option(metavar="NAME", help="A person or office that keeps a key; repeat it.")],
    threshold: Annotated[int, typer.Option(min=1, help="How many of the holders have to sign.")],
) -> None:
    """Found a federation: the holders' keys, the root, the authority for links to the broker."""
    import os

    from node.ceremony import federation
    from node.clock import SystemClock
    from node.verify import fingerprint

    federation.found(folder, holder, threshold=threshold, at=SystemClock().now(), random=os.urandom)
    root = (folder / federation.ROOT_FILE).read_text()
    typer.echo(f"The federation is founded in {folder}. Its root has the fingerprint")
    typer.echo(f"  {fingerprint(root)}")
    typer.echo("Tell it to every node by another way than the root itself.")
    typer.echo("Each holder takes the own key away from here, and keeps it where nobody else can use it:")
    for path in federation.holder_keys(folder):
        typer.echo(f"  {path}")


@app.command()
def admit(
    *,
    folder: Folder,
    application: Annotated[Path, typer.Argument(metavar="APPLICATION", help="The node's application.jws.")],
) -> None:
    """Take a node into the next directory, and sign the certificate of its link to the broker."""
    from node.ceremony import federation
    from node.clock import SystemClock
    from schemas.parties import party_name

    admitted = federation.admit(folder, application.read_text(), at=SystemClock().now())
    typer.echo(f"{admitted.node} ({party_name(admitted.node)}) is in the next directory, with")
    for authority in admitted.authorities:
        typer.echo(f"  {authority.id}  {authority.name}")
    typer.echo(f"It signs with the key {admitted.signing.public}")
    typer.echo("Compare this key with what the node itself says, by another way than the application.")
    typer.echo(f"When the directory is published, hand it {folder / 'admitted' / admitted.node}")


@app.command()
def publish(
    *,
    folder: Folder,
    key: Annotated[list[Path], typer.Option(metavar="FILE", help="The key of a holder; repeat it.")],
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long the directory is in force.")] = 90,
    through: Annotated[
        Path | None,
        typer.Option(metavar="NODE_FOLDER", help="The Commission's running node, which passes it on to every node."),
    ] = None,
) -> None:
    """Have the holders sign the next directory, and publish it."""
    from datetime import timedelta

    from node.ceremony import federation
    from node.cli.talk import ask
    from node.cli.words import when
    from node.clock import SystemClock

    directory = federation.publish(folder, key, at=SystemClock().now(), valid_for=timedelta(days=days))
    names = ", ".join(entry.id for entry in directory.nodes) or "no node"
    typer.echo(f"Directory {directory.version} is signed, with {names}; in force until {when(directory.expires_at)}.")
    if through is not None:
        root, text = ((folder / name).read_text() for name in (federation.ROOT_FILE, federation.DIRECTORY_FILE))
        count = ask(through, lambda node: node.publish_directory((root,), text))
        typer.echo(f"It is on its way to {count} node{'' if count == 1 else 's'}.")


@app.command()
def suspend(*, folder: Folder, node: Node) -> None:
    """Refuse a node for a time, from the next directory on."""
    _set_status(folder, node, "suspended")


@app.command()
def expel(*, folder: Folder, node: Node) -> None:
    """Refuse a node for good, from the next directory on."""
    _set_status(folder, node, "expelled")


@app.command()
def reinstate(*, folder: Folder, node: Node) -> None:
    """Take a node in again, from the next directory on."""
    _set_status(folder, node, "active")


@app.command()
def show(*, folder: Folder) -> None:
    """Show root, directory, nodes and authorities."""
    from node.cli import papers
    from node.cli.tables import print_table
    from node.cli.words import when

    root, directory, draft = papers.read_federation(folder)
    typer.echo(f"Root {root.content.version}, in force until {when(root.content.expires_at)}; fingerprint")
    typer.echo(f"  {root.fingerprint}")
    names = ", ".join(holder.name for holder in root.content.holders)
    typer.echo(f"{root.content.threshold} of these holders have to sign: {names}")
    if directory is not None:
        typer.echo(f"Directory {directory.version}, in force until {when(directory.expires_at)}")
    if directory is None or directory.nodes != draft.nodes:
        typer.echo("There are changes that are not published yet.")
    print_table(("node", "status", "since", "signs with", "until"), papers.node_rows(draft.nodes))
    print_table(("authority", "name", "coordinator", "procedures"), papers.authority_rows(draft.nodes))


def _set_status(folder: Path, node: str, status: str) -> None:
    from node.ceremony import federation
    from node.clock import SystemClock

    federation.set_status(folder, node, status, at=SystemClock().now())
    typer.echo(f"{node} is {status} in the next directory. It takes effect when that is published.")
