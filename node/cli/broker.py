"""Commands for the RabbitMQ between the nodes: a private one to try things out, or one that runs already."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from broker.management import Management
    from broker.provision import PrivateRabbit

app = typer.Typer(help="A RabbitMQ to try things out, or the users and queues of one that runs.", no_args_is_help=True)

DEFAULT_PORT = 5671

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="The private broker's folder.")]
Federation = Annotated[
    Path, typer.Option("--federation", metavar="FOLDER", help="The federation whose admitted nodes it serves.")
]


@app.command()
def run(
    *,
    folder: Folder,
    federation: Federation,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help=f"Where nodes connect: {DEFAULT_PORT}, or as the last time.")
    ] = None,
) -> None:
    """Run a private RabbitMQ on this machine until Ctrl-C; it keeps its data for the next time."""
    import asyncio

    from broker.provision import Ports, PrivateRabbit
    from node.cli import papers

    kept = Ports.kept(folder)
    ports = kept or Ports.pick().model_copy(update={"amqps": port or DEFAULT_PORT})
    if port is not None:
        ports = ports.model_copy(update={"amqps": port})
    nodes = papers.served_nodes(federation)
    rabbit = PrivateRabbit(folder, nodes, ports=ports, authority=papers.link_authority(federation), keep=True)
    asyncio.run(_serve(rabbit))


@app.command()
def admit(*, folder: Folder, federation: Federation) -> None:
    """Let nodes in that were admitted while the private broker runs, and expelled ones out."""
    import asyncio

    from broker.provision import kept_management

    asyncio.run(_provision(kept_management(folder), federation))


@app.command()
def provision(
    *,
    management: Annotated[str, typer.Option(metavar="URL", help="Its management API: https://broker.example:15671")],
    user: Annotated[str, typer.Option(help="An administrator of it.")],
    password_file: Annotated[Path, typer.Option(metavar="FILE", help="The file with the password.")],
    federation: Federation,
    ca: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Whom to trust for https, if not the system's authorities (PEM)."),
    ] = None,
) -> None:
    """Make the users, permissions and queues of all admitted nodes in a RabbitMQ that runs already."""
    import asyncio
    import ssl

    from pydantic import SecretStr

    from broker.management import Management

    context = ssl.create_default_context(cafile=str(ca)) if ca is not None else None
    password = SecretStr(password_file.read_text().rstrip("\r\n"))
    asyncio.run(_provision(Management(url=management, user=user, password=password, context=context), federation))


@app.command()
def papers(
    *,
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write them; made if need be.")],
    federation: Federation,
    host: Annotated[
        list[str], typer.Option("--host", metavar="NAME", help="A name that nodes reach the broker by; repeat it.")
    ],
) -> None:
    """Write what a broker is set up with: definitions of its users and queues, certificates for its listener."""
    import json
    from datetime import UTC, datetime

    from broker import topology
    from broker.certificates import write_private
    from node.cli import papers as federation_papers

    authority = federation_papers.link_authority(federation)
    key, certificate = authority.issue_server(host, at=datetime.now(UTC))
    out.mkdir(parents=True, exist_ok=True)
    (out / "authority.pem").write_bytes(authority.pem)
    (out / "server.pem").write_bytes(certificate)
    write_private(out / "server.key", key)
    served = federation_papers.served_nodes(federation)
    definitions = json.dumps(topology.definitions(served), indent=1)
    write_private(out / "definitions.json", definitions.encode())
    typer.echo(f"The papers of a broker for {', '.join(served) or 'nobody'} are in {out}.")


async def _serve(rabbit: "PrivateRabbit") -> None:
    import asyncio
    import signal

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    typer.echo("Starting RabbitMQ; this takes some seconds.")
    async with rabbit:
        typer.echo(
            f"The broker runs at amqps://localhost:{rabbit.ports.amqps} for {', '.join(rabbit.nodes) or 'nobody'}."
        )
        typer.echo("Ctrl-C ends it.")
        await ended.wait()


async def _provision(management: "Management", federation: Path) -> None:
    from node.cli import papers

    draft = papers.read_draft(federation)
    served = papers.served_nodes(federation)
    await management.provision(served)
    for entry in draft.nodes:
        if entry.id not in served:
            await management.expel(entry.id)
    typer.echo(f"The broker serves {', '.join(served) or 'nobody'}.")
