"""A node's private keys: it makes them itself, and they never leave it. The directory gets the public parts.

Keys rotate with overlap: `renewed` puts new ones in front and keeps the older, which open and explain what came
before. Sealing keys are epochs: `without_expired` destroys those that nobody seals to any more, so that a key stolen
later opens nothing of what was recorded earlier.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, Literal, TypeVar, get_args

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from node.crypto import base64url, vault
from node.crypto.keys import SEED_BYTES, Random, SealingPrivateKey, SigningPrivateKey
from schemas.directory import SealingKey, SigningKey
from schemas.envelope import Suite
from schemas.identifiers import NodeId

SIGNING_VALIDITY = timedelta(days=730)
SEALING_VALIDITY = timedelta(days=365)

_LATECOMERS = timedelta(days=90)
"""How long after its end a sealing key still opens: envelopes wait at a broker while a node is away."""

_SUITES: tuple[Suite, ...] = get_args(Suite)

Ring = Literal["ordinary", "blocked"]

Key = TypeVar("Key", SigningPrivateKey, SealingPrivateKey)


@dataclass(frozen=True)
class Held(Generic[Key]):
    """A private key and its validity."""

    key: Key
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True)
class Keyring:
    """All private keys of a node; newest first."""

    node: NodeId
    signing: tuple[Held[SigningPrivateKey], ...]
    sealing: tuple[Held[SealingPrivateKey], ...]
    store_key: bytes = field(repr=False)
    """Wraps the data keys of the exchanges (AES-256)."""
    retiring: bytes | None = field(default=None, repr=False)
    """The store key before this one, until nothing is under it any more."""

    @property
    def current(self) -> SigningPrivateKey:
        """The key to sign with."""
        return self.signing[0].key

    @property
    def blocked_key(self) -> bytes:
        """Wraps the data keys of blocked exchanges (AES-256): a ring of its own, out of ordinary reach."""
        return _blocked(self.store_key)

    @property
    def store_keys(self) -> tuple[bytes, ...]:
        """The store keys that something may be under, the current one first."""
        return (self.store_key,) if self.retiring is None else (self.store_key, self.retiring)

    def wrap(self, ring: Ring, data_key: bytes) -> bytes:
        """Wrap a data key for a ring."""
        return vault.wrap(self.store_key if ring == "ordinary" else self.blocked_key, data_key)

    def unwrap(self, ring: Ring, wrapped: bytes) -> bytes:
        """Take a data key out of its wrapping, whichever store key it is under.

        Raises:
            WrongKey: it opens with none of them.
        """
        *first, last = self.store_keys if ring == "ordinary" else map(_blocked, self.store_keys)
        for key in first:
            try:
                return vault.unwrap(key, wrapped)
            except vault.WrongKey:
                continue
        return vault.unwrap(last, wrapped)

    def is_current(self, ring: Ring, wrapped: bytes) -> bool:
        """Say whether a data key is under the current store key."""
        try:
            vault.unwrap(self.store_key if ring == "ordinary" else self.blocked_key, wrapped)
        except vault.WrongKey:
            return False
        return True

    def sealing_key(self, key_id: str) -> SealingPrivateKey | None:
        """Find the private key that an envelope was sealed to."""
        return next((held.key for held in self.sealing if held.key.id == key_id), None)

    def public_signing(self) -> tuple[SigningKey, ...]:
        """Give the signing keys as the directory has them, newest first."""
        return tuple(
            SigningKey(id=held.key.id, public=held.key.public, valid_from=held.valid_from, valid_until=held.valid_until)
            for held in self.signing
        )

    def public_sealing(self) -> tuple[SealingKey, ...]:
        """Give the sealing keys as the directory has them, newest first."""
        return tuple(
            SealingKey(
                id=held.key.id,
                suite=held.key.suite,
                public=held.key.public,
                valid_from=held.valid_from,
                valid_until=held.valid_until,
            )
            for held in self.sealing
        )


def new_keyring(
    node: NodeId,
    at: datetime,
    random: Random,
    *,
    signing_validity: timedelta = SIGNING_VALIDITY,
    sealing_validity: timedelta = SEALING_VALIDITY,
) -> Keyring:
    """Make all keys of a node.

    Args:
        node: whose keys.
        at: the beginning of their validity.
        random: gives the seeds, 32 bytes each.
        signing_validity: how long statements may be signed with the signing key.
        sealing_validity: how long envelopes may be sealed to the sealing keys, one of each suite.
    """
    return Keyring(
        node=node,
        signing=(_new_signing(node, at, random, signing_validity),),
        sealing=_new_sealing(node, at, random, sealing_validity),
        store_key=random(SEED_BYTES),
    )


def renewed(
    keyring: Keyring,
    at: datetime,
    random: Random,
    *,
    signing_validity: timedelta = SIGNING_VALIDITY,
    sealing_validity: timedelta = SEALING_VALIDITY,
) -> Keyring:
    """Put new signing and sealing keys in front of the ones there are; the store key stays.

    Save it only once the directory has the new public parts: until then nobody could verify with them.
    """
    return replace(
        keyring,
        signing=(_new_signing(keyring.node, at, random, signing_validity), *keyring.signing),
        sealing=(*_new_sealing(keyring.node, at, random, sealing_validity), *keyring.sealing),
    )


def without_expired(keyring: Keyring, now: datetime) -> Keyring:
    """Drop the sealing keys that nothing can still arrive for. Save the result, and they are gone."""
    return replace(keyring, sealing=tuple(held for held in keyring.sealing if now < held.valid_until + _LATECOMERS))


def with_new_store_key(keyring: Keyring, random: Random) -> Keyring:
    """Put a new store key in front; the one there is retires, once all is under the new one."""
    return replace(keyring, store_key=random(SEED_BYTES), retiring=keyring.store_key)


def without_retiring(keyring: Keyring) -> Keyring:
    """Drop the store key that retires. Save the result, and it is gone."""
    return replace(keyring, retiring=None)


def _blocked(store_key: bytes) -> bytes:
    return HKDF(hashes.SHA256(), SEED_BYTES, salt=None, info=b"imi blocked ring").derive(store_key)


def _new_signing(node: NodeId, at: datetime, random: Random, validity: timedelta) -> Held[SigningPrivateKey]:
    seed = random(SEED_BYTES)
    key_id = _key_id(node, "sign", SigningPrivateKey("", seed).public)
    return Held(SigningPrivateKey(key_id, seed), at, at + validity)


def _new_sealing(
    node: NodeId, at: datetime, random: Random, validity: timedelta
) -> tuple[Held[SealingPrivateKey], ...]:
    return tuple(Held(_sealing_key(node, suite, random(SEED_BYTES)), at, at + validity) for suite in _SUITES)


def _sealing_key(node: NodeId, suite: Suite, seed: bytes) -> SealingPrivateKey:
    return SealingPrivateKey(_key_id(node, "seal", SealingPrivateKey("", suite, seed).public), suite, seed)


def _key_id(node: NodeId, use: str, public: str) -> str:
    # Named after the key itself, so that an id can't come to stand for another key.
    return f"{node}.{use}.{base64url.encode(hashlib.sha256(public.encode('ascii')).digest())[:16]}"
