"""A private broker that keeps its folder: what it held is there at the next start."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from broker.certificates import LinkAuthority
from broker.provision import FolderInUse, Ports, PrivateRabbit, kept_management
from broker.topology import queue_path


async def test_a_kept_broker_goes_on_with_its_data_and_serves_nodes_that_came_since(tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    authority = LinkAuthority.create("Federation links", at=datetime.now(UTC))

    async with PrivateRabbit(folder, ["DE", "EL"], authority=authority, keep=True) as first:
        message = {"properties": {"delivery_mode": 2}, "routing_key": "from.DE.to.EL", "payload": "x"}
        await first.management.request(
            "POST", "exchanges/%2F/federation/publish", {**message, "payload_encoding": "string"}
        )
    async with PrivateRabbit(folder, ["DE", "EL", "FR"], authority=authority, keep=True) as second:
        [waiting] = await second.management.request(
            "POST", f"{queue_path('EL')}/get", {"count": 1, "ackmode": "ack_requeue_true", "encoding": "auto"}
        )
        serves_the_new_one = await kept_management(folder).serves("FR")

    assert waiting["payload"] == "x"
    assert serves_the_new_one
    assert second.ports == first.ports == Ports.kept(folder)
    assert (folder / "authority.pem").read_bytes() == authority.pem


def test_a_folder_that_no_private_broker_kept_has_no_management(tmp_path: Path) -> None:
    with pytest.raises(FolderInUse, match="is not the folder of a private broker"):
        kept_management(tmp_path)


async def test_a_folder_with_other_things_in_it_is_not_taken_over(tmp_path: Path) -> None:
    (tmp_path / "letter").touch()

    with pytest.raises(FolderInUse):
        async with PrivateRabbit(tmp_path, ["DE"], keep=True):
            pass

    assert (tmp_path / "letter").exists()
