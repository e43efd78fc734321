"""What a sequence of directories says about the past: who was active when, and which key counted until when.

Evidence is verified long after keys were replaced and nodes have left, so that what a directory once said about them is
kept. Nothing here ever makes more valid than some directory said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from schemas.directory import Directory, NodeEntry, SigningKey

Status = Literal["active", "suspended", "expelled"]


@dataclass(frozen=True)
class Past:
    """Signing keys and statuses by node, over all directories that this node has accepted."""

    keys: Mapping[str, Mapping[str, SigningKey]] = field(default_factory=dict)
    """Node -> key id -> key, its validity cut where a later directory no longer lists it."""
    statuses: Mapping[str, tuple[tuple[datetime, Status], ...]] = field(default_factory=dict)
    """Node -> since when which status, ascending."""

    def followed_by(self, directory: Directory) -> "Past":
        """Take in the next directory."""
        entries = {entry.id: entry for entry in directory.nodes}
        keys = {node: _ended(known, directory.issued_at) for node, known in self.keys.items()}
        statuses = dict(self.statuses)
        for node in statuses.keys() - entries.keys():  # left out is as good as expelled
            statuses[node] = _since(statuses[node], directory.issued_at, "expelled")
        for entry in directory.nodes:
            keys[entry.id] = {**keys.get(entry.id, {}), **{key.id: key for key in entry.signing}}
            statuses[entry.id] = _since(statuses.get(entry.id, ()), entry.since, entry.status)
        return Past(keys, statuses)

    def reused_key(self, entry: NodeEntry) -> str | None:
        """Name a key id of the entry that once stood for another key."""
        known = self.keys.get(entry.id, {})
        return next((key.id for key in entry.signing if key.id in known and known[key.id].public != key.public), None)

    def status(self, node: str, at: datetime) -> Status | None:
        """Say how a node stood at a time; none if it was not known then."""
        return next((status for since, status in reversed(self.statuses.get(node, ())) if since <= at), None)

    def key(self, node: str, key_id: str, at: datetime) -> SigningKey | None:
        """Find a node's signing key, if it counted at a time."""
        key = self.keys.get(node, {}).get(key_id)
        return key if key is not None and key.valid_from <= at < key.valid_until else None


def _ended(keys: Mapping[str, SigningKey], at: datetime) -> Mapping[str, SigningKey]:
    return {
        key_id: key if key.valid_until <= at else key.model_copy(update={"valid_until": at})
        for key_id, key in keys.items()
    }


def _since(
    earlier: tuple[tuple[datetime, Status], ...], since: datetime, status: Status
) -> tuple[tuple[datetime, Status], ...]:
    # A later directory knows better about all that begins at or after its own `since`.
    return (*(period for period in earlier if period[0] < since), (since, status))
