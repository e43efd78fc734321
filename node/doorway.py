"""The path of a local socket, short enough for the system.

An address of a Unix socket has at most 107 bytes, and a node's folder may lie deep. Then the way leads through
an open folder: `/proc/self/fd/7/node.sock`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_ADDRESS_BYTES = 100


@contextmanager
def doorway(socket: Path) -> Iterator[str]:
    """Give a path to the socket that the system accepts, for as long as the block lasts."""
    if len(os.fsencode(socket)) <= MAX_ADDRESS_BYTES:
        yield str(socket)
        return
    folder = os.open(socket.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{socket.name}"
    finally:
        os.close(folder)
