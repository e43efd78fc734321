"""What a demo shows for true: whose signature it is, and where a case has left traces."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from node.client import NodeClient
from node.crypto import jws
from node.crypto.statement import PURPOSE
from schemas.directory import Directory


class NotProven(Exception):
    """The nodes don't show what they should; the message says what is missing."""


async def signing_key_of(client: NodeClient, exchange: str, message: str) -> str:
    """Check the signature of a message in a node's evidence against the directory, and name the key.

    Raises:
        NotProven: the evidence does not hold the message, or the directory does not vouch for the key.
        BadSignature: the signature is wrong.
    """
    directory = await client.directory()
    keys = _keys(directory) if directory is not None else {}
    for text in _statements(await client.evidence(exchange)):
        if json.loads(jws.unverified_payload(text))["id"] == message:
            return jws.verify(text, keys.get, PURPOSE).key_id
    raise NotProven(f"the evidence of {exchange} does not hold the message {message}")


def _statements(archive: bytes) -> Iterator[str]:
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        for name in files.namelist():
            if name.startswith("statements/") and name.endswith(".jws"):
                yield files.read(name).decode()


def _keys(directory: Directory) -> Mapping[str, str]:
    return {key.id: key.public for entry in directory.nodes for key in entry.signing}


def files_naming(folder: Path, text: str) -> tuple[list[Path], int]:
    """Search every byte below a folder.

    Returns:
        The files that hold the text, and how many were searched.
    """
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return [path for path in files if text.encode() in path.read_bytes()], len(files)
