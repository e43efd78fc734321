"""Keeps the signed documents of the federation, and finds the way back to them at start."""

from collections.abc import Sequence
from datetime import datetime

import aiosqlite

from node.crypto.trust import TrustedDirectory
from node.store import documents
from schemas.directory import Root

ROOT = "root"
DIRECTORY = "directory"


async def keep_trust(
    db: aiosqlite.Connection, trust: TrustedDirectory, roots: Sequence[str], directory: str, at: datetime
) -> None:
    """Keep what was just verified: the current root, if it came with this, and the directory."""
    version = trust.directory.version if trust.directory is not None else 0
    kept = [documents.Document(DIRECTORY, version, directory, at)]
    newest: Root = trust.root
    first = newest.version - len(roots) + 1
    kept += [documents.Document(ROOT, first + index, text, at) for index, text in enumerate(roots)]
    await documents.add(db, kept)


async def recall_trust(db: aiosqlite.Connection, pinned_root: str, directory: str) -> TrustedDirectory:
    """Verify again everything that was accepted before, in its order, beginning with what was pinned.

    Raises:
        TrustError: the kept documents were altered.
    """
    roots = [document.text for document in await documents.all(db, ROOT)]
    directories = [document.text for document in await documents.all(db, DIRECTORY)]
    chain = [pinned_root, *(text for text in roots if text != pinned_root)]
    return TrustedDirectory.restore([*chain, *(directories or [directory])])
