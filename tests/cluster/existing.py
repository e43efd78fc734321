"""A RabbitMQ that plays the one that runs already, for commands with `--broker URL`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from broker.provision import PrivateRabbit
from node.sandbox.existing_broker import AUTHORITY_VARIABLE, PASSWORD_VARIABLE

_PASSWORDS_OVER_TLS = (
    "auth_mechanisms.2 = PLAIN\nssl_options.verify = verify_none\nssl_options.fail_if_no_peer_cert = false\n"
)


class Existing(NamedTuple):
    """What whoever runs it would tell a visitor."""

    address: str
    password: str
    environment: dict[str, str]
    """The variables that go with the address."""


@asynccontextmanager
async def existing_rabbit(folder: Path) -> AsyncIterator[Existing]:
    """Run one, and make sure that whoever used it left it as it was."""
    async with PrivateRabbit(folder, ["DE"], configuration=_PASSWORDS_OVER_TLS) as rabbit:
        before = await rabbit.management.request("GET", "definitions")
        password = rabbit.management.password.get_secret_value()
        yield Existing(
            address=f"{rabbit.management.url.replace('//', '//operator@')}?amqps={rabbit.ports.amqps}",
            password=password,
            environment={PASSWORD_VARIABLE: password, AUTHORITY_VARIABLE: str(rabbit.folder / "authority.pem")},
        )
        assert await rabbit.management.request("GET", "definitions") == before


def environments_of_nodes(place: Path) -> list[bytes]:
    """The environments of all node processes whose folders lie in a place."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            if os.fsencode(place) in command and b"node.serve" in command:
                found.append((process / "environ").read_bytes())
        except OSError:  # it has ended, or is somebody else's
            continue
    return found
