"""The demo: a whole federation on this machine, two exchanges played through, and then the visitor's turn.

`run` starts a private RabbitMQ and four nodes as processes of their own, plays the stories of `demo_story.toml`,
shows what they prove, and stays up until Ctrl-C. All it made lies in one folder of the system's temporary place,
and is gone afterwards, however the demo ends: the processes hang on pipes that the kernel closes
(`broker.guarded`), and so does the folder (`node.sandbox.scratch`).
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from broker.installation import Installation, RabbitMissing
from broker.management import ManagementRefused
from broker.provision import FolderInUse, PortInUse, RabbitFailed, find_rabbitmq
from node.client import Declined, NodeAway
from node.config import Translation
from node.crypto.jws import BadSignature
from node.sandbox.cluster import Arrangement, Cluster, NotReady, cluster
from node.sandbox.existing_broker import (
    PASSWORD_VARIABLE,
    BadBrokerAddress,
    NoListener,
    read_address,
)
from node.sandbox.existing_cluster import cluster_on
from node.sandbox.play import StepFailed, play
from node.sandbox.proof import NotProven
from node.sandbox.scratch import scratch_folder
from node.sandbox.stage import Stage
from node.sandbox.story import DEMO_STORY, BadStory, Programme, read_programme
from node.sandbox.tour import show_proof, suggest
from node.sandbox.translating import engines_here, show_translation
from node.sandbox.vigil import SomethingLost, census, watch

IN_PROCESS = "in-process"
"""`--broker in-process`: no RabbitMQ at all, although there may be one."""

FAILED = 1
CANT_START = 2
STOPPED = 128
"""Plus the signal's number, as a shell has it."""

_LEGEND = """\
Each message is signed (Ed25519), and sealed for each recipient alone (ML-KEM-768 with X25519):
nobody has to trust the broker that carries it. It is delivered when the recipient has verified
it, stored it and signed a receipt. The last column says how long that took."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_FAILURES = (
    BadSignature,
    Declined,
    FolderInUse,
    ManagementRefused,
    NoListener,
    NodeAway,
    NotProven,
    NotReady,
    PortInUse,
    RabbitFailed,
    SomethingLost,
    StepFailed,
    OSError,
)


@dataclass(frozen=True)
class Demo:
    """What is to be played, and where."""

    once: bool
    broker: str | None
    story: Path
    find_rabbitmq: Callable[[], Installation]
    stage: Stage = field(default_factory=Stage)


def run(
    once: bool,  # noqa: FBT001 - the command's own option
    broker: str | None,
    *,
    story: Path = DEMO_STORY,
    find_rabbitmq: Callable[[], Installation] = find_rabbitmq,
) -> int:
    """Run the demo, and clean up however it ends.

    Args:
        once: end after the stories instead of staying up.
        broker: None for a private RabbitMQ; `in-process` for none; `https://USER@HOST:15671`, the management API
            of one that runs, with the password in IMI_BROKER_PASSWORD.
        story: what to play.
        find_rabbitmq: how to find the installed one; where it raises `RabbitMissing`, the demo does without.

    Returns:
        The exit status: 0 at the end of `once`, and after Ctrl-C when the visitor's turn had come; 1 when it failed,
        2 when it can't start as asked; 128 and the signal's number when a signal ended it. A reason is printed.
    """
    demo = Demo(once=once, broker=broker, story=story, find_rabbitmq=find_rabbitmq)
    try:
        return asyncio.run(_until_stopped(demo))
    except (BadStory, BadBrokerAddress) as error:
        demo.stage.failure("The demo can't start", str(error))
        return CANT_START
    except _FAILURES as error:
        demo.stage.failure("The demo failed", str(error))
        return FAILED


async def _until_stopped(demo: Demo) -> int:
    """Run the demo; the first signal ends it in good order, and further ones don't disturb that."""
    received: list[signal.Signals] = []
    task = asyncio.current_task()
    turn = asyncio.Event()

    def stop(number: signal.Signals) -> None:
        if not received and task is not None:
            task.cancel()
        received.append(number)

    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # such as SIGHUP under nohup
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
    try:
        await _play_all(demo, turn)
    except asyncio.CancelledError:
        if not received:
            raise
        with suppress(OSError):  # the terminal may be gone
            demo.stage.progress(f"stopped by {received[0].name}; everything is removed")
        return 0 if turn.is_set() and received[0] is signal.SIGINT else STOPPED + received[0]
    return 0


async def _play_all(demo: Demo, turn: asyncio.Event) -> None:
    programme, stage = read_programme(demo.story), demo.stage
    stage.say(("Four nodes of a federation on this machine: the Commission, Italy, Cyprus and Germany.", "bold"))
    with scratch_folder("imi-demo-") as folder:
        stage.progress(f"all of it goes to {folder}")
        translation = await engines_here()
        async with _federation(demo, programme, folder, translation) as cluster:
            stage.progress("all nodes are up and connected")
            stage.say()
            stage.note(_LEGEND)
            played = {}
            for story in programme.stories:
                stage.heading(story.title)
                stage.note(story.about)
                stage.columns()
                played[story.procedure] = await play(cluster, story, stage)
            request = played["request"]
            await show_translation(cluster, played["notification"].case, stage)
            evidence = await show_proof(cluster, request, stage)
            if not demo.once:
                known = await census(cluster)
                suggest(cluster, request, evidence, stage)
                turn.set()
                await watch(cluster, known, stage)
            stage.say()
            stage.progress("stopping")
    stage.progress("everything is stopped and removed")


@asynccontextmanager
async def _federation(
    demo: Demo, programme: Programme, folder: Path, translation: Mapping[str, Translation]
) -> AsyncIterator[Cluster]:
    authorities, progress = programme.authorities, demo.stage.progress
    if demo.broker in (None, IN_PROCESS):
        arrangement = _arrangement(demo)
        async with cluster(
            *authorities,
            arrangement=arrangement,
            authorities=authorities,
            folder=folder,
            translation=translation,
            on_progress=progress,
        ) as made:
            yield made
        return
    way = read_address(demo.broker or "", os.environ)
    del os.environ[PASSWORD_VARIABLE]  # the nodes inherit the environment, and are not to have it
    async with cluster_on(way, folder, authorities, translation=translation, on_progress=progress) as made:
        yield made


def _arrangement(demo: Demo) -> Arrangement:
    why = "As you asked"
    if demo.broker is None:
        try:
            demo.find_rabbitmq()
        except RabbitMissing:
            why = "RabbitMQ is not installed"
        else:
            return Arrangement.PROCESSES
    demo.stage.say(f"{why}: the nodes run in this one process, over an in-process broker.")
    return Arrangement.IN_PROCESS
