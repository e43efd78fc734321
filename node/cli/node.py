"""Commands for one node: set it up, run it, ask how it is."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Set up one node, run it, ask how it is.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The node's folder.")]


@app.command()
def init(
    *,
    folder: Folder,
    node: Annotated[str, typer.Option("--id", metavar="NODE", help="The party that it speaks for: DE, or EC.")],
    broker: Annotated[str, typer.Option(metavar="URL", help="amqps://broker.example:5671")],
    authority: Annotated[
        list[str],
        typer.Option(
            metavar="NAME=TITLE", help='A competent authority: "youth-media=Youth Media Authority"; repeat it.'
        ),
    ],
    coordinator: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which of them is the national coordinator.")
    ] = None,
    language: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Languages that they work in; those of the country.")
    ] = None,
    module: Annotated[
        list[str] | None,
        typer.Option(metavar="AREA.PROCEDURE", help="What they are registered for; all of e-Commerce without it."),
    ] = None,
) -> None:
    """Make a node's folder with its keys, and its application for admission."""
    import os

    from node.ceremony import membership
    from node.cli.registration import authorities
    from node.clock import SystemClock
    from node.config import Config
    from node.crypto.trust import read_application

    speaking = authorities(node, authority, coordinator=coordinator, languages=language, modules=module)
    config = Config(node=node, broker=broker, folder=folder)
    text = membership.init(config, speaking, at=SystemClock().now(), random=os.urandom)
    typer.echo(
        f"The node of {node} has its folder {folder}. It signs with the key {read_application(text).signing.public}"
    )
    typer.echo(f"Hand {folder / membership.APPLICATION_FILE} to the Commission, and tell it the key by another way.")


@app.command()
def join(
    *,
    folder: Folder,
    admission: Annotated[
        Path, typer.Argument(metavar="ADMISSION", help="What the federation gave back: the folder admitted/NODE.")
    ],
) -> None:
    """Take home what the federation gave back, and pin its root."""
    from node.ceremony import membership
    from node.ceremony.federation import ROOT_FILE
    from node.clock import SystemClock
    from node.config import read_config
    from node.verify import fingerprint

    config = read_config(folder)
    version = membership.join(config, admission, at=SystemClock().now())
    typer.echo(f"{config.node} has directory {version}, and has pinned the root with the fingerprint")
    typer.echo(f"  {fingerprint((config.trust / ROOT_FILE).read_text())}")
    typer.echo("Compare it with what the Commission told you by another way. If it differs, do not run this node.")
    typer.echo(f"Next: imi node run {folder}")


@app.command()
def run(*, folder: Folder) -> None:
    """Run a node until Ctrl-C. It says on standard error, as JSON lines, what its operator must know."""
    from node.serve import run as serve

    raise typer.Exit(serve(folder))


@app.command()
def status(
    *, folder: Folder, json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False
) -> None:
    """Say how a node is; the exit status is 0 if it is ready, 1 if not."""
    from node.cli.talk import ask
    from node.cli.words import node_lines, printable

    answer = ask(folder, lambda node: node.status())
    for line in [answer.model_dump_json(indent=1)] if json else map(printable, node_lines(answer)):
        typer.echo(line)
    raise typer.Exit(0 if answer.ready else 1)


@app.command()
def quarantine(*, folder: Folder) -> None:
    """List what came and could not be processed: when, from whom, why, and what to do."""
    from node.cli.tables import print_table
    from node.cli.talk import ask
    from node.cli.words import when

    found = ask(folder, lambda node: node.quarantine())
    if not found:
        typer.echo("Nothing is in quarantine.")
    rows = (
        (
            str(each.id),
            when(each.last_at),
            str(each.repeats),
            each.sender or "unknown",
            each.code,
            f"{each.help} {each.detail}",
        )
        for each in found
    )
    print_table(("id", "last came", "times", "sender", "code", "what it means"), rows)


@app.command("wrap-keys")
def wrap_keys(
    *,
    folder: Folder,
    secret: Annotated[
        str,
        typer.Option("--with", metavar="SOURCE", help="file:PATH, env:NAME or credential:NAME, outside the folder."),
    ],
) -> None:
    """Wrap the keyring of a stopped node with a secret from elsewhere: the folder alone opens nothing then."""
    from node.config import read_config, set_keyring_secret
    from node.crypto.keyring import load_keyring, save_keyring
    from node.crypto.wrapping import wrapping_key
    from node.store.database import held

    config = read_config(folder)
    before = wrapping_key(config.keyring_secret) if config.keyring_secret is not None else None
    with held(config.store):
        keyring, wrapping = load_keyring(config.keys, before), wrapping_key(secret)
        save_keyring(config.keys, keyring, wrapping)
        set_keyring_secret(config, secret)
    typer.echo(
        f"The keyring is wrapped with {secret}. Keep a copy of that secret: without it nothing can be read again."
    )


@app.command("roll-keys")
def roll_keys(*, folder: Folder) -> None:
    """Put all that the store holds under a new store key, while the node runs, and destroy the old one."""
    from node.cli.talk import ask

    count = ask(folder, lambda node: node.roll_keys())
    typer.echo(f"{count} keys and records are under a new store key, and the old one is destroyed.")
    typer.echo("Make a backup now: those made before are of the old key, and are not restored any more.")
