"""What RabbitMQ itself refuses a node, and what the node's operator then reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel
from aiormq.exceptions import ChannelAccessRefused

from broker import topology
from broker.certificates import LinkAuthority, new_request, write_private
from broker.management import password_hash
from broker.rabbitmq import RabbitBroker
from broker.tls import TlsFiles, client_context
from schemas.identifiers import NodeId
from tests.contract.conftest import RabbitFederation, collect
from tests.rabbit import IMPATIENT, until


@asynccontextmanager
async def raw_channel(federation: RabbitFederation, node: NodeId) -> AsyncIterator[AbstractChannel]:
    """Connect as a node with its true certificate, but with a client that obeys no rules of ours."""
    rabbit = federation.rabbit
    url = f"{rabbit.url(node)}?auth=EXTERNAL"
    connection = await aio_pika.connect(url, ssl_context=client_context(rabbit.tls(node)))
    async with connection:
        yield await connection.channel(on_return_raises=True)


async def refusal(broker: RabbitBroker) -> str:
    """Start a connection that can't come about, and give what its health says."""
    await broker.start()
    await until(lambda: broker.health().detail != "Connecting.")
    assert not broker.health().connected
    return broker.health().detail


async def test_a_node_cannot_publish_as_another(rabbit: RabbitFederation) -> None:
    async with raw_channel(rabbit, "DE") as channel:
        exchange = await channel.get_exchange(topology.EXCHANGE, ensure=False)

        with pytest.raises(ChannelAccessRefused):
            await exchange.publish(aio_pika.Message(b"forged"), topology.routing_key("FR", "EC"))


async def test_a_node_cannot_publish_past_the_exchange(rabbit: RabbitFederation) -> None:
    async with raw_channel(rabbit, "DE") as channel:
        with pytest.raises(ChannelAccessRefused):
            await channel.default_exchange.publish(aio_pika.Message(b"forged"), topology.inbox("FR"))


@pytest.mark.parametrize("queue", [topology.inbox("FR"), topology.dead_letters("FR")])
async def test_a_node_cannot_read_another_ones_queues(rabbit: RabbitFederation, queue: str) -> None:
    async with raw_channel(rabbit, "DE") as channel:
        inbox = await channel.get_queue(queue, ensure=False)

        with pytest.raises(ChannelAccessRefused):
            await inbox.get(fail=False)


async def test_a_node_cannot_declare_a_queue(rabbit: RabbitFederation) -> None:
    async with raw_channel(rabbit, "DE") as channel:
        with pytest.raises(ChannelAccessRefused):
            await channel.declare_queue("inbox.XX", durable=True)


async def test_a_node_cannot_bind_its_inbox_to_the_envelopes_of_others(rabbit: RabbitFederation) -> None:
    async with raw_channel(rabbit, "DE") as channel:
        inbox = await channel.get_queue(topology.inbox("DE"), ensure=False)

        with pytest.raises(ChannelAccessRefused):
            await inbox.bind(topology.EXCHANGE, "from.*.to.*")


async def test_a_certificate_of_another_authority_is_refused(rabbit: RabbitFederation, tmp_path: Path) -> None:
    stranger = files_of_another_authority(tmp_path, trusting=rabbit.rabbit.authority.pem)
    broker = rabbit.keep(RabbitBroker("DE", rabbit.rabbit.url("DE"), stranger, IMPATIENT))

    # Whether the broker's alert or the reset arrives first is chance; both sentences name the certificate.
    assert "this node's certificate" in await refusal(broker)


async def test_a_broker_of_another_authority_is_not_trusted(rabbit: RabbitFederation, tmp_path: Path) -> None:
    stranger = files_of_another_authority(tmp_path, trusting=None)
    broker = rabbit.keep(RabbitBroker("DE", rabbit.rabbit.url("DE"), stranger, IMPATIENT))

    assert "The certificate of the broker" in await refusal(broker)


async def test_a_broker_under_a_wrong_host_name_is_not_trusted(rabbit: RabbitFederation) -> None:
    url = f"amqps://127.1:{rabbit.rabbit.ports.amqps}/"  # the same machine by a name that is not certified
    broker = rabbit.keep(RabbitBroker("DE", url, rabbit.rabbit.tls("DE"), IMPATIENT))

    assert "Hostname mismatch" in await refusal(broker)


async def test_a_valid_certificate_without_user_is_told_to_have_itself_admitted(rabbit: RabbitFederation) -> None:
    assert "does not know the user XX" in await refusal(rabbit.make("XX", IMPATIENT))


async def test_a_broker_that_is_not_there_is_named_with_its_port(rabbit: RabbitFederation) -> None:
    files = rabbit.rabbit.tls("DE")
    broker = rabbit.keep(RabbitBroker("DE", "amqps://localhost:1/", files, IMPATIENT))

    assert "localhost:1 can't be reached" in await refusal(broker)


async def test_a_missing_certificate_file_is_named(rabbit: RabbitFederation, tmp_path: Path) -> None:
    files = rabbit.rabbit.tls("DE").model_copy(update={"authority": tmp_path / "absent.pem"})
    broker = rabbit.keep(RabbitBroker("DE", rabbit.rabbit.url("DE"), files, IMPATIENT))

    assert "absent.pem" in await refusal(broker)


async def test_a_missing_inbox_is_named(rabbit: RabbitFederation) -> None:
    await rabbit.rabbit.management.admit("MT")
    await rabbit.rabbit.management.request("DELETE", topology.queue_path("MT"))

    assert "has no inbox inbox.MT" in await refusal(rabbit.make("MT", IMPATIENT))


async def test_a_node_may_be_admitted_and_expelled_while_the_broker_runs(rabbit: RabbitFederation) -> None:
    management = rabbit.rabbit.management
    await management.admit("LV")
    sender, newcomer = await rabbit.connect("DE"), await rabbit.connect("LV", IMPATIENT)
    await sender.publish("LV", b"welcome")
    assert [delivery.body for delivery in await collect(newcomer, 1)] == [b"welcome"]

    await management.expel("LV")

    await until(lambda: "does not know the user LV" in newcomer.health().detail)


async def test_a_user_with_password_connects_where_the_broker_allows_it(rabbit: RabbitFederation) -> None:
    definitions = topology.node_definitions("PL", password_hash=password_hash("a secret"))
    await rabbit.rabbit.management.request("POST", "definitions", definitions)
    port = rabbit.rabbit.ports.amqps
    url = f"amqps://PL:a%20secret@localhost:{port}/"
    broker = rabbit.keep(RabbitBroker("PL", url, rabbit.rabbit.tls("DE"), IMPATIENT))

    await broker.start()

    await until(lambda: broker.health().connected)
    assert broker.health().detail == f"Connected to localhost:{port} as PL."


async def test_no_password_opens_the_user_of_a_node(rabbit: RabbitFederation) -> None:
    url = f"amqps://DE:guess@localhost:{rabbit.rabbit.ports.amqps}/"
    broker = rabbit.keep(RabbitBroker("DE", url, rabbit.rabbit.tls("DE"), IMPATIENT))

    assert "does not know the user DE, or its password" in await refusal(broker)


def files_of_another_authority(folder: Path, trusting: bytes | None) -> TlsFiles:
    """Make files for DE by an authority that the broker does not trust; `trusting` is whom DE trusts itself."""
    now = datetime.now(UTC)
    stranger = LinkAuthority.create("Stranger", at=now)
    key, request = new_request("DE")
    files = TlsFiles(authority=folder / "ca.pem", certificate=folder / "link.pem", key=folder / "link.key")
    files.authority.write_bytes(trusting or stranger.pem)
    files.certificate.write_bytes(stranger.sign(request, "DE", at=now))
    write_private(files.key, key)
    return files
