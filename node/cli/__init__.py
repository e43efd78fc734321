"""The command line of the node: `imi`, or `python -m node`.

A group of commands is a module of its own here. Invariants:
- At the start only typer is imported. A command imports what it needs when it runs, so that help comes at once.
- What can be foreseen to go wrong ends in one or a few lines on standard error and status 1, never in a traceback.
  A command line that is wrong ends with status 2.
- What a form says comes from a file. A command line is remembered by shells and seen by others on the machine.
"""

import sys
from collections.abc import Sequence

import typer
from typer.core import TyperGroup

from node.cli import (
    authority,
    backup,
    broker,
    declarations,
    desk,
    exchange,
    federation,
    guidance,
    ledger,
    links,
    node,
    notices,
    privacy,
    registering,
    search,
    statistics,
    steps,
    translation,
    transparency,
    trial,
    trust,
    users,
)
from node.cli.user import begin_as

TRY, RUN, PROVE = "Try it", "Run it", "Trust it"

_ORDER = (
    "demo",
    "pilot",
    "bench",
    "federation",
    "broker",
    "node",
    "authority",
    "user",
    "exchange",
    "desk",
    "notices",
    "privacy",
    "statistics",
    "area",
    "guidance",
    "translation",
    "ledger",
    "check",
    "verify",
    "privacy-drill",
)


class _InOrder(TyperGroup):
    """Help begins with trying things out, and not with what happens to be no group."""

    def list_commands(self, ctx: object) -> list[str]:  # noqa: ARG002  as its base class has it
        """Name the commands in the order of help."""
        return sorted(self.commands, key=_ORDER.index)


app = typer.Typer(
    cls=_InOrder,
    help="A node of the federated Internal Market Information System.",
    epilog="imi help COMMAND explains a command.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.callback()(begin_as)
app.command("demo", rich_help_panel=TRY)(trial.demo)
app.command("pilot", rich_help_panel=TRY)(trial.pilot)
app.command("bench", rich_help_panel=TRY)(trial.bench)
app.add_typer(federation.app, name="federation", rich_help_panel=RUN)
app.add_typer(broker.app, name="broker", rich_help_panel=RUN)
app.add_typer(node.app, name="node", rich_help_panel=RUN)
app.add_typer(authority.app, name="authority", rich_help_panel=RUN)
app.add_typer(users.app, name="user", rich_help_panel=RUN)
app.add_typer(exchange.app, name="exchange", rich_help_panel=RUN)
app.add_typer(desk.app, name="desk", rich_help_panel=RUN)
app.add_typer(notices.app, name="notices", rich_help_panel=RUN)
app.add_typer(privacy.app, name="privacy", rich_help_panel=RUN)
app.add_typer(statistics.app, name="statistics", rich_help_panel=RUN)
app.add_typer(declarations.app, name="area", rich_help_panel=RUN)
app.command("guidance", rich_help_panel=RUN)(guidance.guidance)
app.add_typer(translation.app, name="translation", rich_help_panel=RUN)
app.add_typer(ledger.app, name="ledger", rich_help_panel=PROVE)
app.command("check", rich_help_panel=PROVE)(trust.check)
app.command("verify", rich_help_panel=PROVE)(trust.verify)
app.command("privacy-drill", rich_help_panel=PROVE)(trial.privacy_drill)
backup.register(node.app)
transparency.register(node.app)
search.register(exchange.app)
registering.register(authority.app)
steps.register(exchange.app)
links.register(exchange.app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line, and give the exit status: 0 done, 1 not done, 2 not understood.

    Args:
        arguments: without the program's name; those of this process by default.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] in ([], ["help"]):
        given = [*given[1:], "--help"]
    try:
        app(given, prog_name="imi")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    except Exception as error:
        from node.cli.errors import explain  # noqa: PLC0415  only where something went wrong

        lines = explain(error)
        if lines is None:
            raise
        for line in lines:
            typer.echo(line, err=True)
        return 1
    return 0
