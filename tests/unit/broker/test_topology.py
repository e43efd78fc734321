"""Names and permissions: what a node's user may do follows from these patterns alone."""

import json
import re

import pytest

from broker import topology
from broker.topology import Administrator, BadNodeName


def permission(node: str) -> topology.Document:
    (found,) = topology.node_definitions(node)["permissions"]
    assert isinstance(found, dict)
    return found


def test_a_node_writes_to_the_exchange_and_nowhere_else() -> None:
    write = permission("DE")["write"]

    assert re.search(write, "federation")
    for other in ("", "amq.default", "federation2", "xfederation", "inbox.DE", "inbox.FR"):
        assert not re.search(write, other)


def test_a_node_reads_its_own_inbox_and_nothing_else() -> None:
    read = permission("DE")["read"]

    assert re.search(read, "inbox.DE")
    for other in ("inbox.FR", "inbox.DE.dead", "inboxxDE", "xinbox.DE", "inbox.DEX", "federation"):
        assert not re.search(read, other)


def test_a_node_configures_nothing() -> None:
    assert not re.search(permission("DE")["configure"], "inbox.DE")


@pytest.mark.parametrize(
    ("key", "allowed"),
    [
        ("from.DE.to.FR", True),
        ("from.DE.to.EC", True),
        ("from.FR.to.DE", False),
        ("from.DE.to.FR.x", False),
        ("x.from.DE.to.FR", False),
        ("from.DExto.FR", False),
        ("from.DE.to.*", False),
    ],
)
def test_a_node_publishes_under_its_own_name_only(key: str, *, allowed: bool) -> None:
    (topic,) = topology.node_definitions("DE")["topic_permissions"]

    assert bool(re.search(topic["write"], key)) is allowed
    assert topic["exchange"] == topology.EXCHANGE


def test_an_inbox_keeps_poison_aside_without_losing_it() -> None:
    dead, inbox = topology.node_definitions("DE")["queues"]

    assert inbox["name"] == "inbox.DE"
    assert inbox["arguments"]["x-dead-letter-routing-key"] == dead["name"] == "inbox.DE.dead"
    assert inbox["arguments"]["x-dead-letter-strategy"] == "at-least-once"
    # RabbitMQ falls back to at-most-once, with a log line only, unless both of these hold.
    assert inbox["arguments"]["x-overflow"] == "reject-publish"
    assert inbox["arguments"]["x-queue-type"] == dead["arguments"]["x-queue-type"] == "quorum"


def test_no_password_opens_a_node_unless_one_is_given() -> None:
    (user,) = topology.node_definitions("DE")["users"]
    (with_password,) = topology.node_definitions("DE", password_hash="hash")["users"]  # noqa: S106

    assert (user["password_hash"], with_password["password_hash"]) == ("", "hash")


def test_the_whole_document_is_the_sum_of_its_parts() -> None:
    operator = Administrator(name="operator", password_hash="hash")  # noqa: S106

    document = topology.definitions(["DE", "FR"], administrators=[operator])

    assert [user["name"] for user in document["users"]] == ["operator", "DE", "FR"]
    assert [binding["routing_key"] for binding in document["bindings"]] == ["from.*.to.DE", "from.*.to.FR"]
    assert [exchange["name"] for exchange in document["exchanges"]] == ["federation"]
    for section in ("permissions", "queues", "bindings", "topic_permissions"):
        for node in ("DE", "FR"):
            assert all(entry in document[section] for entry in topology.node_definitions(node)[section])
    assert json.loads(json.dumps(document)) == document


def test_another_virtual_host_reaches_every_entry() -> None:
    document = topology.definitions(["DE"], vhost="imi")

    for section in ("permissions", "topic_permissions", "exchanges", "queues", "bindings"):
        assert {entry["vhost"] for entry in document[section]} == {"imi"}
    assert topology.queue_path("DE", "a/b") == "queues/a%2Fb/inbox.DE"


@pytest.mark.parametrize("name", ["", "D", "DEU", "de", "D.", "*", "DE.*", "D#", "DE\n", "ÄÖ"])
def test_what_is_no_node_name_enters_no_name_and_no_pattern(name: str) -> None:
    for make in (topology.inbox, topology.dead_letters, topology.binding_key, topology.node_definitions):
        with pytest.raises(BadNodeName, match="two capital letters"):
            make(name)
    with pytest.raises(BadNodeName):
        topology.routing_key("DE", name)
    with pytest.raises(BadNodeName):
        topology.routing_key(name, "DE")
