"""Commands that look authorities up, in this node's register and in those of all other countries.

Those that change the own register are in `node.cli.registering`.
"""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer

from node.cli.user import act_as

app = typer.Typer(help="Authorities of all countries, and the register of this node.", no_args_is_help=True)
app.callback()(act_as)

LOOK, CHANGE = "Look", "Change the register of this node"

Folder = Annotated[Path, typer.Argument(metavar="NODE_FOLDER", help="The folder of the node; it has to run.")]
AuthorityName = Annotated[str, typer.Argument(metavar="AUTHORITY", help="Its id: DE/youth-media.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]


@app.command(rich_help_panel=LOOK)
def find(
    *,
    folder: Folder,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORDS]...", help="Beginnings of words of names, competences and regions."),
    ] = None,
    country: Annotated[str | None, typer.Option(help="The country: CY.")] = None,
    area: Annotated[str | None, typer.Option(help="The policy area: e_commerce.")] = None,
    procedure: Annotated[str | None, typer.Option(help="request, notification ...")] = None,
    language: Annotated[str | None, typer.Option(help="A language that the authority works in: fr.")] = None,
    region: Annotated[str, typer.Option(help="A part of the country.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many.")] = 20,
    json: Json = False,
) -> None:
    """Find whom to turn to: the national coordinator first, then authorities, each with its contacts."""
    from node.cli.official_words import found_lines
    from node.cli.talk import ask
    from schemas.register import AuthorityQuery

    country = country.upper() if country is not None else None
    query = AuthorityQuery(
        country=country,
        area=area,
        procedure=procedure,
        language=language,
        region=region,
        words=" ".join(words or []),
        limit=limit,
    )
    found = ask(folder, lambda node: node.register.find(query))
    typer.echo(found.model_dump_json(indent=1) if json else "\n".join(found_lines(found, country)))


@app.command(rich_help_panel=LOOK)
def show(*, folder: Folder, authority: AuthorityName, json: Json = False) -> None:
    """Show one authority of any country."""
    from node.cli.official_words import view_lines
    from node.cli.talk import ask

    view = ask(folder, lambda node: node.register.authority(authority))
    typer.echo(view.model_dump_json(indent=1) if json else "\n".join(view_lines(view)))


@app.command("list", rich_help_panel=LOOK)
def list_(*, folder: Folder, json: Json = False) -> None:
    """List the register of this node, with what is not published yet."""
    from node.cli.official_words import AUTHORITIES, published_words, register_rows
    from node.cli.tables import print_table
    from node.cli.talk import ask

    view = ask(folder, lambda node: node.register.own())
    if json:
        typer.echo(view.model_dump_json(indent=1))
        return
    print_table(AUTHORITIES, register_rows(view))
    typer.echo(published_words(view.published))
    if view.unpublished:
        typer.echo("Changes are told to the other nodes within moments.")
