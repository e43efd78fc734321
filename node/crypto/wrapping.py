"""What the keyring is wrapped with, where it is not to lie in the node's folder in clear.

The secret comes from outside of the folder, so that a copy of the whole folder opens nothing:

    file:/etc/imi/secret      a file that only its owner can read: on another disk, a token, a mounted secret
    env:IMI_KEYRING_SECRET    a variable of the process
    credential:imi-keyring    a systemd credential (systemd.exec(5), LoadCredentialEncrypted=), sealed to a TPM or not
"""

import os
from collections.abc import Mapping
from pathlib import Path
from stat import S_IMODE

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from node.crypto.vault import KEY_BYTES

SHORTEST_SECRET = 32  # bytes: it has to be random, no password is as good
_OPEN_TO_OTHERS = 0o077
_CREDENTIALS = "CREDENTIALS_DIRECTORY"  # systemd.exec(5)


class NoSecret(Exception):
    """The secret can't be had; the message says from where, and what to do. Never with the secret in it."""


def wrapping_key(source: str, environment: Mapping[str, str] = os.environ) -> bytes:
    """Read a secret and derive the key from it that the keyring is wrapped with (HKDF, RFC 5869).

    Args:
        source: `file:PATH`, `env:NAME` or `credential:NAME`.
        environment: variables of the process.

    Raises:
        NoSecret: it is missing, too short, open to others, or the source is none of these.
    """
    secret = _read(source, environment).strip()
    if len(secret) < SHORTEST_SECRET:
        raise NoSecret(f"{source} has {len(secret)} bytes; make one of random bytes: openssl rand -base64 48")
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"imi keyring wrapping").derive(secret)


def _read(source: str, environment: Mapping[str, str]) -> bytes:
    kind, _, name = source.partition(":")
    match kind:
        case "file":
            return _private(Path(name), source)
        case "env":
            if name not in environment:
                raise NoSecret(f"the variable {name} is not set: the service that starts the node sets it")
            return environment[name].encode()
        case "credential":
            if _CREDENTIALS not in environment:
                raise NoSecret(f"there are no systemd credentials here: add LoadCredentialEncrypted={name} to the unit")
            return _content(Path(environment[_CREDENTIALS]) / name, source)
        case _:
            raise NoSecret(f"{source!r} names no secret: it is file:PATH, env:NAME or credential:NAME")


def _private(path: Path, source: str) -> bytes:
    content = _content(path, source)
    if S_IMODE(path.stat().st_mode) & _OPEN_TO_OTHERS:
        raise NoSecret(f"{path} is open to others; close it: chmod 600 {path}")
    return content


def _content(path: Path, source: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NoSecret(f"{source} can't be read: {error.strerror}") from error
