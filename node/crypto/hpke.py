"""Hybrid public key encryption (RFC 9180, base mode): seals bytes to a public key, with `info` bound to them.

Two suites, both with HKDF-SHA256 and AES-256-GCM. The default joins ML-KEM-768 and X25519, so that what is
recorded today stays closed to a quantum computer later. Its private key is a 32-byte seed, which SHAKE256 expands
to the ML-KEM seed (64 bytes) and the X25519 key (32 bytes); its public key is the two public keys, one after the
other (draft-ietf-hpke-pq, MLKEM768-X25519, KEM 0x647a).
"""

import hashlib
from typing import assert_never

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
)
from cryptography.hazmat.primitives.hpke import Suite as HpkeSuite

from schemas.envelope import Suite

PrivateKey = X25519PrivateKey | MLKEM768X25519PrivateKey
PublicKey = X25519PublicKey | MLKEM768X25519PublicKey

_MLKEM_SEED_BYTES = 64
_MLKEM_PUBLIC_BYTES = 1184
_X25519_BYTES = 32

_SUITES: dict[Suite, HpkeSuite] = {
    "mlkem768-x25519": HpkeSuite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    "x25519": HpkeSuite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}

STRENGTH: dict[Suite, int] = {"x25519": 1, "mlkem768-x25519": 2}
"""Suites in order: a minimum admits itself and what is stronger."""


class Undecipherable(Exception):
    """The ciphertext does not open: wrong key, other `info`, or altered."""


def private_key(suite: Suite, seed: bytes) -> PrivateKey:
    """Make the private key of a suite from its 32-byte seed."""
    match suite:
        case "x25519":
            return X25519PrivateKey.from_private_bytes(seed)
        case "mlkem768-x25519":
            return MLKEM768X25519PrivateKey(*_expand(seed))
        case _:
            assert_never(suite)


def public_bytes(suite: Suite, seed: bytes) -> bytes:
    """Give the public key that belongs to a seed, as it stands in the directory."""
    match suite:
        case "x25519":
            return X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        case "mlkem768-x25519":
            mlkem, x25519 = _expand(seed)
            return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        case _:
            assert_never(suite)


def public_key(suite: Suite, public: bytes) -> PublicKey:
    """Read a public key.

    Raises:
        ValueError: it has not the size that the suite requires, or is no key.
    """
    match suite:
        case "x25519":
            return X25519PublicKey.from_public_bytes(public)
        case "mlkem768-x25519":
            if len(public) != _MLKEM_PUBLIC_BYTES + _X25519_BYTES:
                raise ValueError(f"a hybrid public key has {_MLKEM_PUBLIC_BYTES + _X25519_BYTES} bytes")
            return MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES]),
                X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_BYTES:]),
            )
        case _:
            assert_never(suite)


def seal(suite: Suite, public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Seal bytes: the encapsulated key, then the ciphertext (RFC 9180, 6.1).

    Raises:
        ValueError: not a public key of that suite.
    """
    return _SUITES[suite].encrypt(plaintext, public_key(suite, public), info)


def unseal(suite: Suite, private: PrivateKey, sealed: bytes, info: bytes) -> bytes:
    """Open what was sealed to a key, with the same `info`.

    Raises:
        Undecipherable: another key or `info`, or the bytes were altered.
    """
    try:
        return _SUITES[suite].decrypt(sealed, private, info)
    except (InvalidTag, ValueError) as error:
        raise Undecipherable("it does not open with this key and this header") from error


def _expand(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + _X25519_BYTES)
    return (
        MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES]),
        X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:]),
    )
