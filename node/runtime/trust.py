"""Keeps the signed documents of the federation, and finds the way back to them at start."""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime

import aiosqlite

from node.crypto.documents import open_document, parse_document, require_threshold
from node.crypto.trust import TrustedDirectory, TrustError
from node.handlers.refused import Refused
from node.runtime.working_set import WorkingSet
from node.store import documents
from schemas.directory import Directory, Root
from schemas.identifiers import COMMISSION
from schemas.messages import DirectoryUpdate
from schemas.refusal import Refusal

ROOT = "root"
DIRECTORY = "directory"


async def take_over(work: WorkingSet, update: DirectoryUpdate) -> None:
    """Take over what the Commission passes on.

    Raises:
        Refused: it comes from another node, or does not follow from what is pinned.
    """
    if update.sender != COMMISSION:
        raise Refused(Refusal.NOT_YOUR_STEP, "only the Commission passes on the directory")
    seat = work.seat
    now = seat.clock.now()
    try:
        trust = seat.trust.update(update.roots, update.directory, now)
    except TrustError as error:
        raise Refused(Refusal.MALFORMED, str(error)) from error
    await keep_trust(work.db, seat.trust, trust, roots=update.roots, directory=update.directory, at=now)
    seat.trust = trust


async def publish(work: WorkingSet, trust: TrustedDirectory, roots: tuple[str, ...], directory: str) -> int:
    """Keep a newly signed directory; the Commission passes it on to every active node. Returns to how many."""
    seat = work.seat
    await keep_trust(work.db, seat.trust, trust, roots=roots, directory=directory, at=seat.clock.now())
    peers = [entry.id for entry in trust.nodes() if entry.id != seat.node and entry.status == "active"]
    if seat.node != COMMISSION:
        return 0  # nobody would take it from us
    if peers:
        update = DirectoryUpdate(
            id=seat.new_id(),
            sender=seat.node,
            at=seat.clock.now(),
            to=work.next_numbers(peers),
            roots=roots,
            directory=directory,
        )
        work.issue(update)
    return len(peers)


async def keep_trust(
    db: aiosqlite.Connection,
    before: TrustedDirectory,
    after: TrustedDirectory,
    *,
    roots: Sequence[str],
    directory: str,
    at: datetime,
) -> None:
    """Keep what was just verified: the directory, and those roots that were new.

    Args:
        db: the open transaction.
        before: what was trusted until now.
        after: what is trusted with these documents.
        roots: as they came; of those that were known already nobody looked at the signatures.
        directory: as it came.
        at: the time now.
    """
    kept = [documents.Document(ROOT, version, text, at) for version, text in _taken(roots, before.root.version)]
    version = after.directory.version if after.directory is not None else 0
    kept.append(documents.Document(DIRECTORY, version, directory, at))
    await documents.add(db, kept)


async def keep_pinned(db: aiosqlite.Connection, root: str, directory: str, at: datetime) -> None:
    """Keep the documents that the node was set up with, so that all evidence of whose keys are whose lies in one place.

    Args:
        db: the open transaction.
        root: as pinned.
        directory: as taken home when joining.
        at: the time now.
    """
    version = parse_document(open_document(root), Root).version
    await documents.add(
        db,
        [
            documents.Document(ROOT, version, root, at),
            documents.Document(DIRECTORY, _version(directory), directory, at),
        ],
    )


async def recall_trust(db: aiosqlite.Connection, pinned_root: str, directory: str) -> TrustedDirectory:
    """Verify again everything that was accepted before, beginning with what was pinned.

    A directory was signed by the holders of its time: the next root is taken when a directory needs it.

    Raises:
        TrustError: the kept documents were altered.
    """
    root = parse_document(open_document(pinned_root), Root)
    kept_roots = [document.text for document in await documents.all(db, ROOT)]
    roots = deque(_taken(kept_roots, root.version))
    directories = {directory, *(document.text for document in await documents.all(db, DIRECTORY))}
    chain = [pinned_root]
    for text in sorted(directories, key=_version):
        while roots and not _is_signed_by(root, text):
            chain.append(roots.popleft()[1])
            root = parse_document(open_document(chain[-1]), Root)
        chain.append(text)
    return TrustedDirectory.restore([*chain, *(text for _, text in roots)])


def _is_signed_by(root: Root, text: str) -> bool:
    try:
        require_threshold(open_document(text), root)
    except TrustError:
        return False
    return True


def _taken(roots: Sequence[str], version: int) -> Iterator[tuple[int, str]]:
    """The roots of a chain that lead on from a version, with theirs."""
    for text in roots:
        root = parse_document(open_document(text), Root)
        if root.version > version:
            version = root.version
            yield version, text


def _version(directory: str) -> int:
    return parse_document(open_document(directory), Directory).version
