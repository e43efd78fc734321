"""The key under which the register keeps what it knows of people: users, and contact persons of authorities.

It is derived from the store key, which the database does not hold: a stolen database names no official.
"""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from node.crypto.vault import KEY_BYTES


def register_key(store_key: bytes) -> bytes:
    """Derive the key of the register from the store key (HKDF, RFC 5869); it opens nothing else."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"imi register").derive(store_key)
