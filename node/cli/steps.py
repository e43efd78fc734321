"""Commands that take a step in an exchange: the general one, and one for each step that is taken every day."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from node.cli.exchange import ACT, Folder, Number

Form = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The filled-in form, TOML or JSON. Personal data belong here, and nowhere else."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="One answer of the form; repeat it. Not for personal data."),
]
By = Annotated[
    str | None,
    typer.Option("--authority", metavar="AUTHORITY", help="Which of the node's authorities acts: DE/youth-media"),
]
Behalf = Annotated[
    str | None,
    typer.Option("--on-behalf-of", metavar="AUTHORITY", help="The local authority for which the central one acts."),
]
To = Annotated[str, typer.Option("--to", metavar="COUNTRY", help="A country, CY, or an authority of it, CY/telecom.")]
Area = Annotated[str, typer.Option(help="The policy area.")]
Procedure = Annotated[str, typer.Argument(metavar="PROCEDURE", help="request or notification")]

_DAILY = {
    "accept": "Accept a request.",
    "refuse": "Refuse a request, with the reason.",
    "reply": "Reply to a request.",
    "check": "Say whether the reply is satisfactory.",
    "close": "Close an exchange formally.",
    "withdraw": "Withdraw an exchange.",
    "comment": "Comment on a notification.",
    "assess": "Record the Commission's assessment of a notification.",
}


def register(app: typer.Typer) -> None:
    """Add the commands to the group of exchanges."""
    for name, command in (("send", send), ("draft", draft), ("take", take), ("forward", forward)):
        app.command(name, rich_help_panel=ACT)(command)
    for step, words in _DAILY.items():
        app.command(step, rich_help_panel=ACT, help=words)(_daily(step))


def send(
    *,
    folder: Folder,
    procedure: Procedure,
    to: To,
    form: Form = None,
    settings: Settings = None,
    authority: By = None,
    on_behalf_of: Behalf = None,
    area: Area = "e_commerce",
) -> None:
    """Open an exchange with another country: send a request or a notification."""
    from node.cli.acting import Opening, open_exchange

    opening = Opening(area=area, procedure=procedure, to=to, authority=authority, on_behalf_of=on_behalf_of)
    typer.echo(open_exchange(folder, opening, form, settings or ()))


def draft(
    *,
    folder: Folder,
    procedure: Procedure,
    to: To,
    form: Form = None,
    settings: Settings = None,
    authority: By = None,
    on_behalf_of: Behalf = None,
    area: Area = "e_commerce",
) -> None:
    """Begin an exchange without sending it; `take NODE_FOLDER CASE send` sends it."""
    from node.cli.acting import Opening, open_exchange

    opening = Opening(
        area=area, procedure=procedure, to=to, authority=authority, on_behalf_of=on_behalf_of, as_draft=True
    )
    typer.echo(open_exchange(folder, opening, form, settings or ()))


def take(
    *,
    folder: Folder,
    case: Number,
    step: Annotated[str, typer.Argument(metavar="STEP", help="As `imi exchange show` lists them.")],
    form: Form = None,
    settings: Settings = None,
    authority: By = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="AUTHORITY", help="In a split: the authority of your country that joins."),
    ] = None,
    on_behalf_of: Behalf = None,
) -> None:
    """Take any step that an exchange allows now."""
    _take(
        folder,
        case,
        step,
        form=form,
        settings=settings,
        authority=authority,
        addressed=to,
        on_behalf_of=on_behalf_of,
    )


def forward(
    *,
    folder: Folder,
    case: Number,
    to: Annotated[str, typer.Option("--to", metavar="AUTHORITY", help="The authority of your country: CY/telecom")],
    form: Form = None,
    settings: Settings = None,
    authority: By = None,
) -> None:
    """Forward a request to another authority of the same country."""
    _take(folder, case, "forward", form=form, settings=settings, authority=authority, addressed=to)


def _daily(step: str) -> Callable[..., None]:
    def command(
        *,
        folder: Folder,
        case: Number,
        form: Form = None,
        settings: Settings = None,
        authority: By = None,
        on_behalf_of: Behalf = None,
    ) -> None:
        _take(folder, case, step, form=form, settings=settings, authority=authority, on_behalf_of=on_behalf_of)

    return command


def _take(
    folder: Path,
    case: str,
    step: str,
    *,
    form: Path | None,
    settings: list[str] | None,
    authority: str | None,
    addressed: str | None = None,
    on_behalf_of: str | None = None,
) -> None:
    from node.cli.acting import take_step

    typer.echo(
        take_step(
            folder,
            case,
            step,
            form,
            settings or (),
            authority=authority,
            addressed=addressed,
            on_behalf_of=on_behalf_of,
        )
    )
