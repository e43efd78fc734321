"""Starts a private RabbitMQ, for the demo and for tests: own ports, own folder, own port mapper, own authority.

It is configured as a real one should be: TLS 1.2 or 1.3 with client certificates required, sign-in by
certificate only (EXTERNAL), one user for each node with least permissions, quorum queues. It listens on this
machine only. Whatever it started is ended with it, even when this process is killed (`broker.guarded`).

For a RabbitMQ that exists already, see `broker.management`.
"""

import asyncio
import json
import secrets
import shutil
import signal
import socket
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr

from broker import topology
from broker.certificates import LinkAuthority, new_request, write_private
from broker.guarded import GuardedProcess
from broker.installation import Installation, RabbitMissing, find_rabbitmq
from broker.management import Management, password_hash
from broker.tls import TlsFiles
from schemas.identifiers import NodeId

__all__ = ["FolderInUse", "PortInUse", "Ports", "PrivateRabbit", "RabbitFailed", "RabbitMissing", "find_rabbitmq"]

START_SECONDS = 90.0
MAX_MESSAGE_BYTES = 1024 * 1024
"""Four times the federation's largest envelope: the broker is no place for attachments."""

_ADDRESS = "127.0.0.1"
_ADMINISTRATOR = "operator"
_PASSWORD, _PORTS = "operator.password", "ports.json"
_FIRST_PORT, _LAST_PORT = 20000, 32000  # below the range that outgoing connections take theirs from
_ORDERLY_SECONDS = 20.0
_LOOK_SECONDS = 0.05
_LOG_TAIL_CHARACTERS = 1500


class PortInUse(Exception):
    """Another program listens on a port that the broker was to have."""


class FolderInUse(Exception):
    """The folder has something in it, which ending the broker would remove."""


class RabbitFailed(Exception):
    """RabbitMQ ended, or did not answer in time; the message holds the end of its log."""


class Ports(BaseModel):
    """The four ports of a private broker, all on this machine's own address."""

    model_config = ConfigDict(frozen=True)

    amqps: int
    management: int
    distribution: int
    epmd: int

    @classmethod
    def pick(cls) -> "Ports":
        """Find four that are free now."""
        found: list[int] = []
        while len(found) < len(cls.model_fields):
            port = _FIRST_PORT + secrets.randbelow(_LAST_PORT - _FIRST_PORT)
            if port not in found and _is_free(port):
                found.append(port)
        return cls(**dict(zip(cls.model_fields, found, strict=True)))

    @classmethod
    def kept(cls, folder: Path) -> "Ports | None":
        """Read those of the broker that left its data in this folder; the data belong to them."""
        file = folder / _PORTS
        return cls.model_validate_json(file.read_bytes()) if file.exists() else None

    def check(self) -> None:
        """Make sure that all are free.

        Raises:
            PortInUse: names the first that is not.
        """
        for purpose, port in self.model_dump().items():
            if not _is_free(port):
                raise PortInUse(
                    f"Port {port} ({purpose} of the private broker) is in use; "
                    "stop what listens there, or choose another."
                )


class PrivateRabbit:
    """A RabbitMQ of one's own, for as long as an `async with` block lasts.

    Args:
        folder: where it keeps everything; made if need be, must be empty, and is removed at the end unless it is kept.
        nodes: the nodes that it serves; `management.admit` adds others.
        ports: which ports to use; free ones are found by default.
        installation: which RabbitMQ; by default the one that `find_rabbitmq` finds.
        configuration: further lines for `rabbitmq.conf`.
        authority: which authority vouches for the broker and its nodes; one of its own by default.
        keep: leave the folder at the end, and go on with what it holds at the next start: data, ports, password.

    Raises:
        RabbitMissing, PortInUse, FolderInUse, RabbitFailed: on entering the block.
    """

    def __init__(
        self,
        folder: Path,
        nodes: Iterable[NodeId],
        *,
        ports: Ports | None = None,
        installation: Installation | None = None,
        configuration: str = "",
        authority: LinkAuthority | None = None,
        keep: bool = False,
    ) -> None:
        self.folder = folder.absolute()
        self.nodes = list(nodes)
        self.keep = keep
        self.ports = ports or (Ports.kept(self.folder) if keep else None) or Ports.pick()
        self.authority = authority or LinkAuthority.create("Authority of a private broker", at=datetime.now(UTC))
        self.management = Management(
            url=f"http://{_ADDRESS}:{self.ports.management}",
            user=_ADMINISTRATOR,
            password=SecretStr((kept_password(self.folder) if keep else None) or secrets.token_urlsafe(24)),
        )
        self._installation = installation
        self._configuration = configuration
        self._epmd: GuardedProcess | None = None
        self._server: GuardedProcess | None = None

    async def __aenter__(self) -> Self:
        installation = self._installation = self._installation or find_rabbitmq()
        self.ports.check()
        if not (self.keep and kept_password(self.folder)):
            _claim(self.folder)
        try:
            self._write_files()
            self._epmd = self._spawn([str(installation.epmd), "-port", str(self.ports.epmd), "-address", _ADDRESS])
            await self.start()
        except BaseException:
            self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self.keep:
            await self.stop()
        self._end()

    def url(self, node: NodeId) -> str:  # noqa: ARG002 - a node asks for its own, whatever the broker
        """Give the address that this node connects to; here all share one listener."""
        return f"amqps://localhost:{self.ports.amqps}/"

    def tls(self, node: NodeId) -> TlsFiles:
        """Give a node's files for the link; key and certificate are made at the first call."""
        folder = self.folder / "links" / node
        files = TlsFiles(
            authority=self.folder / "authority.pem", certificate=folder / "link.pem", key=folder / "link.key"
        )
        if not files.certificate.exists():
            key, request = new_request(node)
            folder.mkdir(parents=True, mode=0o700)
            write_private(files.key, key)
            files.certificate.write_bytes(self.authority.sign(request, node, at=datetime.now(UTC)))
        return files

    async def start(self) -> None:
        """Start the broker on its data and ports, and wait until it serves its nodes; if it runs, do nothing.

        Raises:
            RabbitFailed: it ended, or was not ready within `START_SECONDS`.
        """
        if self._installation is None:
            raise RabbitFailed("a private broker starts with its `async with` block")
        if self._server is not None and self._server.is_running:
            return
        (self.folder / "server.pid").unlink(missing_ok=True)
        self._server = self._spawn([str(self._installation.server)])
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        while not await self._is_ready():
            if not self._server.is_running:
                raise RabbitFailed(f"RabbitMQ ended while it started. Its last words:\n{self._log_tail()}")
            if asyncio.get_running_loop().time() > deadline:
                raise RabbitFailed(f"RabbitMQ is not ready after {START_SECONDS:g} s:\n{self._log_tail()}")
            await asyncio.sleep(_LOOK_SECONDS)

    async def stop(self) -> None:
        """Stop the broker in good order; data, ports and port mapper stay for the next `start`."""
        if self._server is not None:
            await self._server.terminate(_ORDERLY_SECONDS)

    async def restart(self) -> None:
        """Stop in good order, and start again; raises as `start` does."""
        await self.stop()
        await self.start()

    async def kill(self) -> None:
        """Kill the broker as a power cut would (kill -9); `start` brings it back on what reached the disk."""
        if self._server is not None:
            self._server.kill()

    def pause(self) -> None:
        """Freeze the broker (SIGSTOP): connections stay open, nothing answers."""
        if self._server is not None:
            self._server.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused broker go on (SIGCONT)."""
        if self._server is not None:
            self._server.signal(signal.SIGCONT)

    def _end(self) -> None:
        for process in (self._server, self._epmd):
            if process is not None:
                process.kill()
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn(self, command: list[str]) -> GuardedProcess:
        log = self.folder / "output.log"
        return GuardedProcess(command, folder=self.folder, log=log, environment=_environment(self.folder, self.ports))

    async def _is_ready(self) -> bool:
        if not (self.folder / "server.pid").exists() or _is_free(self.ports.amqps):
            return False
        return all([await self.management.serves(node) for node in self.nodes[-1:]])

    def _log_tail(self) -> str:
        files = sorted(self.folder.glob("log/*.log"), key=lambda file: file.stat().st_mtime)
        texts = [file.read_text(errors="replace") for file in [self.folder / "output.log", *files[-1:]]]
        return "\n".join(text[-_LOG_TAIL_CHARACTERS:] for text in texts)

    def _write_files(self) -> None:
        key, certificate = self.authority.issue_server(["localhost", _ADDRESS], at=datetime.now(UTC))
        (self.folder / "authority.pem").write_bytes(self.authority.pem)
        (self.folder / "server.pem").write_bytes(certificate)
        write_private(self.folder / "server.key", key)
        password = self.management.password.get_secret_value()
        write_private(self.folder / _PASSWORD, password.encode())
        (self.folder / _PORTS).write_text(self.ports.model_dump_json())
        write_private(self.folder / ".erlang.cookie", secrets.token_hex(16).encode())
        operator = topology.Administrator(name=_ADMINISTRATOR, password_hash=password_hash(password))
        document = topology.definitions(self.nodes, administrators=[operator])
        write_private(self.folder / "definitions.json", json.dumps(document, indent=1).encode())
        (self.folder / "enabled_plugins").write_text("[rabbitmq_auth_mechanism_ssl,rabbitmq_management].\n")
        (self.folder / "environment.conf").touch()
        (self.folder / "rabbitmq.conf").write_text(_configuration(self.folder, self.ports) + self._configuration)


def kept_password(folder: Path) -> str | None:
    """Read the management password of the private broker that keeps this folder; none if there is no such broker."""
    file = folder / _PASSWORD
    return file.read_text() if file.exists() else None


def kept_management(folder: Path) -> Management:
    """Give the way to the management API of the private broker that keeps this folder.

    Raises:
        FolderInUse: no private broker was ever started there.
    """
    ports, password = Ports.kept(folder), kept_password(folder)
    if ports is None or password is None:
        raise FolderInUse(f"{folder} is not the folder of a private broker; start one with `imi broker run`.")
    url = f"http://{_ADDRESS}:{ports.management}"
    return Management(url=url, user=_ADMINISTRATOR, password=SecretStr(password))


def _claim(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any(folder.iterdir()):
        raise FolderInUse(f"{folder} is not empty; a private broker needs a folder of its own.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that linger don't count
        try:
            probe.bind((_ADDRESS, port))
            probe.listen()
        except OSError:
            return False
    return True


def _configuration(folder: Path, ports: Ports) -> str:
    return f"""\
listeners.tcp = none
listeners.ssl.1 = {_ADDRESS}:{ports.amqps}
ssl_options.cacertfile = {folder}/authority.pem
ssl_options.certfile = {folder}/server.pem
ssl_options.keyfile = {folder}/server.key
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
ssl_options.versions.1 = tlsv1.3
ssl_options.versions.2 = tlsv1.2
auth_mechanisms.1 = EXTERNAL
ssl_cert_login_from = common_name
max_message_size = {MAX_MESSAGE_BYTES}
management.tcp.ip = {_ADDRESS}
management.tcp.port = {ports.management}
management_agent.disable_metrics_collector = true
load_definitions = {folder}/definitions.json
log.console = false
log.file.level = warning
"""


def _environment(folder: Path, ports: Ports) -> Mapping[str, str]:
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin",
        "LANG": "C.UTF-8",
        "HOME": str(folder),  # where Erlang looks for its cookie
        "RABBITMQ_NODENAME": f"private{ports.epmd}@localhost",
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "environment.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_PID_FILE": str(folder / "server.pid"),
        "RABBITMQ_DIST_PORT": str(ports.distribution),
        "ERL_EPMD_PORT": str(ports.epmd),
        "ERL_EPMD_ADDRESS": _ADDRESS,
        # Without a shell in between, so that the signals reach the broker itself.
        "RUNNING_UNDER_SYSTEMD": "true",
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }
