"""Commands that prove something: of a declaration, and of exported evidence. Neither needs a node or a network."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer


def check(
    *, file: Annotated[Path, typer.Argument(metavar="FILE", help="The declaration of a policy area, TOML.")]
) -> None:
    """Prove that a policy area can't make two nodes disagree; or tell the shortest story of how it can."""
    from node.areas import check as prove

    area = prove(file.read_text(encoding="utf-8"))
    typer.echo(f"{area.label} ({area.area}, version {area.version}) holds together.")
    for name, procedure in area.procedures.items():
        states, steps = len(procedure.states), len(procedure.steps)
        typer.echo(f"  {name}: {states} states, {steps} steps; however its steps cross, all copies end alike.")


def verify(
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The evidence of an exchange, a ZIP archive; or a ledger.")
    ],
    root: Annotated[
        Path | None,
        typer.Option(metavar="ROOT.json", help="The federation's root, from the Commission or a node that pinned it."),
    ] = None,
    held: Annotated[
        list[Path] | None,
        typer.Option(
            "--held", metavar="FILE", help="Of a ledger: what `imi ledger checkpoints` printed at a peer; repeat it."
        ),
    ] = None,
    content: Annotated[bool, typer.Option("--content", help="Print what is disclosed of each step.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Verify the evidence of an exchange, offline: every signature, every receipt, the chain of what each had seen.

    Or a ledger, as `imi ledger export` writes it: every entry, and the heads that its node has signed to peers.

    The exit status is 0 only if everything in it is proven.
    """
    from node.cli.ledger import print_verdict
    from node.cli.talk import built_in_areas
    from node.cli.telling import verdict_lines
    from node.verify import looks_like_ledger, read_archive, verify_evidence

    given = root.read_text() if root is not None else None
    if looks_like_ledger(_beginning(file)):
        print_verdict(file.read_bytes(), held or [], given, json=json)
    areas = built_in_areas()
    verdict = verify_evidence(read_archive(file), areas=areas, root=given)
    for line in [verdict.model_dump_json(indent=1)] if json else verdict_lines(verdict, content=content):
        typer.echo(line)
    raise typer.Exit(0 if verdict.proven else 1)


def _beginning(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(1)
