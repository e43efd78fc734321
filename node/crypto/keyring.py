"""The keyring on disk: one JSON file that only the node's own account can read.

The folder has mode 0700 and the file 0600; a keyring that others can read is refused, because it may no longer be
secret. The file is replaced as a whole, so that a crash leaves the old one or the new one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from stat import S_IMODE

from pydantic import ValidationError

from node.crypto import base64url, vault
from node.crypto.keys import SEED_BYTES, Random, SealingPrivateKey, SigningPrivateKey
from node.crypto.ring import Held, Keyring, new_keyring, renewed, without_expired
from schemas.directory import Base64Url, KeyId
from schemas.envelope import Suite
from schemas.frozen import Frozen
from schemas.identifiers import NodeId, UtcTime

__all__ = [
    "FILE_NAME",
    "BadKeyring",
    "Keyring",
    "create_keyring",
    "load_keyring",
    "new_keyring",
    "overwritten",
    "read_keyring",
    "renewed",
    "save_keyring",
    "without_expired",
    "write_keyring",
]

FILE_NAME = "keyring.json"

_CONTEXT = b"imi keyring"
_FOLDER_MODE = 0o700
_FILE_MODE = 0o600


class BadKeyring(Exception):
    """The keyring can't be used; the message says why and what to do. Never with a key in it."""


class _Signing(Frozen):
    id: KeyId
    seed: Base64Url
    valid_from: UtcTime
    valid_until: UtcTime


class _Sealing(_Signing):
    suite: Suite


class _File(Frozen):
    version: int = 1
    node: NodeId
    signing: tuple[_Signing, ...]
    sealing: tuple[_Sealing, ...]
    store_key: Base64Url
    retiring: Base64Url | None = None


class _Wrapped(Frozen):
    """The file where it is wrapped: the other one, sealed (AES-256-GCM)."""

    node: NodeId
    wrapped: Base64Url


def create_keyring(folder: Path, node: NodeId, at: datetime, random: Random) -> Keyring:
    """Make a node's keys and write them to a folder that has no keyring yet.

    Raises:
        BadKeyring: there is one already, or the folder is open to others.
        OSError: it can't be written.
    """
    if (folder / FILE_NAME).exists():
        raise BadKeyring(f"{folder / FILE_NAME} exists; keys are never overwritten. Move it away if you mean to")
    keyring = new_keyring(node, at, random)
    save_keyring(folder, keyring)
    return keyring


def save_keyring(folder: Path, keyring: Keyring, wrapping: bytes | None = None) -> None:
    """Replace the keyring in a folder; the folder is made if it is missing.

    What the old file held is overwritten, as far as the file system writes in place.

    Args:
        folder: of the keys.
        keyring: what to save.
        wrapping: the key to wrap it with; without one it is written in clear.

    Raises:
        BadKeyring: the folder is open to others.
        OSError: it can't be written.
    """
    folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    _require_private(folder, _FOLDER_MODE)
    draft = folder / f".{FILE_NAME}.draft"
    draft.unlink(missing_ok=True)  # of a save that was cut short
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_content(keyring, wrapping))
        file.flush()
        os.fsync(file.fileno())
    with overwritten(folder / FILE_NAME):
        draft.replace(folder / FILE_NAME)
        _sync_folder(folder)


def load_keyring(folder: Path, wrapping: bytes | None = None) -> Keyring:
    """Read a node's keys.

    Args:
        folder: of the keys.
        wrapping: the key that the file is wrapped with, if it is.

    Raises:
        BadKeyring: it is missing, open to others, damaged, or not wrapped as it should be.
        OSError: it can't be read.
    """
    path = folder / FILE_NAME
    if not path.exists():
        raise BadKeyring(f"{path} is missing; make keys for a new node, or restore the folder from its backup")
    _require_private(folder, _FOLDER_MODE)
    _require_private(path, _FILE_MODE)
    try:
        return _from_file(_File.model_validate_json(_unwrapped(path, wrapping)))
    except ValidationError as error:
        places = ", ".join(".".join(str(part) for part in item["loc"]) or "file" for item in error.errors())
        raise BadKeyring(f"{path} is damaged ({places}); restore it from the backup") from None
    except ValueError:
        raise BadKeyring(f"{path} is damaged (a key is no key); restore it from the backup") from None


def write_keyring(keyring: Keyring) -> bytes:
    """Write a keyring in clear: for what seals it itself."""
    return _to_file(keyring).model_dump_json(indent=1).encode("ascii")


def read_keyring(content: bytes) -> Keyring:
    """Read what `write_keyring` wrote; raises ValueError."""
    return _from_file(_File.model_validate_json(content))


def _content(keyring: Keyring, wrapping: bytes | None) -> bytes:
    content = write_keyring(keyring)
    if wrapping is None:
        return content
    sealed = vault.seal_content(wrapping, content, _CONTEXT, os.urandom)
    return _Wrapped(node=keyring.node, wrapped=base64url.encode(sealed)).model_dump_json(indent=1).encode("ascii")


def _unwrapped(path: Path, wrapping: bytes | None) -> bytes:
    content = path.read_bytes()
    try:
        wrapped = _Wrapped.model_validate_json(content)
    except ValidationError:
        if wrapping is None:
            return content
        raise BadKeyring(f"{path} is not wrapped, and node.toml says so: `imi node wrap-keys` does it") from None
    if wrapping is None:
        raise BadKeyring(f"{path} is wrapped: name its secret in node.toml, keyring_secret = ...")
    try:
        return vault.open_content(wrapping, base64url.decode(wrapped.wrapped), _CONTEXT)
    except vault.Unreadable:
        raise BadKeyring(f"{path} is wrapped with another secret than the one in node.toml, or damaged") from None


@contextmanager
def overwritten(path: Path) -> Iterator[None]:
    """Overwrite what a file holds, once something else has taken its name."""
    if not path.exists():
        yield
        return
    with path.open("r+b") as old:
        size = path.stat().st_size
        yield
        old.write(bytes(size))
        old.flush()
        os.fsync(old.fileno())


def _require_private(path: Path, mode: int) -> None:
    found = S_IMODE(path.stat().st_mode)
    if found & ~mode:
        raise BadKeyring(f"{path} is open to others (mode {found:04o}); close it: chmod {mode:o} {path}")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)  # the new name itself has to survive a loss of power
    finally:
        os.close(descriptor)


def _to_file(keyring: Keyring) -> _File:
    return _File(
        node=keyring.node,
        signing=tuple(
            _Signing(
                id=held.key.id,
                seed=base64url.encode(held.key.seed),
                valid_from=held.valid_from,
                valid_until=held.valid_until,
            )
            for held in keyring.signing
        ),
        sealing=tuple(
            _Sealing(
                id=held.key.id,
                suite=held.key.suite,
                seed=base64url.encode(held.key.seed),
                valid_from=held.valid_from,
                valid_until=held.valid_until,
            )
            for held in keyring.sealing
        ),
        store_key=base64url.encode(keyring.store_key),
        retiring=base64url.encode(keyring.retiring) if keyring.retiring is not None else None,
    )


def _from_file(file: _File) -> Keyring:
    return Keyring(
        node=file.node,
        signing=tuple(
            Held(SigningPrivateKey(key.id, _seed(key.seed)), key.valid_from, key.valid_until) for key in file.signing
        ),
        sealing=tuple(
            Held(SealingPrivateKey(key.id, key.suite, _seed(key.seed)), key.valid_from, key.valid_until)
            for key in file.sealing
        ),
        store_key=_seed(file.store_key),
        retiring=_seed(file.retiring) if file.retiring is not None else None,
    )


def _seed(text: str) -> bytes:
    seed = base64url.decode(text)
    if len(seed) != SEED_BYTES:
        raise ValueError("a key has 32 bytes")
    return seed
