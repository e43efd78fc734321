"""Commands for those who audit a node: who saw what, the ledger as a file, checkpoints. None shows any content."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from node.cli.user import act_as

if TYPE_CHECKING:
    from node.verify import LedgerVerdict

app = typer.Typer(help="Audit a node: who saw what, and is the ledger whole.", no_args_is_help=True)
app.callback()(act_as)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The node's folder.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
Held = Annotated[
    list[Path] | None,
    typer.Option("--held", metavar="FILE", help="What `imi ledger checkpoints` printed at a peer; repeat it."),
]


@app.command("who-saw")
def who_saw(
    *,
    folder: Folder,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORDS]...", help="What the exchange says of the person; a hyphen reads it from standard input."
        ),
    ] = None,
    case: Annotated[str, typer.Option(metavar="NUMBER", help="Where the data are blocked: the case number.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=5000, help="How many lines, the newest first.")] = 500,
    json: Json = False,
) -> None:
    """Say who has seen a person's data: user, case, when, how and why. What the cases say is not shown."""
    from node.cli.tables import print_table
    from node.cli.talk import ask
    from node.cli.words import when
    from schemas.audit import PURPOSES, WhoSaw

    given = sys.stdin.read() if words == ["-"] else " ".join(words or [])
    found = ask(folder, lambda node: node.ledger.who_saw(WhoSaw(words=given, number=case, limit=limit)))
    if json:
        typer.echo(found.model_dump_json(indent=1))
        return
    purposes = {each.value: words for each, words in PURPOSES.items()}
    rows = (
        (
            when(each.at),
            each.actor,
            each.action.removeprefix("read.").replace("_", " "),
            each.subject,
            purposes.get(str(each.detail.get("purpose")), ""),
        )
        for each in found.lines
    )
    print_table(("when", "who", "how", "case", "why"), rows)
    typer.echo(f"It stands in {found.exchanges} exchanges that you audit; {len(found.lines)} lines of the ledger.")
    if found.more:
        typer.echo("There is more: ask more narrowly, or with a greater --limit.")
    if found.behind:
        typer.echo("What was said in the last moments is not in the index yet: ask again soon.")


@app.command()
def export(
    *,
    folder: Folder,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write it.")],
    after: Annotated[int, typer.Option(min=0, metavar="N", help="Only what comes after entry N.")] = 0,
) -> None:
    """Write the ledger to a file, for a supervisory authority; `imi verify` checks it without a node."""
    from node.cli.talk import ask

    output.write_bytes(ask(folder, lambda node: node.ledger.extract(after)))
    typer.echo(f"The ledger is in {output}. It holds case numbers and users' ids, and nothing of what any case says.")
    typer.echo(f"Verify it with: imi verify {output} --root ROOT --held CHECKPOINTS-OF-A-PEER")


@app.command()
def checkpoints(*, folder: Folder) -> None:
    """Print the signed heads of ledgers that this node holds, of peers and its own, one a line."""
    from node.cli.talk import ask

    for each in ask(folder, lambda node: node.ledger.checkpoints()):
        typer.echo(each.model_dump_json())


@app.command()
def verify(*, folder: Folder, held: Held = None, json: Json = False) -> None:
    """Verify the ledger of a running node: by itself, by its own checkpoints, and by those that peers hold.

    The exit status is 0 only if every entry is the one that was written.
    """
    from node.ceremony.federation import ROOT_FILE
    from node.cli.talk import ask
    from node.config import read_config

    content = ask(folder, lambda node: node.ledger.extract())
    print_verdict(content, held or [], (read_config(folder).trust / ROOT_FILE).read_text(), json=json)


def print_verdict(content: bytes, held: Iterable[Path], root: str | None, *, json: bool) -> NoReturn:
    """Verify a ledger, say what was found, and end with status 0 if nothing is wrong."""
    from node.verify import verify_ledger

    signed = [jws for file in held for jws in _held(file)]
    verdict = verify_ledger(content, held=signed, root=root)
    for line in [verdict.model_dump_json(indent=1)] if json else _sentences(verdict):
        typer.echo(line)
    raise typer.Exit(0 if verdict.proven else 1)


def _held(file: Path) -> list[str]:
    from node.verify import BadExtract
    from schemas.audit import CheckpointView

    try:
        return [CheckpointView.model_validate_json(line).jws for line in file.read_text().splitlines() if line]
    except ValueError as error:
        raise BadExtract(f"{file} is not what `imi ledger checkpoints` prints") from error


def _sentences(verdict: "LedgerVerdict") -> Iterable[str]:
    last = verdict.first + verdict.entries - 1
    yield f"The ledger of {verdict.node}: entries {verdict.first} to {last}."
    yield f"{verdict.own_checkpoints} of its own checkpoints agree, and {verdict.peer_checkpoints} that peers hold."
    if verdict.proven_up_to:
        yield f"Up to entry {verdict.proven_up_to} it is what it was when peers were given its head."
    else:
        yield "No peer vouches for it: its operator could have written all of it anew. Give --held files of peers."
    for seq in verdict.restored:
        yield f"Entry {seq} says that a backup was restored: what was written after the backup was made is lost."
    yield from verdict.problems
    yield "Something is wrong with it." if verdict.problems else "Nothing is wrong with it."
