"""Commands to try the whole thing on one machine."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import Annotated

import typer

_Broker = Annotated[
    str | None, typer.Option(metavar="URL", help="A RabbitMQ that runs already, instead of a private one.")
]


def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End after one round of exchanges.")] = False,
    broker: _Broker = None,
) -> None:
    """Three Member States and the Commission on this machine: a request and a notification."""
    from node.sandbox import demo as sandbox

    raise typer.Exit(sandbox.run(once=once, broker=broker))


def pilot(
    *,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the figures there, as JSON.")] = None,
    cases: Annotated[Path | None, typer.Option(metavar="FILE", help="Other recorded cases.")] = None,
    broker: _Broker = None,
) -> None:
    """The Commission's pilot once more, with its figures."""
    from node.sandbox import pilot as sandbox

    raise typer.Exit(sandbox.run(json_file=json, cases=cases, broker=broker))


def privacy_drill(
    *,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every finding there, as JSON.")] = None,
) -> None:
    """Search a whole federation for personal data, before and after closure, blocking and deletion.

    A canary in every field and file, nodes that are down when it counts, an old copy that comes back: each byte of
    every file, queue and log is searched, and every node is asked everything as every kind of user. The exit status is
    1 on any surprise.
    """
    from node.sandbox import drill as sandbox

    raise typer.Exit(sandbox.run(json_file=json))


def bench(
    *,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the figures there, as JSON.")] = None,
    rounds: Annotated[int, typer.Option(metavar="N", min=1, help="How often to measure.")] = 3,
    broker: _Broker = None,
) -> None:
    """How fast a node is on this machine."""
    from node.sandbox import bench as sandbox

    raise typer.Exit(sandbox.run(json_file=json, rounds=rounds, broker=broker))
