"""Reads a federation's folder, to show it and to serve its nodes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from broker.certificates import LinkAuthority
from node.ceremony.federation import DIRECTORY_FILE, ROOT_FILE, CeremonyRefused, Draft
from node.cli.words import when
from node.crypto.trust import TrustedDirectory
from node.verify import fingerprint
from schemas.directory import Directory, NodeEntry, Root

_DRAFT_FILE = "draft.json"


@dataclass(frozen=True)
class ShownRoot:
    """The root, verified, and its fingerprint."""

    content: Root
    fingerprint: str


def read_draft(folder: Path) -> Draft:
    """Read the nodes of the next directory; raises CeremonyRefused where there is no federation."""
    try:
        return Draft.model_validate_json((folder / _DRAFT_FILE).read_bytes())
    except FileNotFoundError as error:
        raise CeremonyRefused(f"{folder} is no federation's folder; found one with `imi federation create`") from error


def read_federation(folder: Path) -> tuple[ShownRoot, Directory | None, Draft]:
    """Read root, directory (if one was published) and draft.

    Raises:
        CeremonyRefused: there is no federation.
        TrustError: root or directory were altered.
    """
    draft = read_draft(folder)
    texts = [path.read_text() for path in (folder / ROOT_FILE, folder / DIRECTORY_FILE) if path.exists()]
    trust = TrustedDirectory.restore(texts)
    return ShownRoot(trust.root, fingerprint(texts[0])), trust.directory, draft


def served_nodes(folder: Path) -> list[str]:
    """The nodes that a broker has to serve: all that are admitted and not expelled."""
    return [entry.id for entry in read_draft(folder).nodes if entry.status != "expelled"]


def link_authority(folder: Path) -> LinkAuthority:
    """The federation's authority for links; raises CeremonyRefused where there is none."""
    read_draft(folder)
    return LinkAuthority.load(folder / "link")


def node_rows(nodes: Sequence[NodeEntry]) -> Iterator[tuple[str, ...]]:
    """A row for each node: id, status, since when, signing key, until when."""
    for entry in nodes:
        key = entry.signing[0]
        yield entry.id, entry.status, when(entry.since), key.id, when(key.valid_until)


def authority_rows(nodes: Sequence[NodeEntry]) -> Iterator[tuple[str, ...]]:
    """A row for each authority: id, name, whether it is the national coordinator, its procedures."""
    for entry in nodes:
        for each in entry.authorities:
            procedures = "; ".join(f"{area}: {', '.join(names)}" for area, names in each.modules.items())
            yield each.id, each.name, "national" if each.national_coordinator else "", procedures
