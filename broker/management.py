"""Admits nodes to a running RabbitMQ, and expels them, through its management API.

The same definitions as at boot, over HTTP: importing them again changes nothing, so that every call here may
be repeated. The administrator's password is held in memory only, and shown nowhere.
"""

import base64
import hashlib
import secrets
import ssl
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ConfigDict, SecretStr

from broker import topology
from schemas.identifiers import NodeId

_TIMEOUT_SECONDS = 15.0
_SALT_BYTES = 4  # RabbitMQ's own format of password hashes


class ManagementRefused(Exception):
    """The management API can't be reached or would not do it; the message says which and why."""


class Management(BaseModel):
    """The way to one broker's management API.

    Args:
        url: such as `https://broker.example:15671`; use https unless it is on this machine.
        context: the authority to trust for https, where it is not one of the system's.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    url: str
    user: str
    password: SecretStr
    vhost: str = topology.VHOST
    context: ssl.SSLContext | None = None

    async def provision(self, nodes: Iterable[NodeId]) -> None:
        """Make the exchange and all that these nodes need; what is there already stays as it is.

        Raises:
            BadNodeName: a node is not named by two capital letters; nothing was done.
            ManagementRefused: see there.
        """
        await self.request("POST", "definitions", topology.definitions(nodes, vhost=self.vhost))

    async def admit(self, node: NodeId) -> None:
        """Give one node its user, permissions and inbox; raises as `provision` does."""
        await self.request("POST", "definitions", topology.node_definitions(node, vhost=self.vhost))

    async def expel(self, node: NodeId) -> None:
        """Take a node's user away, which also ends its connections; its inbox stays, for the operator to decide.

        Raises:
            BadNodeName, ManagementRefused: as for `provision`.
        """
        topology.inbox(node)
        await self.request("DELETE", f"users/{node}", absent_is_fine=True)

    async def serves(self, node: NodeId) -> bool:
        """Say whether the broker answers, and has this node's inbox bound."""
        path = f"bindings/{quote(self.vhost, safe='')}/e/{topology.EXCHANGE}/q/{topology.inbox(node)}"
        try:
            return bool(await self.request("GET", path, absent_is_fine=True))
        except ManagementRefused:
            return False

    async def request(
        self, method: str, path: str, document: topology.Document | None = None, *, absent_is_fine: bool = False
    ) -> Any:
        """Make one call below `/api/`, and give the JSON of the answer, or None where there is none.

        Raises:
            ManagementRefused: see there.
        """
        verify: ssl.SSLContext | bool = self.context or True
        credentials = (self.user, self.password.get_secret_value())
        try:
            async with httpx2.AsyncClient(verify=verify, auth=credentials, timeout=_TIMEOUT_SECONDS) as client:
                answer = await client.request(method, f"{self.url.rstrip('/')}/api/{path}", json=document)
        except httpx2.HTTPError as problem:
            raise ManagementRefused(f"The management API at {self.url} can't be reached: {problem!r}") from problem
        if absent_is_fine and answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        if answer.is_error:
            raise ManagementRefused(f"{self.url} refused {method} {path}: {_reason(answer, self.user)}")
        return answer.json() if answer.content else None


def password_hash(password: str) -> str:
    """Give a password's hash as RabbitMQ keeps it: salt and SHA-256 of salt and password, in base64."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _reason(answer: httpx2.Response, user: str) -> str:
    match answer.status_code:
        case HTTPStatus.UNAUTHORIZED:
            return f"user {user} and its password do not fit, or it is no administrator."
        case HTTPStatus.NOT_FOUND:
            return "there is no such thing; is the plugin rabbitmq_management on?"
        case _:
            return f"{answer.status_code} {answer.text[:300]}"
