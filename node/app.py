"""The composition root: the only file that builds things and puts them together."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import uvicorn
from starlette.applications import Starlette

from broker.port import Broker
from broker.rabbitmq import RabbitBroker
from broker.tls import TlsFiles
from node.areas import load_areas
from node.ceremony.federation import DIRECTORY_FILE, ROOT_FILE
from node.clock import SystemClock, clock_of
from node.config import Config
from node.crypto.keyring import load_keyring, save_keyring
from node.crypto.wrapping import wrapping_key
from node.doorway import doorway
from node.runtime import Runtime, Seat, declarations
from node.runtime.engines import Engines, engines_of
from node.runtime.trust import keep_pinned, recall_trust
from node.store.database import Store
from node.web.api import Api
from node.web.callbacks import callbacks
from node.workers.mail import Mailer
from node.workers.receive import Receiver
from node.workers.send import Sender
from node.workers.tick import Ticker
from node.workers.translate import Translator

RESTORED_PATIENCE_SECONDS = 30.0
"""How long a node that was restored from a backup waits for its peers before it serves anything."""

_YOUNG_OBJECTS = 20_000  # between two looks of the garbage collector; Python's own is 700


class Loop(Protocol):
    """Carries rows out, for ever."""

    async def run(self) -> None:
        """Work until cancelled."""


@dataclass(frozen=True)
class RunningNode:
    """A node at work."""

    config: Config
    runtime: Runtime
    broker: Broker
    api: Starlette
    workers: asyncio.Task[None]
    """The loops that send, receive and tick; done only when one of them failed."""


@asynccontextmanager
async def running(
    config: Config, *, broker: Broker | None = None, random: Callable[[int], bytes] = os.urandom
) -> AsyncIterator[RunningNode]:
    """Run a node in this process for as long as the block lasts.

    Args:
        config: which node, and where it lives.
        broker: another broker than the configured one, such as the in-process one.
        random: the source of random bytes; a seeded one makes a simulation reproducible.

    Raises:
        BadKeyring, BadDeclaration, TrustError, StoreError: the node can't run; the message says why and what to do.
    """
    store = await Store.open(config.store)
    try:
        seat = await _seat(config, store, random)
        await declarations.recall(seat)
        link = broker if broker is not None else _rabbit(config)
        runtime = Runtime(seat)
        loops: list[Loop] = [Sender(seat, link), Receiver(seat, runtime, link), Ticker(runtime)]
        if config.mail is not None:
            loops.append(Mailer(seat, config.mail))
        if seat.engines is not None:
            loops += _translating(seat, runtime, seat.engines)
        await runtime.tick()  # what became due while the node was away comes before the first page
        await runtime.greet()  # the store may be an older copy of what it was
        await link.start()
        workers = asyncio.create_task(_run_all(loops), name=f"workers of {config.node}")
        try:
            if config.restored.exists():  # first what the peers know of it, then the first page
                await runtime.caught_up(RESTORED_PATIENCE_SECONDS)
                config.restored.unlink()
            yield RunningNode(config, runtime, link, Api(runtime, link).app(), workers)
        finally:
            workers.cancel()
            await asyncio.wait([workers])
            await link.stop()
            if seat.engines is not None:
                await seat.engines.close()
    finally:
        await store.close()


def collect_less() -> None:
    """Spare the garbage collector, for a process that only runs a node; call it when the node is up.

    What is there by now stays for good. A message makes some hundred small objects and next to no cycles: at
    Python's own thresholds looking through them took about a tenth of all the work.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 20)


async def serve(config: Config) -> None:
    """Run a node as a process of its own, until it is told to stop (SIGTERM, Ctrl-C).

    Raises:
        Exception: a worker failed; whoever watches over the process starts it again, and nothing is lost.
    """
    async with running(config) as node:
        collect_less()
        with _local_door(config.socket) as door:
            settings = uvicorn.Config(node.api, log_config=None, lifespan="off", access_log=False)
            server = _Server(settings)
            node.workers.add_done_callback(lambda _: server.stop())
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, server.stop)
            await server.serve(sockets=[door])
            if node.workers.done():
                node.workers.result()


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again, and end the process before the store is closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    def stop(self) -> None:
        """Answer what was asked, then end."""
        self.should_exit = True


class _Callbacks:
    """The loop that listens for answers to translation jobs, at an address of its own."""

    def __init__(self, app: Starlette, address: str) -> None:
        """Take the address at once, so that a start which can't have it fails."""
        host, _, port = address.rpartition(":")
        self._door = socket.create_server((host, int(port)))
        self._server = _Server(uvicorn.Config(app, log_config=None, lifespan="off", access_log=False))

    async def run(self) -> None:
        """Answer, for ever."""
        try:
            await self._server.serve(sockets=[self._door])
        finally:
            if self._server.started and not self._server.should_exit:
                await self._server.shutdown([self._door])
            self._door.close()


def _translating(seat: Seat, runtime: Runtime, engines: Engines) -> list[Loop]:
    loops: list[Loop] = [Translator(seat, runtime.translations, engines)]
    if engines.listen is not None:
        loops.append(_Callbacks(callbacks(runtime.translations), engines.listen))
    return loops


async def _run_all(loops: Sequence[Loop]) -> None:
    async with asyncio.TaskGroup() as group:
        for loop in loops:
            group.create_task(loop.run())


async def _seat(config: Config, store: Store, random: Callable[[int], bytes]) -> Seat:
    root = (config.trust / ROOT_FILE).read_text()
    directory = (config.trust / DIRECTORY_FILE).read_text()
    clock = clock_of(config.clock)
    wrapping = wrapping_key(config.keyring_secret) if config.keyring_secret is not None else None
    trust = await recall_trust(store.read, root, directory)
    async with store.transaction() as db:
        await keep_pinned(db, root, directory, clock.now())
    return Seat(
        node=config.node,
        areas=load_areas(config.areas),
        keyring=load_keyring(config.keys, wrapping),
        keep_keyring=lambda keyring: save_keyring(config.keys, keyring, wrapping),
        trust=trust,
        store=store,
        clock=clock,
        wall=SystemClock(),
        random=random,
        mail=config.mail,
        engines=engines_of(config.translation, node=config.node, folder=config.folder),
    )


def _rabbit(config: Config) -> Broker:
    tls = TlsFiles.in_folder(config.link) if config.broker.startswith("amqps:") else None
    return RabbitBroker(config.node, config.broker, tls)


@contextmanager
def _local_door(path: Path) -> Iterator[socket.socket]:
    """Open a listening socket that only the node's own account can use, gone when the block ends."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
        with doorway(path) as address:
            before = os.umask(0o177)
            try:
                door.bind(address)
            finally:
                os.umask(before)
        door.listen()
        try:
            yield door
        finally:
            with suppress(FileNotFoundError):
                path.unlink()
