"""A private broker leaves nothing behind, says clearly why it can't start, and obeys its operator only."""

import socket
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from broker.installation import Installation, find_rabbitmq
from broker.management import Management, ManagementRefused
from broker.provision import FolderInUse, PortInUse, Ports, PrivateRabbit, RabbitFailed
from tests.contract.conftest import RabbitFederation, collect


class Mishap(Exception):
    """What goes wrong within a block."""


async def test_nothing_runs_and_nothing_lies_about_after_a_block_that_failed(tmp_path: Path) -> None:
    rabbit = PrivateRabbit(tmp_path / "broker", ["DE"])

    with pytest.raises(Mishap):
        async with rabbit:
            raise Mishap

    assert not rabbit.folder.exists()
    rabbit.ports.check()


async def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    ports = Ports.pick()
    taken = socket.create_server(("127.0.0.1", ports.management))
    with taken, pytest.raises(PortInUse, match=rf"Port {ports.management} \(management"):
        async with PrivateRabbit(tmp_path / "broker", ["DE"], ports=ports):
            pass
    assert not (tmp_path / "broker").exists()


async def test_a_folder_with_something_in_it_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")

    with pytest.raises(FolderInUse):
        async with PrivateRabbit(tmp_path, ["DE"]):
            pass

    assert (tmp_path / "thesis.txt").read_text() == "years of work"


async def test_a_broker_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    server = tmp_path / "rabbitmq-server"
    server.write_text("#!/bin/sh\necho the data belong to another version\nexit 1\n")
    server.chmod(0o755)
    broken = Installation(server=server, epmd=find_rabbitmq().epmd)

    with pytest.raises(RabbitFailed, match="belong to another version"):
        async with PrivateRabbit(tmp_path / "broker", ["DE"], installation=broken):
            pass

    assert not (tmp_path / "broker").exists()


async def test_starting_outside_its_block_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RabbitFailed, match="async with"):
        await PrivateRabbit(tmp_path / "broker", ["DE"]).start()


async def test_provisioning_again_changes_nothing(rabbit: RabbitFederation) -> None:
    management = rabbit.rabbit.management
    sender, recipient = await rabbit.connect("DE"), await rabbit.connect("FR")
    await sender.publish("FR", b"before")

    await management.provision(rabbit.rabbit.nodes)

    await sender.publish("FR", b"after")
    assert [delivery.body for delivery in await collect(recipient, 2)] == [b"before", b"after"]
    assert recipient.health().rebuilt == sender.health().rebuilt == 0


async def test_a_wrong_password_of_the_operator_is_told_as_such(rabbit: RabbitFederation) -> None:
    stranger = rabbit.rabbit.management.model_copy(update={"password": SecretStr("guess")})

    with pytest.raises(ManagementRefused, match="password do not fit"):
        await stranger.admit("SE")
    assert not await rabbit.rabbit.management.serves("SE")


async def test_a_management_api_that_is_not_there_is_named() -> None:
    absent = Management(url="http://127.0.0.1:1", user="operator", password=SecretStr("a secret"))

    with pytest.raises(ManagementRefused, match=r"http://127\.0\.0\.1:1 can't be reached"):
        await absent.provision(["DE"])
    assert "a secret" not in repr(absent)


async def test_files_that_hold_a_secret_are_for_their_owner_only(rabbit: RabbitFederation) -> None:
    folder = rabbit.rabbit.folder
    secrets = ["operator.password", "definitions.json", "server.key", ".erlang.cookie"]

    modes = {file: stat.S_IMODE((folder / file).stat().st_mode) for file in secrets}

    assert set(modes.values()) <= {0o600, 0o400}, modes
    assert stat.S_IMODE(rabbit.rabbit.tls("DE").key.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
