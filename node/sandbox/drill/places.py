"""All bytes that a federation leaves anywhere, node by node and at the broker."""

import base64
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from broker import topology
from node.sandbox.cluster import Cluster

_PEEKED = 1000  # letters of one queue
_COPIES = "copies"


def copies(c: Cluster) -> Path:
    """Where the drill keeps old copies of stores, as an operator would outside of the nodes."""
    return c.folder / _COPIES


@dataclass
class Looked:
    """How much was searched."""

    files: int = 0
    letters: int = 0
    size: int = 0
    """Of files and letters, in bytes."""
    answers: int = 0

    def file(self, content: bytes) -> bytes:
        """Count a file, and hand it on."""
        self.files += 1
        self.size += len(content)
        return content

    def letter(self, content: bytes) -> bytes:
        """Count a letter in a queue, and hand it on."""
        self.letters += 1
        self.size += len(content)
        return content


def files_of_node(c: Cluster, node: str) -> Iterator[bytes]:
    """Every file of a node: store, WAL, keys, log."""
    return _files(c[node].config.folder)


def files_of_broker(c: Cluster) -> Iterator[bytes]:
    """Every file of the broker: queue segments, its WAL, its logs."""
    if c.rabbit is not None:
        yield from _files(c.rabbit.folder)


def other_files(c: Cluster) -> Iterator[bytes]:
    """Every other file: the federation's papers, the log of nodes that run in this process, copies of stores."""
    owned = {member.config.folder for member in c.members.values()}
    if c.rabbit is not None:
        owned.add(c.rabbit.folder)
    for path in sorted(c.folder.iterdir()):
        if path not in owned:
            yield from _files(path)


async def letters(c: Cluster) -> AsyncIterator[bytes]:
    """What the queues would hand out now, dead letters included; in one process all that ever passed."""
    if c.memory is not None:
        for _, _, envelope in c.memory.log:
            yield envelope
    if c.rabbit is None:
        return
    for node in c.members:
        for queue in (topology.inbox(node), topology.dead_letters(node)):
            question = {"count": _PEEKED, "ackmode": "ack_requeue_true", "encoding": "base64"}
            for each in await c.rabbit.management.request("POST", f"queues/%2F/{queue}/get", question):
                yield base64.b64decode(each["payload"])


def _files(path: Path) -> Iterator[bytes]:
    """The content of a file, or of all under a folder; one that goes meanwhile leaves nothing."""
    for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
        try:
            if each.is_file() and not each.is_symlink():
                yield each.read_bytes()
        except FileNotFoundError:
            continue
