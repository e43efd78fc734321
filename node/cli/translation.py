"""Commands for machine translation at a running node."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Machine translation of what arrives: engines, pairs, what is on its way.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="NODE_FOLDER", help="The folder of the node; it has to run.")]


@app.command()
def pairs(
    *, folder: Folder, json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False
) -> None:
    """Say which languages the node's engines translate, which they can't, and what is on its way."""
    from node.cli.talk import ask
    from node.handlers.exchanges.translation_words import engine_sentences

    status = ask(folder, lambda node: node.translation.status())
    if json:
        typer.echo(status.model_dump_json(indent=1) if status is not None else "null")
        return
    for line in engine_sentences(status):
        typer.echo(line)
    if status is None:
        return
    for route in status.routes:
        typer.echo(f"  {route}")
    counted = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(status.jobs.items()) if count)
    typer.echo(f"Translations: {counted or 'none yet'}.")


@app.command()
def retry(*, folder: Folder) -> None:
    """Try again what could not be translated, after an engine was added or mended."""
    from node.cli.talk import ask

    count = ask(folder, lambda node: node.translation.retry())
    typer.echo(f"{count} {'text is' if count == 1 else 'texts are'} tried again.")


@app.command()
def language(
    *,
    folder: Folder,
    file: Annotated[typer.FileText, typer.Argument(metavar="FILE", help="The text; - for standard input.")],
) -> None:
    """Suggest which language a text is in."""
    from node.cli.talk import ask
    from node.handlers.exchanges.translation_words import language as name

    text = file.read()
    found = ask(folder, lambda node: node.translation.language(text))
    typer.echo(f"{found} ({name(found)})" if found is not None else "It can't be told.")


@app.command()
def stand_in(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens, on this machine only.")] = 8471,
    delay: Annotated[float, typer.Option(min=0, help="Seconds until it answers.")] = 0.5,
) -> None:
    """Run a stand-in of eTranslation, v1 and v2, to try a configuration out: it translates nothing."""
    from node.sandbox.etranslation import serve

    raise typer.Exit(serve(port, delay))
