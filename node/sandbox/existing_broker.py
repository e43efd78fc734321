"""A place of one's own on a RabbitMQ that runs already: for `--broker URL` of demo, pilot and benchmark.

The broker may serve a real federation, so nothing of it is touched: a place is a virtual host and users, all under
one new name, made through the management API and removed at the end. That is why an AMQP address is not enough.

Differences from a private broker: users have passwords instead of certificates, since certificates would have to come
from the broker's own authority; and should this process be killed (kill -9), the place stays until it is removed by
hand, under its name.
"""

import ipaddress
import os
import secrets
import ssl
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from pydantic import SecretStr

from broker import topology
from broker.management import Management, password_hash
from node.config import FILE, Config, write_config
from schemas.identifiers import NodeId

PASSWORD_VARIABLE = "IMI_BROKER_PASSWORD"  # noqa: S105 - the name of a variable
AUTHORITY_VARIABLE = "IMI_BROKER_CA"

FORM = f"""\
--broker takes the management API of a RabbitMQ, with an administrator's name: https://USER@HOST:15671, or \
http://USER@localhost:15672 on this machine. Put the password into {PASSWORD_VARIABLE}, and the path of the \
authority that vouches for the broker (PEM) into {AUTHORITY_VARIABLE} if the system does not know it. Nodes connect to \
the ports that the API names; ?amqps=PORT or ?amqp=PORT behind the address names another."""

_MANAGEMENT_PORT = {"http": 15672, "https": 15671}


class BadBrokerAddress(ValueError):
    """The address can't be used; the message says why, and which form it takes. Never with the password in it."""


class NoListener(Exception):
    """The broker offers no way in that a node may use; the message says which was looked for."""


class Way(NamedTuple):
    """How to get to a broker that runs."""

    management: Management
    authority: bytes | None
    """PEM of the authority that vouches for the broker, where the system's don't."""
    ports: Mapping[str, int]
    """Where nodes are to connect, by scheme; empty where the API is to say it."""


class Place(NamedTuple):
    """Where nodes connect to."""

    name: str
    """Of the virtual host, and the beginning of the users' names."""
    urls: Mapping[NodeId, str]
    """The address of each node, with its password."""
    authority: bytes | None
    """PEM of the authority that vouches for the broker; None where the link has no TLS."""

    def connect(self, config: Config) -> Config:
        """Tell a node that was founded without a broker where its broker is."""
        connected = config.model_copy(update={"broker": self.urls[config.node]})
        (config.folder / FILE).unlink()
        write_config(connected)
        (config.folder / FILE).chmod(0o600)  # the address holds the password of a user that lives as long as the place
        if self.authority is not None:
            (config.link / "ca.pem").write_bytes(self.authority)
        return connected


def take_way(text: str | None) -> Way | None:
    """Understand what the visitor gave, if anything, and take the password out of the environment.

    Nodes inherit the environment, and are not to have an administrator's password.

    Raises:
        BadBrokerAddress: see `read_address`.
    """
    if text is None:
        return None
    way = read_address(text, os.environ)
    del os.environ[PASSWORD_VARIABLE]
    return way


def read_address(text: str, environment: Mapping[str, str]) -> Way:
    """Understand what the visitor gave.

    Args:
        text: `https://USER@HOST:15671`, or `http://USER@localhost:15672` on this machine; behind it perhaps
            `?amqps=5671`.
        environment: holds the password, and perhaps the path of an authority.

    Raises:
        BadBrokerAddress: another form, the password in it, or no password at all.
    """
    try:
        parts = urlsplit(text)
        port = parts.port or _MANAGEMENT_PORT.get(parts.scheme)
        ports = {scheme: int(number) for scheme, number in parse_qsl(parts.query)}
    except ValueError as error:
        raise BadBrokerAddress(f"The address can't be read: {error}. {FORM}") from error
    if problem := _problem(parts, environment):
        raise BadBrokerAddress(f"{problem} {FORM}")
    authority = read_authority(environment)
    management = Management(
        url=f"{parts.scheme}://{_bracketed(parts.hostname or '')}:{port}{parts.path}",
        user=parts.username or "",
        password=SecretStr(environment[PASSWORD_VARIABLE]),
        context=ssl.create_default_context(cadata=authority.decode()) if authority is not None else None,
    )
    return Way(management, authority, ports)


def read_authority(environment: Mapping[str, str]) -> bytes | None:
    """Read the authority that vouches for the broker (PEM), if one is named.

    Raises:
        BadBrokerAddress: the file can't be read, or holds no certificate.
    """
    file = environment.get(AUTHORITY_VARIABLE)
    if not file:
        return None
    try:
        ssl.create_default_context(cafile=file)
        return Path(file).read_bytes()
    except OSError as error:
        raise BadBrokerAddress(f"{AUTHORITY_VARIABLE}: {file} holds no certificate in PEM: {error}") from error


@asynccontextmanager
async def place_on(
    way: Way, nodes: Iterable[NodeId], *, on_progress: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Place]:
    """Make a place for these nodes, for as long as the block lasts.

    Args:
        way: to the broker, as an administrator.
        nodes: who connects.
        on_progress: told in one line what is being done, and under which name.

    Raises:
        ManagementRefused: the API can't be reached or would not do it.
        NoListener: there is no link that is either local or secured.
    """
    name = f"imi-trial-{secrets.token_hex(4)}"
    passwords = {node: secrets.token_urlsafe(24) for node in nodes}
    management = way.management
    on_progress(f"making a virtual host of its own on {management.url}: {name}")
    scheme, host, port = await _listener(way)
    urls = {
        node: f"{scheme}://{_user(name, node)}:{password}@{host}:{port}/{name}" for node, password in passwords.items()
    }
    try:
        await management.request("POST", "definitions", place_definitions(name, passwords))
        yield Place(name, urls, (way.authority or _system_authorities()) if scheme == "amqps" else None)
    finally:
        await management.request("DELETE", f"vhosts/{name}", absent_is_fine=True)
        for node in passwords:
            await management.request("DELETE", f"users/{_user(name, node)}", absent_is_fine=True)


def place_definitions(name: str, passwords: Mapping[NodeId, str]) -> topology.Document:
    """Give RabbitMQ's definitions of a place: what the federation has, with users of other names."""
    document = topology.federation(vhost=name)
    for node, password in passwords.items():
        part = topology.node_definitions(node, password_hash=password_hash(password), vhost=name)
        own = {"users": "name", "permissions": "user", "topic_permissions": "user"}
        for section, entries in part.items():
            renamed = [{**entry, own[section]: _user(name, node)} if section in own else entry for entry in entries]
            document.setdefault(section, []).extend(renamed)
    return document


def _user(name: str, node: NodeId) -> str:
    return f"{name}-{node}"


def _problem(parts: SplitResult, environment: Mapping[str, str]) -> str | None:
    host = parts.hostname or ""
    found = {
        "An AMQP address is not enough: on a shared broker a virtual host and users are made for the purpose.": (
            parts.scheme in ("amqp", "amqps")
        ),
        "This is no address of a management API.": parts.scheme not in _MANAGEMENT_PORT or not host,
        "A password on the command line can be read by everybody on this machine.": parts.password is not None,
        f"Without TLS the password would travel to {host} in the clear.": (
            parts.scheme == "http" and not _is_local(host)
        ),
        "The administrator's name is missing.": not parts.username,
        "Of ports there are two kinds.": not {name for name, _ in parse_qsl(parts.query)} <= {"amqp", "amqps"},
        f"{PASSWORD_VARIABLE} is not set.": not environment.get(PASSWORD_VARIABLE),
    }
    return next((problem for problem, holds in found.items() if holds), None)


def _system_authorities() -> bytes:
    context = ssl.create_default_context()
    return "".join(ssl.DER_cert_to_PEM_cert(one) for one in context.get_ca_certs(binary_form=True)).encode()


async def _listener(way: Way) -> tuple[str, str, int]:
    """Scheme, host and port for nodes: on the same host as the API; without TLS only on this machine."""
    host = urlsplit(way.management.url).hostname or ""
    ports = way.ports or await _announced(way.management)
    for scheme in ("amqp", "amqps"):
        if scheme in ports and (scheme == "amqps" or _is_local(host)):
            return scheme, _bracketed(host), ports[scheme]
    wanted = "AMQP or AMQP over TLS" if _is_local(host) else "AMQP over TLS"
    raise NoListener(f"{way.management.url} names no port for {wanted}; put it behind the address: ?amqps=5671")


async def _announced(management: Management) -> dict[str, int]:
    """The ports that the API names; none where its metrics are switched off."""
    overview: dict[str, Any] = await management.request("GET", "overview")
    schemes = {"amqp": "amqp", "amqp/ssl": "amqps"}
    listeners = overview.get("listeners", ())
    return {schemes[each["protocol"]]: int(each["port"]) for each in listeners if each["protocol"] in schemes}


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bracketed(host: str) -> str:
    return f"[{quote(host, safe=':')}]" if ":" in host else host
