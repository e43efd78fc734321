"""Commands for links between exchanges, for drafts copied from one, and for the versions of what one says."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from node.cli.exchange import ACT, LOOK, Folder, Number
from schemas.links import LinkView
from schemas.versions import Version


class Kind(StrEnum):
    """What an exchange is to another."""

    FOLLOWS = "follows"
    RELATES_TO = "relates_to"


def register(app: typer.Typer) -> None:
    """Add the commands to the group of exchanges."""
    app.command("copy", rich_help_panel=ACT)(copy)
    app.command("link", rich_help_panel=ACT)(link)
    app.command("links", rich_help_panel=LOOK)(links)
    app.command("versions", rich_help_panel=LOOK)(versions)


def copy(
    *,
    folder: Folder,
    case: Number,
    into: Annotated[str, typer.Option(metavar="PROCEDURE", help="Of the draft: notification")] = "notification",
    authority: Annotated[
        str | None, typer.Option(metavar="AUTHORITY", help="Prepares the draft; the case's own by default.")
    ] = None,
) -> None:
    """Begin a draft with what an exchange says, such as a notification from a request."""
    from node.cli.talk import ask
    from node.client import NodeClient
    from schemas.exchange import Exchange

    async def act(node: NodeClient) -> Exchange:
        exchange = (await node.exchange(case)).exchange
        own = authority or next(name for name in exchange.authorities.values() if name.startswith(case.split("-")[2]))
        return await node.links.copy_into(case, into, own)

    typer.echo(f"{ask(folder, act).id}: a draft with what {case} says. Complete it, and send it with `take ... send`.")


def link(
    *,
    folder: Folder,
    case: Number,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The case number of the other exchange.")],
    kind: Annotated[Kind, typer.Option(help="What the first is to the other.")] = Kind.RELATES_TO,
) -> None:
    """Note a link between two exchanges in this node; nobody else is told."""
    from node.cli.talk import ask

    ask(folder, lambda node: node.links.note(case, other, kind.value))
    typer.echo(f"Noted: {case} {_KINDS[kind.value, True]} {other}.")


def links(*, folder: Folder, case: Number) -> None:
    """Show the links of an exchange, as far as you may see what they lead to."""
    from node.cli.talk import ask

    found = ask(folder, lambda node: node.links.of(case))
    for line in link_lines(found):
        typer.echo(line)


def versions(*, folder: Folder, case: Number) -> None:
    """Show the versions of what an exchange says, and what changed between them."""
    from node.cli.talk import ask
    from node.cli.words import printable
    from node.client import NodeClient

    async def look(node: NodeClient) -> tuple[list[Version], bool]:
        return await node.links.versions(case), bool((await node.exchange(case)).exchange.history)

    found, is_sent = ask(folder, look)
    for line in version_lines(found, is_sent=is_sent):
        typer.echo(printable(line))


_KINDS = {
    ("follows", True): "follows",
    ("follows", False): "is followed by",
    ("relates_to", True): "relates to",
    ("relates_to", False): "relates to",
}


def link_lines(found: list[LinkView]) -> Iterator[str]:
    """Tell links, a line each."""
    if not found:
        yield "There are no links."
    for each in found:
        here = "" if each.told else " (noted here, told to nobody)"
        other = (
            f"{each.exchange}: {each.state_label}" if each.exchange is not None else "an exchange that you can't see"
        )
        yield f"It {_KINDS[each.kind, each.outgoing]} {other}{here}"


def version_lines(found: list[Version], *, is_sent: bool) -> Iterator[str]:
    """Tell versions, each with what changed; a draft has none."""
    from node.cli.words import when

    if not found:
        yield "What it says is blocked or deleted." if is_sent else "Nothing of it is sent yet: there are no versions."
    for each in found:
        yield f"Version {each.number}, {when(each.at)}"
        for change in each.changes:
            before = "" if change.before is None else f", instead of {_told(change.before)}"
            yield f"  {change.label}: {_told(change.after)}{before}"


def _told(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
