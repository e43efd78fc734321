"""Commands that write what a node tells of its processing: to the public, and to a supervisory authority."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from schemas.authorities import Authority
    from schemas.policy_area import PolicyArea
    from schemas.transparency import Answerable, Paper

    Writer = Callable[[str, Iterable[PolicyArea], Iterable[Authority], Answerable], Paper]

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder of the node; it has to run.")]
Html = Annotated[bool, typer.Option("--html", help="As a page, for a web site.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the group of nodes."""
    app.command("privacy-notice")(privacy_notice)
    app.command("records-of-processing")(records_of_processing)


def privacy_notice(*, folder: Folder, html: Html = False) -> None:
    """Write the privacy notice: who processes what and why, who gets it, how long, which rights people have."""
    from node.handlers import transparency

    _write(folder, transparency.privacy_notice, html=html)


def records_of_processing(*, folder: Folder, html: Html = False) -> None:
    """Write the records of processing activities (GDPR, Article 30), one for each procedure of the node."""
    from node.handlers import transparency

    _write(folder, transparency.records_of_processing, html=html)


def _write(folder: Path, paper_of: "Writer", *, html: bool) -> None:
    from node.cli.talk import ask, known_here
    from node.config import FILE, BadConfig
    from node.handlers.transparency import as_html, as_text

    config, areas = known_here(folder)
    if config.privacy is None:
        raise BadConfig(
            f"{folder / FILE} does not say who answers for the processing; add [privacy] with contact, "
            "data_protection_officer and supervisory_authority"
        )
    own = ask(folder, lambda node: node.register.own())
    authorities = [each.authority for each in own.authorities if each.status == "validated"]
    paper = paper_of(config.node, areas.values(), authorities, config.privacy)
    typer.echo(as_html(paper) if html else as_text(paper), nl=False)
