"""The Commission's side: found the federation, admit nodes, have the directory signed.

A federation's folder:

    root.json           who may sign, signed
    directory.json      the directory in force, signed
    draft.json          the next directory, until it is signed
    holders/            the holders' private keys; each belongs to another person, kept apart from this folder
    link/               the authority for the nodes' connections to the broker
    admitted/DE/        what the node of Germany takes home: root, directory, certificates
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ValidationError

from broker.certificates import LinkAuthority, write_private
from node.crypto import base64url
from node.crypto.keys import SEED_BYTES, SigningPrivateKey
from node.crypto.trust import TrustedDirectory, read_application, sign_document
from schemas.directory import Application, DeclaredArea, Directory, Holder, NodeEntry, Root, SigningKey
from schemas.frozen import Frozen

ROOT_YEARS = timedelta(days=3652)
DIRECTORY_VALIDITY = timedelta(days=90)

ROOT_FILE = "root.json"
DIRECTORY_FILE = "directory.json"
_DRAFT = "draft.json"


class CeremonyRefused(Exception):
    """That step can't be done; the message says why and what to do first."""


class HolderKey(Frozen):
    """A holder's private key, in a file of its own."""

    holder: Holder
    seed: str

    def signing(self) -> SigningPrivateKey:
        """The key to sign with."""
        return SigningPrivateKey(self.holder.key, base64url.decode(self.seed))


class Draft(Frozen):
    """The nodes of the next directory."""

    nodes: tuple[NodeEntry, ...] = ()
    areas: tuple[DeclaredArea, ...] = ()


def found(
    folder: Path, holders: Sequence[str], *, threshold: int, at: datetime, random: Callable[[int], bytes]
) -> None:
    """Found a federation: keys for the holders, a root signed by all of them, an authority for links.

    Args:
        folder: a new folder.
        holders: names of the persons or offices that will hold a key.
        threshold: how many of them must sign a directory.
        at: the beginning of the root's validity.
        random: gives the seeds of the keys.

    Raises:
        CeremonyRefused: the folder is in use, or the threshold can't be met.
    """
    if (folder / ROOT_FILE).exists():
        raise CeremonyRefused(f"{folder} holds a federation already; choose another folder")
    if not 1 <= threshold <= len(set(holders)):
        raise CeremonyRefused(f"a threshold of {threshold} can't be met by {len(set(holders))} different holders")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = [_holder_key(number, name, random) for number, name in enumerate(dict.fromkeys(holders), start=1)]
    root = Root(
        version=1,
        issued_at=at,
        expires_at=at + ROOT_YEARS,
        holders=tuple(key.holder for key in keys),
        threshold=threshold,
    )
    (folder / ROOT_FILE).write_text(sign_document(root, [key.signing() for key in keys]))
    (folder / "holders").mkdir(mode=0o700)
    for key in keys:
        write_private(folder / "holders" / f"{key.holder.key}.json", key.model_dump_json(indent=1).encode())
    (folder / "link").mkdir(mode=0o700)
    LinkAuthority.create("Federation links", at=at).save(folder / "link")
    _write(folder / _DRAFT, Draft())


def admit(folder: Path, application_text: str, *, at: datetime) -> Application:
    """Take a node's application into the next directory, and sign the certificate of its link.

    A later application of the same node renews its keys: the older ones stay listed, so that what they signed
    goes on verifying.

    Raises:
        CeremonyRefused: there is no federation here.
        TrustError: the application is not signed with the key that it names.
        RequestRefused: the certificate request is for another node.
    """
    application = read_application(application_text)
    draft = _draft(folder)
    known = next((entry for entry in draft.nodes if entry.id == application.node), None)
    certificate = LinkAuthority.load(folder / "link").sign(application.link_request.encode(), application.node, at=at)
    entry = NodeEntry(
        id=application.node,
        status="active",
        since=known.since if known is not None else at,
        signing=_with_older(application.signing, known),
        sealing=application.sealing,
        authorities=application.authorities,
    )
    others = tuple(each for each in draft.nodes if each.id != entry.id)
    nodes = tuple(sorted((*others, entry), key=lambda each: each.id))
    _write(folder / _DRAFT, draft.model_copy(update={"nodes": nodes}))
    home = folder / "admitted" / application.node
    home.mkdir(parents=True, exist_ok=True)
    (home / "node.pem").write_bytes(certificate)
    (home / "ca.pem").write_bytes((folder / "link" / "authority.pem").read_bytes())
    return application


def set_status(folder: Path, node: str, status: str, *, at: datetime) -> None:
    """Suspend, expel or reinstate a node, from the next directory on.

    Raises:
        CeremonyRefused: there is no such node, or no such status.
    """
    draft = _draft(folder)
    if status not in ("active", "suspended", "expelled"):
        raise CeremonyRefused(f"{status} is no status; a node is active, suspended or expelled")
    if not any(entry.id == node for entry in draft.nodes):
        raise CeremonyRefused(f"{node} is not a node of this federation")
    nodes = tuple(
        entry.model_copy(update={"status": status, "since": at}) if entry.id == node else entry for entry in draft.nodes
    )
    _write(folder / _DRAFT, draft.model_copy(update={"nodes": nodes}))


def publish(
    folder: Path, key_files: Sequence[Path], *, at: datetime, valid_for: timedelta = DIRECTORY_VALIDITY
) -> Directory:
    """Have the holders sign the next directory, and put it where nodes find it.

    Args:
        folder: of the federation.
        key_files: the private keys of enough holders.
        at: when it is issued.
        valid_for: how long it is in force.

    Raises:
        CeremonyRefused: a key file can't be read.
        TrustError: too few holders, or keys of others.
    """
    draft = _draft(folder)
    papers = [(folder / name).read_text() for name in (ROOT_FILE, DIRECTORY_FILE) if (folder / name).exists()]
    trust = TrustedDirectory.restore(papers)
    directory = Directory(
        version=(trust.directory.version if trust.directory is not None else 0) + 1,
        issued_at=at,
        expires_at=at + valid_for,
        nodes=draft.nodes,
        areas=draft.areas,
    )
    keys = [_read_holder(path) for path in key_files]
    text = sign_document(directory, [key.signing() for key in keys])
    trust.update_directory(text, at)
    for home in (folder, *(path for path in (folder / "admitted").glob("*") if path.is_dir())):
        _replace(home / DIRECTORY_FILE, text)
        if home != folder:
            _replace(home / ROOT_FILE, (folder / ROOT_FILE).read_text())
    return directory


def holder_keys(folder: Path) -> list[Path]:
    """The holders' keys that still lie in the federation's folder."""
    return sorted((folder / "holders").glob("*.json"))


def _holder_key(number: int, name: str, random: Callable[[int], bytes]) -> HolderKey:
    seed = random(SEED_BYTES)
    key = SigningPrivateKey(f"holder-{number}", seed)
    return HolderKey(holder=Holder(key=key.id, public=key.public, name=name), seed=base64url.encode(seed))


def _with_older(key: SigningKey, known: NodeEntry | None) -> tuple[SigningKey, ...]:
    older = known.signing if known is not None else ()
    return (key, *(each for each in older if each.id != key.id))


def _read_holder(path: Path) -> HolderKey:
    try:
        return HolderKey.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CeremonyRefused(f"{path} is no holder's key: give the file that was made for a holder") from error


def _draft(folder: Path) -> Draft:
    try:
        return Draft.model_validate_json((folder / _DRAFT).read_bytes())
    except FileNotFoundError as error:
        raise CeremonyRefused(f"{folder} is no federation's folder; found one with `imi federation create`") from error


def _write(path: Path, model: BaseModel) -> None:
    _replace(path, model.model_dump_json(indent=1))


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text)
    part.replace(path)
