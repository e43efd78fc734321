"""A node's folder and the file `node.toml` in it: all that differs between one node and another.

node.toml     this configuration
keys/         the node's private keys, mode 0700, readable by nobody else
link/         certificate and key for the connection to the broker
trust/        the pinned root and the directory of the federation
areas/        policy areas beyond those that come with the program
store.sqlite  everything the node remembers
backup.pub    the public key that backups are sealed to
node.sock     the local door: whoever may open it may act for the node
"""

import json
import tomllib
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from schemas.authorities import EmailAddress
from schemas.identifiers import NodeId
from schemas.privacy import Answerable

FILE = "node.toml"


class BadConfig(ValueError):
    """The node's configuration can't be used; the message names the setting and the remedy."""


class Mail(BaseModel):
    """The mail server that hands out digests; no password stands in here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    server: str
    """`smtps://host[:465]` for TLS from the first byte, `smtp://host[:587]` for STARTTLS. Both are insisted on, but for
    a server on this machine itself, spoken to by `smtp://localhost`."""
    sender: EmailAddress
    """Whom digests are from; its domain takes back what can't be delivered."""
    link: str
    """What a case number is put behind for the address of the case: `https://imi.example.eu/exchanges/`."""
    credentials: Path | None = None
    """A file of the node's folder with user and password, a line each, that only its owner may read; without it nobody
    signs in."""
    ca: Path | None = None
    """Certificates to trust instead of the machine's."""

    @field_validator("server")
    @classmethod
    def _known_way(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("it is smtp://host[:port] or smtps://host[:port]")
        if parts.username or parts.password or parts.path.strip("/") or parts.query:
            raise ValueError("it has host and port only; user and password stand in the file of `credentials`")
        return value

    @field_validator("link")
    @classmethod
    def _link(cls, value: str) -> str:
        if not value.startswith(("https://", "http://localhost")):
            raise ValueError("it begins with https://")
        return value

    def within(self, folder: Path) -> "Mail":
        """Look for its files in a node's folder, unless they are named from the root."""
        files = {"credentials": self.credentials, "ca": self.ca}
        return self.model_copy(update={name: folder / file for name, file in files.items() if file is not None})

    @property
    def host(self) -> str:
        """The mail server's name."""
        return urlsplit(self.server).hostname or ""

    @property
    def port(self) -> int:
        """Its port; RFC 8314 names those that are taken where none is given."""
        return urlsplit(self.server).port or (465 if self.implicit_tls else 587)

    @property
    def implicit_tls(self) -> bool:
        """TLS from the first byte (RFC 8314, 3.3)."""
        return urlsplit(self.server).scheme == "smtps"

    @property
    def plain(self) -> bool:
        """Whether the way is so short that it needs no TLS."""
        return not self.implicit_tls and self.host in ("localhost", "127.0.0.1", "::1")


class Config(BaseModel):
    """The settings of one node; immutable, handed down from the composition root."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    node: NodeId
    broker: str
    """`amqps://host:port` with the certificate in `link/`, or `amqp://user:password@host:port` for a trial."""
    clock: Literal["system"] | Path = "system"
    """The machine's clock, or the file of a simulated one."""
    folder: Path = Path()
    keyring_secret: str | None = None
    """Where the secret comes from that the keyring is wrapped with: `file:PATH`, `env:NAME`, `credential:NAME`."""
    mail: Mail | None = None
    """Without it nobody gets mail, and notices are in the node only."""
    privacy: Answerable | None = None
    """Who answers for the processing; the privacy notice and the records of processing need it."""

    @property
    def keys(self) -> Path:
        """The folder of private keys."""
        return self.folder / "keys"

    @property
    def link(self) -> Path:
        """The folder with the certificates of the broker connection."""
        return self.folder / "link"

    @property
    def trust(self) -> Path:
        """The folder of root and directory as they were when the node was set up."""
        return self.folder / "trust"

    @property
    def areas(self) -> Path:
        """The folder of further policy areas."""
        return self.folder / "areas"

    @property
    def store(self) -> Path:
        """The database."""
        return self.folder / "store.sqlite"

    @property
    def restored(self) -> Path:
        """There while the store is a restored backup whose node has not heard from its peers yet."""
        return self.folder / "restored"

    @property
    def backup_key(self) -> Path:
        """The public key that backups are sealed to."""
        return self.folder / "backup.pub"

    @property
    def socket(self) -> Path:
        """The local door of a running node."""
        return self.folder / "node.sock"


def read_config(folder: Path) -> Config:
    """Read a node's configuration.

    Raises:
        BadConfig: no node folder, not TOML, or a setting is missing or wrong.
    """
    file = folder / FILE
    try:
        settings = tomllib.loads(file.read_text())
        config = Config.model_validate({**settings, "folder": folder.resolve()})
        return config.model_copy(update={"mail": config.mail.within(config.folder)}) if config.mail else config
    except FileNotFoundError as error:
        raise BadConfig(f"{folder} is not a node's folder: it has no {FILE}. Make one with `imi node init`.") from error
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{file} is not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise BadConfig(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def write_config(config: Config) -> None:
    """Write `node.toml` for the first time; refuses to overwrite one."""
    file = config.folder / FILE
    if file.exists():
        raise BadConfig(f"{file} exists already; this folder belongs to a node. Choose another folder.")
    settings = {"node": config.node, "broker": config.broker, "clock": str(config.clock)}
    file.write_text("".join(f'{name} = "{value}"\n' for name, value in settings.items()))


def set_keyring_secret(config: Config, source: str) -> None:
    """Note in `node.toml` what the keyring is wrapped with; all else in the file stays as it is."""
    file = config.folder / FILE
    lines = [line for line in file.read_text().splitlines() if not line.startswith("keyring_secret")]
    draft = file.with_name(f".{FILE}.draft")
    draft.write_text("\n".join([f"keyring_secret = {_quoted(source)}", *lines]) + "\n")
    draft.replace(file)


def _quoted(text: str) -> str:
    """A basic string of TOML; its escapes are those of JSON."""
    return json.dumps(text)
