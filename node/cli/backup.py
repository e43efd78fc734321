"""Commands that back a node up and restore it."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The node's folder.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group of nodes."""
    app.command("backup-key")(backup_key)
    app.command()(backup)
    app.command()(restore)


def backup_key(
    *,
    folder: Folder,
    private: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Where the private half goes; keep it elsewhere.")
    ],
) -> None:
    """Make the key that backups are sealed to. The node itself can't open them."""
    from node.ceremony.backup import make_backup_key
    from node.config import read_config

    make_backup_key(read_config(folder), private)
    typer.echo(f"Backups are sealed to {folder / 'backup.pub'}, and open with {private} alone.")
    typer.echo("Move that file to a place that this machine does not reach, and keep a copy of it.")


def backup(
    *,
    folder: Folder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The store file; each backup makes a new one.")],
    keys: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The key file, which is replaced; beside the other by default.")
    ] = None,
) -> None:
    """Back a node up, while it runs or not: a store file, and the key file that replaces the one before."""
    import asyncio

    from node.ceremony.backup import back_up
    from node.config import read_config

    place = asyncio.run(back_up(read_config(folder), file, keys))
    typer.echo(f"The store is in {file}, and the keys that it opens with in {place}.")
    typer.echo("Keep every store file if you like, and never more than the newest key file: it shows no deleted case.")


def restore(
    *,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A store file.")],
    folder: Folder,
    private: Annotated[Path, typer.Option("--key", metavar="FILE", help="The private half of the backup key.")],
    keys: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The newest key file; beside the other by default.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Take the place of the store that is there.")] = False,
) -> None:
    """Restore a stopped node from a backup. What was deleted since does not come back; start the node then."""
    import asyncio

    from node.ceremony.backup import KEY_FILE, BackupRefused
    from node.ceremony.backup import restore as put_back
    from node.cli.words import when

    found = sorted(file.parent.glob(KEY_FILE.format(node="??"))) if keys is None else [keys]
    if len(found) != 1:
        raise BackupRefused(f"{file.parent} holds {len(found)} key files: name one with --keys")
    done = asyncio.run(put_back(folder, file, found[0], private, replace=replace))
    typer.echo(f"The store is as it was {when(done.at)}, with the keys of {when(done.keys_at)}.")
    typer.echo(f"{done.erased} exchanges hold nothing that can be read: their personal data were deleted.")
    typer.echo(f"Next: imi node run {folder}. It blocks and deletes what is due, and asks its peers, before it serves.")
