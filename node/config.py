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
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, field_validator, model_validator

from schemas.authorities import EmailAddress
from schemas.identifiers import NodeId
from schemas.transparency import Answerable

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


LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2}$")]


class ApertiumProgram(BaseModel):
    """Apertium on this machine, with the pairs that are installed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["apertium"]
    program: str = "apertium"


class HttpEngine(BaseModel):
    """A server that answers at once: LibreTranslate, or Apertium's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["libretranslate", "apertium-apy"]
    url: str
    outside: bool = True
    """False for a server of the administration's own, whose operator may see personal data."""
    key: Path | None = None
    """LibreTranslate's API key: a file of the node's folder that only its owner may read."""


class ETranslation(BaseModel):
    """An application's account at the Commission's eTranslation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["etranslation"]
    version: Literal[1, 2] = 2
    url: str | None = None
    """Another service than the Commission's, such as the stand-in."""
    credentials: Path = Path("etranslation.credentials")
    """A file with application and password, a line each, that only its owner may read."""
    callback: str
    """The public address that answers come to; what stands before `listen` passes them on."""
    listen: Annotated[str, Field(pattern=r"^[^:]+:\d{1,5}$")] = "127.0.0.1:8470"
    domain: str = "GEN"
    answer_within_minutes: PositiveInt = 15

    @field_validator("callback")
    @classmethod
    def _public(cls, value: str) -> str:
        if not value.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise ValueError("it begins with https://, since answers hold what was translated")
        return value.rstrip("/")


EngineSettings = Annotated[ApertiumProgram | HttpEngine | ETranslation, Field(discriminator="kind")]


class Translation(BaseModel):
    """Who translates what arrives; without this nobody does, and the originals stand."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    languages: tuple[LanguageCode, ...] = ()
    """Into which; the country's official languages without it."""
    engines: dict[str, EngineSettings]
    """By a name of one's own; the first is preferred."""
    pairs: dict[str, tuple[str, ...]] = {}
    """`it-es` or `*-es` -> the engines to use, in this order; none where the original is to stand."""
    pivots: tuple[LanguageCode, ...] = ("en",)
    """Languages to go over where there is no direct way, in this order."""
    outside_engine_for_personal: bool = False
    """Whether texts that may hold personal data go to an outside engine."""

    @model_validator(mode="after")
    def _names_its_engines(self) -> "Translation":
        unknown = {name for names in self.pairs.values() for name in names} - self.engines.keys()
        if unknown:
            raise ValueError(f"pairs name engines that there are not: {', '.join(sorted(unknown))}")
        if len(listening := [each for each in self.engines.values() if isinstance(each, ETranslation)]) > 1:
            raise ValueError(f"{len(listening)} accounts at eTranslation; a node uses one")
        return self

    def engines_for(self, source: str, target: str) -> tuple[str, ...]:
        """Name the engines for a pair, the preferred one first."""
        for key in (f"{source}-{target}", f"*-{target}", "*"):
            if key in self.pairs:
                return self.pairs[key]
        return tuple(self.engines)


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
    translation: Translation | None = None
    """Without it nothing is translated."""

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
    text = "".join(f'{name} = "{value}"\n' for name, value in settings.items())
    if config.translation is not None:
        text += "".join(_table("translation", config.translation.model_dump(mode="json", exclude_defaults=True)))
    file.write_text(text)


def _table(name: str, values: dict[str, Any]) -> Iterator[str]:
    """Write a table of TOML and those in it; strings, numbers, truths and lists are written as in JSON."""
    yield f"\n[{name}]\n"
    yield from (
        f"{json.dumps(key)} = {json.dumps(value)}\n" for key, value in values.items() if not isinstance(value, dict)
    )
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _table(f"{name}.{json.dumps(key)}", value)


def set_keyring_secret(config: Config, source: str) -> None:
    """Note in `node.toml` what the keyring is wrapped with; all else in the file stays as it is."""
    file = config.folder / FILE
    lines = [line for line in file.read_text().splitlines() if not line.startswith("keyring_secret")]
    draft = file.with_name(f".{FILE}.draft")
    draft.write_text("\n".join([f"keyring_secret = {json.dumps(source)}", *lines]) + "\n")
    draft.replace(file)
