"""The broker's bare rate through aio-pika: publish, confirm, consume, acknowledge, and nothing else.

It is the yardstick of the benchmark: the same library, exchange, quorum queue and TLS link as a node's, without
a signature, a seal, a store or a receipt. Run as a program, it is one of the two processes:

    python -m broker.raw_rate publish|consume FOLDER NODE PEER COUNT SIZE

It reads the broker's address from standard input, for it may hold a password.
"""

import asyncio
import json
import ssl
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aio_pika
import uvloop
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from broker import topology
from broker.tls import TlsFiles, client_context

WINDOW = 200  # publishes that wait for their confirm
PREFETCH = 200
ACK_EVERY = 50


@asynccontextmanager
async def _channel(url: str, folder: Path, *, confirms: bool) -> AsyncIterator[AbstractChannel]:
    files, by_password = TlsFiles.in_folder(folder), bool(urlsplit(url).username)
    context = None
    if url.startswith("amqps:"):
        context = ssl.create_default_context(cafile=files.authority) if by_password else client_context(files)
    async with await aio_pika.connect(url if by_password else f"{url}?auth=EXTERNAL", ssl_context=context) as link:
        yield await link.channel(publisher_confirms=confirms, on_return_raises=confirms)


async def publish(url: str, folder: Path, key: str, *, count: int, size: int) -> float:
    """Publish so many messages, each persistent and confirmed; returns when the first was published."""
    message = aio_pika.Message(bytes(size), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    window = asyncio.Semaphore(WINDOW)
    async with _channel(url, folder, confirms=True) as channel, asyncio.TaskGroup() as group:
        exchange = await channel.get_exchange(topology.EXCHANGE, ensure=False)
        began = time.time()

        async def one() -> None:
            await exchange.publish(message, key)
            window.release()

        for _ in range(count):
            await window.acquire()
            group.create_task(one())
    return began


async def consume(url: str, folder: Path, node: str, count: int) -> float:
    """Consume and acknowledge so many messages; returns when the last was acknowledged."""
    done = asyncio.Event()
    taken = 0

    async def take(message: AbstractIncomingMessage) -> None:
        nonlocal taken
        taken += 1
        if taken % ACK_EVERY == 0 or taken == count:
            await message.ack(multiple=True)
        if taken == count:
            done.set()

    async with _channel(url, folder, confirms=False) as channel:
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await channel.get_queue(topology.inbox(node), ensure=False)
        await queue.consume(take)
        sys.stdout.write("consuming\n")
        sys.stdout.flush()
        await done.wait()
        return time.time()


def main(arguments: Sequence[str]) -> None:
    """Play one of the two parts, and print the time that matters as JSON."""
    role, folder, node, peer, count, size = arguments
    url = sys.stdin.readline().strip()
    if role == "publish":
        key = topology.routing_key(node, peer)
        at = uvloop.run(publish(url, Path(folder), key, count=int(count), size=int(size)))
    else:
        at = uvloop.run(consume(url, Path(folder), node, int(count)))
    sys.stdout.write(json.dumps({"at": at}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
