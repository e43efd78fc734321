"""Commands for the desk: steps that are prepared and wait for approval, and who at home has to do with an exchange."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer

from node.cli.exchange import Folder, Number
from node.cli.steps import By, Form, Settings
from node.cli.user import act_as

app = typer.Typer(help="Prepare steps, have them approved, give exchanges to people.", no_args_is_help=True)
app.callback()(act_as)

Step = Annotated[str, typer.Argument(metavar="STEP", help="As `imi desk list` names it: send, reply ...")]
Authority = Annotated[str, typer.Option("--authority", metavar="AUTHORITY", help="For which of them: DE/youth-media")]


@app.command("list")
def list_(*, folder: Folder) -> None:
    """List steps that are prepared and not taken: drafts, what waits for approval, what was sent back."""
    from node.cli.tables import print_table
    from node.cli.talk import ask
    from node.cli.words import PENDING, when

    lines = ask(folder, lambda node: node.desk.waiting())
    if not lines:
        typer.echo("Nothing waits on the desk.")
        return
    rows = (
        (
            each.exchange,
            each.pending.step,
            each.pending.authority,
            PENDING[each.pending.status],
            each.pending.by or "",
            when(each.pending.at),
            each.pending.note,
        )
        for each in lines
    )
    print_table(("case", "step", "authority", "status", "by", "since", "note"), rows)


@app.command()
def prepare(
    *,
    folder: Folder,
    case: Number,
    step: Step,
    form: Form = None,
    settings: Settings = None,
    authority: By = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="AUTHORITY", help="Whom a forwarding names: CY/telecom")
    ] = None,
) -> None:
    """Keep a step without taking it; a new exchange is prepared with `imi exchange draft`."""
    from node.cli.acting import prepare_step

    typer.echo(prepare_step(folder, case, step, form, settings or (), authority=authority, addressed=to))


@app.command()
def submit(*, folder: Folder, case: Number, step: Step) -> None:
    """Submit a prepared step for approval."""
    _of_step(folder, case, step, "submit", "submitted for approval")


@app.command("take-back")
def take_back(*, folder: Folder, case: Number, step: Step) -> None:
    """Take a submitted step back, to go on with it."""
    _of_step(folder, case, step, "withdraw", "yours again")


@app.command()
def discard(*, folder: Folder, case: Number, step: Step) -> None:
    """Drop what was prepared of a step."""
    _of_step(folder, case, step, "discard", "not prepared any more")


@app.command("send-back")
def send_back(
    *,
    folder: Folder,
    case: Number,
    step: Step,
    note: Annotated[str, typer.Option(help="What is to be changed. No personal data.")],
) -> None:
    """Give a submitted step back to whoever submitted it."""
    from node.cli.talk import ask

    ask(folder, lambda node: node.desk.send_back(case, step, note))
    typer.echo(f"{case}: {step} is sent back.")


@app.command()
def release(*, folder: Folder, case: Number, step: Step) -> None:
    """Release a submitted step: it is taken, with the form that was submitted."""
    from node.cli.acting import told_standing
    from node.cli.talk import ask

    typer.echo(told_standing(folder, ask(folder, lambda node: node.desk.release(case, step))))


@app.command()
def assign(
    *,
    folder: Folder,
    case: Number,
    authority: Authority,
    user: Annotated[str | None, typer.Option("--to", metavar="USER", help="A handler; nobody without it.")] = None,
) -> None:
    """Give an exchange to a handler of an authority, or take it on yourself."""
    from node.cli.talk import ask

    ask(folder, lambda node: node.desk.allocate(case, authority, user))
    typer.echo(f"{case} is handled by {user or 'nobody in particular'} for {authority}.")


@app.command()
def disseminate(
    *,
    folder: Folder,
    case: Number,
    to: Annotated[list[str], typer.Option("--to", metavar="AUTHORITY", help="Of your country; repeat it.")],
) -> None:
    """Pass a notification of another country on to authorities of your own, who may read it from now on."""
    from node.cli.talk import ask

    desk = ask(folder, lambda node: node.desk.disseminate(case, *to))
    typer.echo(f"{case} is read by {', '.join(desk.disseminated_to)}.")


def _of_step(folder: Path, case: str, step: str, act: str, outcome: str) -> None:
    from node.cli.talk import ask

    ask(folder, lambda node: getattr(node.desk, act)(case, step))
    typer.echo(f"{case}: {step} is {outcome}.")
