"""The one view of who is in the federation, by the rules of The Update Framework (TUF 1.0, 5.3 and following).

Documents come in as text, are verified, and give a new `TrustedDirectory`, or a `TrustError` and nothing changes.

Invariants:
- The first root is pinned by hand. Each later root is signed by the threshold of the root before it and by its own.
- A directory is signed by the threshold of the current root; versions only grow; it has not expired when it is taken.
- The kind of a document is signed with it: a root never passes for a directory.
- What expires later is used on for `GRACE`, so that a node works offline; `freshness` says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import Self

from node.crypto import hpke
from node.crypto.application import read_application, sign_application
from node.crypto.consistency import check_directory, check_root
from node.crypto.documents import (
    SignedDocument,
    TrustCode,
    TrustError,
    add_signature,
    kind_of,
    open_document,
    parse_document,
    require_threshold,
    sign_document,
)
from node.crypto.standing import Past
from schemas.authorities import Authority
from schemas.directory import Directory, NodeEntry, Root, SealingKey, SigningKey
from schemas.envelope import Suite
from schemas.identifiers import node_of

__all__ = [
    "GRACE",
    "Freshness",
    "TrustCode",
    "TrustError",
    "TrustedDirectory",
    "add_signature",
    "read_application",
    "sign_application",
    "sign_document",
]

GRACE = timedelta(days=30)
"""How long an expired directory is used on: as long as any node, the Commission's too, may be away."""

_CLOCK_TOLERANCE = timedelta(days=1)
"""A document from further in the future means that this node's clock is wrong: nothing would ever expire."""


class Freshness(StrEnum):
    """Whether the directory is still to be relied on."""

    FRESH = "fresh"
    IN_GRACE = "in_grace"
    EXPIRED = "expired"


@dataclass(frozen=True)
class TrustedDirectory:
    """A verified root and, once one has come, a verified directory."""

    root: Root
    directory: Directory | None = None
    _signed: SignedDocument | None = field(default=None, repr=False)
    _past: Past = field(default_factory=Past, repr=False)

    @classmethod
    def pin(cls, text: str, now: datetime) -> Self:
        """Begin with a root that was handed over by a trusted way.

        Raises:
            TrustError: MALFORMED, WRONG_KIND, BAD_SIGNATURE_THRESHOLD, NOT_YET or EXPIRED.
        """
        trust = cls._pinned(text)
        _require_issued(trust.root, now)
        _require_unexpired(trust.root, now)
        return trust

    @classmethod
    def restore(cls, documents: Sequence[str]) -> Self:
        """Verify again what this node accepted before: the pinned root, then roots and directories as they came.

        Expiry is not looked at, so that a node starts after a long time; `freshness` tells.

        Raises:
            TrustError: the kept documents were altered.
        """
        return reduce(cls._followed_by, documents[1:], cls._pinned(documents[0]))

    def update_root(self, text: str, now: datetime) -> Self:
        """Take the next root. An expired one is taken too: it may be a step to one that is not (TUF 5.3.10).

        Raises:
            TrustError: MALFORMED, WRONG_KIND, BAD_SIGNATURE_THRESHOLD, ROLLBACK, VERSION_GAP or NOT_YET.
        """
        trust = self._with_root(open_document(text))
        _require_issued(trust.root, now)
        return trust

    def update_directory(self, text: str, now: datetime) -> Self:
        """Take a newer directory, or the same one again.

        Raises:
            TrustError: MALFORMED, WRONG_KIND, BAD_SIGNATURE_THRESHOLD, ROLLBACK, TWO_OF_ONE_VERSION, NOT_YET
                or EXPIRED.
        """
        trust = self._with_directory(open_document(text))
        for document in (trust.root, trust.directory):
            if document is not None:
                _require_issued(document, now)
                _require_unexpired(document, now)
        return trust

    def update(self, roots: Sequence[str], directory: str, now: datetime) -> Self:
        """Take a directory together with the chain of roots that leads to its signers; known roots are skipped.

        Raises:
            TrustError: as the single updates; nothing of it is taken then.
        """
        trust = self
        for text in roots:
            if parse_document(open_document(text), Root).version > trust.root.version:
                trust = trust.update_root(text, now)
        return trust.update_directory(directory, now)

    def freshness(self, now: datetime) -> Freshness:
        """Say whether the directory still counts; sealing and opening go on in grace, and stop after it."""
        if self.directory is None:
            return Freshness.EXPIRED
        expires_at = min(self.root.expires_at, self.directory.expires_at)
        if now < expires_at:
            return Freshness.FRESH
        return Freshness.IN_GRACE if now < expires_at + GRACE else Freshness.EXPIRED

    def nodes(self) -> tuple[NodeEntry, ...]:
        """All nodes of the current directory, whatever their status."""
        return () if self.directory is None else self.directory.nodes

    def entry(self, node: str) -> NodeEntry | None:
        """Find a node in the current directory."""
        return next((entry for entry in self.nodes() if entry.id == node), None)

    def authority(self, authority_id: str) -> Authority | None:
        """Find an authority in the current directory."""
        entry = self.entry(node_of(authority_id))
        return next((known for known in entry.authorities if known.id == authority_id), None) if entry else None

    def is_active(self, node: str, at: datetime) -> bool:
        """Say whether a node was, or is, a member in good standing at a time."""
        return self._past.status(node, at) == "active"

    def signing_key(self, node: str, key_id: str, at: datetime) -> SigningKey | None:
        """Find a node's signing key if it counted at a time, also where later directories no longer list it."""
        return self._past.key(node, key_id, at)

    def sealing_key(self, node: str, at: datetime, minimum: Suite | None = None) -> SealingKey:
        """Choose the key to seal to: of the strongest suite, then the newest, valid at a time.

        Args:
            node: the recipient.
            at: when it is sealed.
            minimum: the weakest suite to accept; without it the directory's own minimum.

        Raises:
            TrustError: NO_KEY.
        """
        entry = self.entry(node)
        if self.directory is None or entry is None:
            raise TrustError(TrustCode.NO_KEY, f"{node} is not in the directory; fetch the current one")
        least = hpke.STRENGTH[minimum or self.directory.minimum_suite]
        usable = [
            key for key in entry.sealing if hpke.STRENGTH[key.suite] >= least and key.valid_from <= at < key.valid_until
        ]
        if not usable:
            raise TrustError(TrustCode.NO_KEY, f"{node} has no sealing key in force; ask it to publish one")
        return max(usable, key=lambda key: (hpke.STRENGTH[key.suite], key.valid_from, key.id))

    @classmethod
    def _pinned(cls, text: str) -> Self:
        document = open_document(text)
        root = parse_document(document, Root)
        check_root(root)
        require_threshold(document, root)
        return cls(root)

    def _followed_by(self, text: str) -> Self:
        document = open_document(text)
        return self._with_root(document) if kind_of(document) == "federation-root" else self._with_directory(document)

    def _with_root(self, document: SignedDocument) -> Self:
        require_threshold(document, self.root)  # the old holders vouch for the new ones
        root = parse_document(document, Root)
        if root.version <= self.root.version:
            raise TrustError(TrustCode.ROLLBACK, f"root {root.version} is not newer than root {self.root.version}")
        if root.version != self.root.version + 1:
            raise TrustError(
                TrustCode.VERSION_GAP, f"root {root.version} came after root {self.root.version}; fetch those between"
            )
        check_root(root)
        require_threshold(document, root)
        return replace(self, root=root)

    def _with_directory(self, document: SignedDocument) -> Self:
        require_threshold(document, self.root)
        directory = parse_document(document, Directory)
        self._require_growth(document, directory)
        check_directory(directory, self._past)
        if self._signed is not None and document.payload == self._signed.payload:
            return replace(self, _signed=document)
        return replace(self, directory=directory, _signed=document, _past=self._past.followed_by(directory))

    def _require_growth(self, document: SignedDocument, directory: Directory) -> None:
        if self.directory is None or self._signed is None:
            return
        try:
            require_threshold(self._signed, self.root)
        except TrustError:
            # New holders took over: a version that the old ones may have jumped to no longer binds (TUF 5.3.11).
            return
        if directory.version < self.directory.version:
            raise TrustError(
                TrustCode.ROLLBACK, f"directory {directory.version} is older than directory {self.directory.version}"
            )
        if directory.version == self.directory.version and document.payload != self._signed.payload:
            raise TrustError(
                TrustCode.TWO_OF_ONE_VERSION,
                f"there are two different directories {directory.version}; report it to the Commission",
            )


def _require_issued(document: Root | Directory, now: datetime) -> None:
    if document.issued_at > now + _CLOCK_TOLERANCE:
        raise TrustError(TrustCode.NOT_YET, f"{document.kind} {document.version} is of the future; set the clock")


def _require_unexpired(document: Root | Directory, now: datetime) -> None:
    if document.expires_at <= now:
        raise TrustError(
            TrustCode.EXPIRED, f"{document.kind} {document.version} has expired; fetch a newer one from the Commission"
        )
