"""Opens what a node keeps sealed with that node's own keys, as a thief of both would, and follows the sealed bytes.

It works on a copy of the store, so that it is never in the node's way, and reads the tables directly: what lies on
the disk counts, not what the program says of it.
"""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from node.config import Config
from node.crypto import vault
from node.crypto.keyring import Keyring, load_keyring
from node.sandbox.drill.canaries import Canary
from node.sandbox.drill.traces import Traces

WINDOW = 16
"""Bytes: of any 32 bytes in a row that are left, one window that begins at a multiple of 16 is among them."""

_TRANSLATED = """
SELECT exchange_id, result, 'translation' || char(0) || statement || char(0) || field || char(0) || target
FROM translations WHERE result IS NOT NULL
"""
_SEALED = """
SELECT exchange_id, disclosures, message_id FROM statements WHERE disclosures IS NOT NULL
UNION ALL SELECT exchange_id, disclosures, message_id FROM waiting WHERE disclosures IS NOT NULL
UNION ALL SELECT exchange_id, content, exchange_id FROM drafts
UNION ALL SELECT exchange_id, data, attachment || '/' || idx FROM chunks
"""
"""Exchange, what is sealed, and the context that it was sealed in."""


@dataclass(frozen=True)
class Opened:
    """The canaries that the keys of a node lead to."""

    ordinary: frozenset[Canary]
    """By keys of the ordinary ring."""
    blocked: frozenset[Canary]
    translations: frozenset[Canary]
    """By whatever keys, in what was translated."""


def open_store(config: Config, traces: Traces, cases: Iterable[str]) -> Opened:
    """Open what a store keeps of these exchanges, with the keys that are there."""
    found: dict[str, set[Canary]] = {"ordinary": set(), "blocked": set()}
    with _copy(config.store) as db:
        keys = dict(_keys(db, load_keyring(config.keys), set(cases)))
        for case, sealed, context in db.execute(_SEALED):
            if case in keys:
                ring, key = keys[case]
                found[ring] |= traces.find(_plain(key, sealed, context))
        translated = [row for row in db.execute(_TRANSLATED) if row[0] in keys]
        plain = b"\n".join(_plain(keys[case][1], sealed, context) for case, sealed, context in translated)
    return Opened(frozenset(found["ordinary"]), frozenset(found["blocked"]), traces.find(plain))


def _keys(db: sqlite3.Connection, keyring: Keyring, cases: set[str]) -> Iterator[tuple[str, tuple[str, bytes]]]:
    rings = {"ordinary": keyring.store_key, "blocked": keyring.blocked_key}
    for case, wrapped, ring in db.execute("SELECT exchange_id, wrapped, ring FROM data_keys"):
        if case in cases:
            yield case, (ring, vault.unwrap(rings[ring], wrapped))


def _plain(key: bytes, sealed: bytes, context: str) -> bytes:
    try:
        return vault.open_content(key, sealed, context.encode())
    except vault.Unreadable:
        return b""


@dataclass
class SealedBytes:
    """The sealed bytes of some exchanges, as they lay in stores, to be looked for later."""

    _windows: set[bytes] = field(default_factory=set)

    def record(self, store: Path, cases: Iterable[str]) -> None:
        """Remember what a store keeps of these exchanges, keys included."""
        wanted = set(cases)
        with _copy(store) as db:
            rows = [*db.execute(_SEALED), *db.execute(_TRANSLATED)]
            rows += db.execute("SELECT exchange_id, wrapped, '' FROM data_keys")
        for case, sealed, _ in rows:
            if case in wanted:
                self.add(sealed)

    def add(self, sealed: bytes) -> None:
        """Remember these bytes."""
        self._windows.update(sealed[at : at + WINDOW] for at in range(len(sealed) - WINDOW + 1))

    def left_in(self, content: bytes) -> int:
        """How many windows of them are in the content."""
        return sum(content[at : at + WINDOW] in self._windows for at in range(0, len(content), WINDOW))


@contextmanager
def _copy(store: Path) -> Iterator[sqlite3.Connection]:
    with tempfile.TemporaryDirectory(dir=store.parent.parent, prefix="look-") as folder:
        for file in store.parent.glob(f"{store.name}*"):
            if not file.name.endswith((".lock", "-shm")):
                shutil.copy(file, folder)
        with closing(sqlite3.connect(Path(folder) / store.name)) as db:
            yield db
