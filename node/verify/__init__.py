"""Verifies exported evidence offline: no network, no node, no secret, nothing but the archive and a root.

It says who told whom what, when it was delivered and opened, and what of it is disclosed; and it names all that
is altered, missing or not proven. Of the archive only what is signed counts: README.txt is not, and is not read.
"""

from node.areas import Areas
from node.verify.archive import Archive, BadArchive, open_archive, read_archive
from node.verify.federation import fingerprint, trace
from node.verify.ledger import BadExtract, LedgerVerdict, looks_like_ledger, verify_ledger
from node.verify.spoken import Spoken
from node.verify.verdict import AttachmentSent, Delivered, RootFound, Told, Verdict

__all__ = [
    "Archive",
    "AttachmentSent",
    "BadArchive",
    "BadExtract",
    "Delivered",
    "LedgerVerdict",
    "RootFound",
    "Told",
    "Verdict",
    "fingerprint",
    "looks_like_ledger",
    "open_archive",
    "read_archive",
    "verify_evidence",
    "verify_ledger",
]

_UNTRACED = "Without a root no signature can be traced to anybody."


def verify_evidence(archive: Archive, *, areas: Areas, root: str | None = None) -> Verdict:
    """Verify everything in an archive.

    Args:
        archive: as `read_archive` gives it.
        areas: the policy areas that are known here, for the names of procedures and steps.
        root: the federation's root, obtained by another way than the archive itself.

    Raises:
        TrustError: `root` is no root.
    """
    federation = trace(archive.roots, archive.directories, root)
    problems = [*(f"{name}: is missing from the archive" for name in archive.gaps), *federation.problems]
    if federation.trust is None:
        return Verdict(
            exchange=None, root=None, directories=(), told=(), attachments=(), problems=(*problems, _UNTRACED)
        )
    spoken = Spoken(archive, federation.trust, areas)
    return Verdict(
        exchange=spoken.exchange,
        root=federation.root,
        directories=federation.directories,
        told=tuple(spoken.told),
        attachments=tuple(spoken.attachments),
        problems=(*problems, *spoken.problems()),
    )
