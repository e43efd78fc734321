"""Backups of a node, and their restoring: two files, so that what is deleted does not come back with an old one.

The store file holds everything but the data keys. The key file holds the data keys that there are *now*, the keyring
and the settings; each backup replaces it. So an old store file shows only what has not been deleted since: what it
holds besides is noise. Both are sealed to a public key; the private one is kept elsewhere (docs/decisions/0028).
"""

# ruff: noqa: ASYNC240  a command of its own: nobody else waits for the loop

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from broker.certificates import write_private
from node.clock import clock_of
from node.config import FILE, BadConfig, Config, read_config
from node.crypto import base64url, hpke, sealed_file
from node.crypto.keyring import Keyring, load_keyring, overwritten, read_keyring, save_keyring, write_keyring
from node.crypto.keys import SEED_BYTES
from node.crypto.sealed_file import SUITE, BadSealedFile
from node.crypto.wrapping import wrapping_key
from node.runtime.audit import Note, follow
from node.store import backups, ledger
from node.store.data_keys import DataKey
from node.store.database import Store, held
from schemas.backup import BackupHead, BackupSecret, Ended, KeptKey, KeyBackup

KEY_FILE = "{node}.keys"
"""The key file's name beside the store files: always the same, so that the newest replaces the one before."""

_PIECE = 1024 * 1024
_KEPT = ("node.toml", "backup.pub", "mail.credentials", "trust/*", "link/*", "areas/*")


class BackupRefused(Exception):
    """The backup can't be made or restored; the message says why, and what to do."""


@dataclass(frozen=True)
class Restored:
    """What a restoring did."""

    at: datetime
    """When the store file was made."""
    keys_at: datetime
    erased: int
    """In so many exchanges nothing is to be read any more: they were deleted since."""


def make_backup_key(config: Config, private: Path) -> None:
    """Make the key that this node's backups are sealed to; the private half goes to a file of its own.

    Raises:
        BackupRefused: there is one already.
    """
    if config.backup_key.exists() or private.exists():
        raise BackupRefused(f"{config.backup_key} or {private} exists; older backups open with that key only")
    seed = os.urandom(SEED_BYTES)
    public = base64url.encode(hpke.public_bytes(SUITE, seed))
    secret = BackupSecret(suite=SUITE, seed=base64url.encode(seed), public=public)
    write_private(private, secret.model_dump_json(indent=1).encode())
    config.backup_key.write_text(public + "\n")


async def back_up(config: Config, file: Path, keys: Path | None = None) -> Path:
    """Write a backup of a node, running or not; returns where the key file is.

    Args:
        config: of the node.
        file: the store file; it must not exist yet.
        keys: the key file, which is replaced; by default one beside the store file.

    Raises:
        BackupRefused: no key to seal to, the file exists, or the store key is being rolled over.
    """
    if not config.backup_key.exists():
        raise BackupRefused(f"{config.backup_key} is missing: make a key with `imi node backup-key`")
    if file.exists():
        raise BackupRefused(f"{file} exists; a backup never replaces another")
    keyring, now = _keyring(config), clock_of(config.clock).now()
    if keyring.retiring is not None:
        raise BackupRefused("the store key is being rolled over: wait until that is done, and back up then")
    public = base64url.decode(config.backup_key.read_text().strip())
    copy = config.folder / ".backup.sqlite"
    try:
        await backups.copy_without_keys(config.store, copy)
        _seal(file, _head("store", keyring, now), _pieces(copy), public)
    finally:
        copy.unlink(missing_ok=True)
    place = keys or file.with_name(KEY_FILE.format(node=config.node))
    content = (await _keys(config, keyring)).model_dump_json().encode()
    _seal(place, _head("keys", keyring, now), iter([content]), public)
    return place


async def restore(folder: Path, file: Path, keys: Path, private: Path, *, replace: bool = False) -> Restored:
    """Make a node of a backup, to be started then: in an empty folder, or in the place of the store there is.

    Raises:
        BackupRefused: the files do not belong together, or there is a store that is not to be replaced.
        BadSealedFile: they do not open.
        StoreInUse: the node runs.
    """
    seed = base64url.decode(BackupSecret.model_validate_json(private.read_text()).seed)
    head, key_head, kept = *(_read_head(each) for each in (file, keys)), _open_keys(keys, seed)
    keyring = read_keyring(base64url.decode(kept.keyring))
    if (head.kind, key_head.kind, head.node) != ("store", "keys", key_head.node):
        raise BackupRefused(f"{file} and {keys} are not the store file and the key file of one node")
    if head.store_key != _name_of(keyring):
        raise BackupRefused("the store key was rolled over after this backup was made: restore one made since")
    config = _settle(folder, kept, keyring)
    with held(config.store):
        if config.store.exists() and config.store.stat().st_size and not replace:
            raise BackupRefused(f"{config.store} exists: say --replace if the backup is to take its place")
        part = config.store.with_name(f"{config.store.name}.restoring")
        erased = await _fill(config, part, sealed_pieces=_opened(file, seed), kept=kept, head=head, keys_at=key_head.at)
        for rest in ("-wal", "-shm"):
            config.store.with_name(config.store.name + rest).unlink(missing_ok=True)
        config.restored.touch(mode=0o600)
        part.replace(config.store)
    return Restored(head.at, key_head.at, erased)


async def _fill(
    config: Config, part: Path, *, sealed_pieces: Iterator[bytes], kept: KeyBackup, head: BackupHead, keys_at: datetime
) -> int:
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        for piece in sealed_pieces:
            target.write(piece)
    store = await Store.open(part)
    try:
        async with store.transaction() as db:
            keys = [DataKey(each.exchange, base64url.decode(each.wrapped), each.ring) for each in kept.data_keys]
            ended = [backups.Ended(each.exchange, each.blocked_at, each.deleted_at) for each in kept.ended]
            erased = await backups.put_back(db, keys, ended)
            detail = f'{{"made_at":"{head.at:%Y-%m-%dT%H:%M:%SZ}","keys_at":"{keys_at:%Y-%m-%dT%H:%M:%SZ}"}}'
            note = Note(config.node, "store.restored", config.node, detail)
            await ledger.append(db, follow(await ledger.last(db), [note], clock_of(config.clock).now()))
        await store.compact()
    finally:
        await store.close()
        part.with_name(part.name + ".lock").unlink(missing_ok=True)
    return erased


async def _keys(config: Config, keyring: Keyring) -> KeyBackup:
    keys, ended = await backups.keys_and_ended(config.store)
    files = [path for pattern in _KEPT for path in sorted(config.folder.glob(pattern)) if path.is_file()]
    return KeyBackup(
        keyring=base64url.encode(write_keyring(keyring)),
        data_keys=tuple(
            KeptKey(exchange=each.exchange_id, wrapped=base64url.encode(each.wrapped), ring=each.ring) for each in keys
        ),
        ended=tuple(
            Ended(exchange=each.exchange_id, blocked_at=each.blocked_at, deleted_at=each.deleted_at) for each in ended
        ),
        files={str(path.relative_to(config.folder)): base64url.encode(path.read_bytes()) for path in files},
    )


def _settle(folder: Path, kept: KeyBackup, keyring: Keyring) -> Config:
    """Make sure that the folder is this node's: with its settings, and with its keyring."""
    if not (folder / FILE).exists():
        for name, content in kept.files.items():
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise BackupRefused(f"the key file names a file outside of the node's folder: {name}")
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(path, base64url.decode(content))
        (folder / "areas").mkdir(exist_ok=True)
    config = read_config(folder)
    if config.node != keyring.node:
        raise BadConfig(f"{folder} is the folder of {config.node}, and the backup is of {keyring.node}")
    if not (config.keys / "keyring.json").exists():
        save_keyring(config.keys, keyring, _wrapping(config))
    elif _name_of(_keyring(config)) != _name_of(keyring):
        raise BackupRefused("the store key was rolled over after these keys were backed up: take a newer key file")
    return config


def _keyring(config: Config) -> Keyring:
    return load_keyring(config.keys, _wrapping(config))


def _wrapping(config: Config) -> bytes | None:
    return wrapping_key(config.keyring_secret) if config.keyring_secret is not None else None


def _head(kind: str, keyring: Keyring, at: datetime) -> BackupHead:
    return BackupHead.model_validate({"kind": kind, "node": keyring.node, "at": at, "store_key": _name_of(keyring)})


def _name_of(keyring: Keyring) -> str:
    return base64url.encode(hashlib.sha256(b"imi store key" + keyring.store_key).digest())


def _seal(file: Path, head: BackupHead, pieces: Iterator[bytes], public: bytes) -> None:
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        sealed_file.seal(head.model_dump_json(), pieces, target, public, os.urandom)
        target.flush()
        os.fsync(target.fileno())
    with overwritten(file):
        part.replace(file)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _read_head(path: Path) -> BackupHead:
    with path.open("rb") as file:
        try:
            return BackupHead.model_validate_json(sealed_file.read_header(file))
        except ValidationError as error:
            raise BadSealedFile(f"{path} is no backup of this program") from error


def _opened(path: Path, seed: bytes) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from sealed_file.open_(file, seed)


def _open_keys(path: Path, seed: bytes) -> KeyBackup:
    return KeyBackup.model_validate_json(b"".join(_opened(path, seed)))
