"""The one place that knows the broker's names: exchange, queues, keys, users and what each may do.

Everything here is pure. `definitions` gives RabbitMQ's own definitions document, which serves at boot
(`load_definitions`), for the management API (`POST /api/definitions`) and for `rabbitmqctl import_definitions`;
importing it again changes nothing, so that a node is admitted to a running broker with the same function.

Invariants:
- Only durable names, and only quorum queues: they are the ones that survive the loss of a machine, and
  RabbitMQ 4.x deploys them unchanged.
- A node's user declares nothing, publishes to `federation` only, under keys that begin with its own name,
  and reads its own inbox only. So the broker itself refuses a node that speaks as another.
- A dead letter is not lost: the sender's row stays open until the signed receipt, and sends again.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict

from schemas.identifiers import NodeId

Document = dict[str, Any]
"""A part of RabbitMQ's definitions, ready for JSON."""

EXCHANGE = "federation"
VHOST = "/"

DELIVERY_LIMIT = 100
"""How often an envelope is handed out unsettled before it is set aside: each crash of a node costs one."""

MAX_INBOX_BYTES = 4 * 1024**3
"""A node that is away for weeks fills its own inbox, then publishing to it is refused, and to no other."""

_NODE = re.compile(r"[A-Z]{2}")
_HASHING = "rabbit_password_hashing_sha256"


class BadNodeName(ValueError):
    """A name that could not stand in a queue name or a permission without meaning more than itself."""


class Administrator(BaseModel):
    """A user of the management API; the password itself never enters a definitions document."""

    model_config = ConfigDict(frozen=True)

    name: str
    password_hash: str


def inbox(node: NodeId) -> str:
    """Name the queue out of which a node receives."""
    return f"inbox.{_checked(node)}"


def dead_letters(node: NodeId) -> str:
    """Name the queue that keeps what a node took `DELIVERY_LIMIT` times without settling it."""
    return f"{inbox(node)}.dead"


def routing_key(sender: NodeId, recipient: NodeId) -> str:
    """Give the key under which an envelope is published."""
    return f"from.{_checked(sender)}.to.{_checked(recipient)}"


def binding_key(node: NodeId) -> str:
    """Give the pattern of keys whose envelopes come to this node's inbox."""
    return f"from.*.to.{_checked(node)}"


def definitions(
    nodes: Iterable[NodeId], *, administrators: Iterable[Administrator] = (), vhost: str = VHOST
) -> Document:
    """Give the whole document for a broker that serves these nodes.

    Raises:
        BadNodeName: a node is not named by two capital letters.
    """
    document = federation(vhost)
    for administrator in administrators:
        _join(document, _administrator(administrator, vhost))
    for node in nodes:
        _join(document, node_definitions(node, vhost=vhost))
    return document


def federation(vhost: str = VHOST) -> Document:
    """Give what the nodes share: the virtual host and the exchange."""
    exchange = {"name": EXCHANGE, "vhost": vhost, "type": "topic", "durable": True, "auto_delete": False}
    return {"vhosts": [{"name": vhost}], "exchanges": [exchange | {"internal": False, "arguments": {}}]}


def node_definitions(node: NodeId, *, password_hash: str = "", vhost: str = VHOST) -> Document:
    """Give what one node needs: user, permissions, inbox with its dead letters, binding.

    Args:
        node: the node to admit.
        password_hash: empty means that no password opens this user, only the client certificate (EXTERNAL).
        vhost: the virtual host that holds the exchange.

    Raises:
        BadNodeName: the node is not named by two capital letters.
    """
    return {
        "users": [_user(_checked(node), password_hash, tags="")],
        "permissions": [_permission(node, vhost)],
        "topic_permissions": [_topic_permission(node, vhost)],
        "queues": [_queue(dead_letters(node), vhost, {}), _queue(inbox(node), vhost, _dead_lettering(node))],
        "bindings": [_binding(node, vhost)],
    }


def queue_path(node: NodeId, vhost: str = VHOST) -> str:
    """Give the management API's path of a node's inbox."""
    return f"queues/{quote(vhost, safe='')}/{inbox(node)}"


def _checked(node: NodeId) -> NodeId:
    if not _NODE.fullmatch(node):
        raise BadNodeName(f"{node!r} is no name of a node; it takes two capital letters, such as DE")
    return node


def _join(document: Document, part: Document) -> None:
    for section, entries in part.items():
        document.setdefault(section, []).extend(entries)


def _user(name: str, password_hash: str, tags: str) -> Document:
    return {"name": name, "password_hash": password_hash, "hashing_algorithm": _HASHING, "tags": tags}


def _administrator(administrator: Administrator, vhost: str) -> Document:
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    return {
        "users": [_user(administrator.name, administrator.password_hash, tags="administrator")],
        "permissions": [{"user": administrator.name, "vhost": vhost} | everything],
    }


def _permission(node: NodeId, vhost: str) -> Document:
    own_inbox = f"^{re.escape(inbox(node))}$"
    return {"user": node, "vhost": vhost, "configure": "^$", "write": f"^{EXCHANGE}$", "read": own_inbox}


def _topic_permission(node: NodeId, vhost: str) -> Document:
    own_keys = rf"^from\.{node}\.to\.[A-Z]{{2}}$"
    return {"user": node, "vhost": vhost, "exchange": EXCHANGE, "write": own_keys, "read": "^$"}


def _queue(name: str, vhost: str, extra: Document) -> Document:
    arguments = {
        "x-queue-type": "quorum",
        "x-overflow": "reject-publish",
        "x-max-length-bytes": MAX_INBOX_BYTES,
    }
    return {
        "name": name,
        "vhost": vhost,
        "durable": True,
        "auto_delete": False,
        "arguments": arguments | extra,
    }


def _dead_lettering(node: NodeId) -> Document:
    # At-least-once needs reject-publish on the source and a quorum queue as target (RabbitMQ 3.10 and later).
    return {
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": dead_letters(node),
        "x-dead-letter-strategy": "at-least-once",
    }


def _binding(node: NodeId, vhost: str) -> Document:
    target = {"destination": inbox(node), "destination_type": "queue", "routing_key": binding_key(node)}
    return {"source": EXCHANGE, "vhost": vhost, "arguments": {}} | target
