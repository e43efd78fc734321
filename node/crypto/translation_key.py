"""The key by which translations are found again: equal texts, and the address of the answer to a job."""

import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from node.crypto import base64url

KEY_BYTES = 32
TEXT_BYTES = 16


def translation_key(store_key: bytes) -> bytes:
    """Derive the key from the store key (RFC 5869); it opens nothing else."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"imi translation").derive(store_key)


def text_mark(key: bytes, text: str) -> bytes:
    """Give what equal texts have alike, and what tells nothing of them to those without the key."""
    return hmac.digest(key, b"text\0" + text.encode(), "sha256")[:TEXT_BYTES]


def secret_of(key: bytes, job: str) -> str:
    """Give the part of an address that only whoever was told can know; 256 bits."""
    return base64url.encode(hmac.digest(key, b"back\0" + job.encode(), "sha256"))


def is_secret_of(key: bytes, job: str, said: str) -> bool:
    """Whether somebody knows the secret of a job; takes as long for a near miss as for a far one."""
    return hmac.compare_digest(secret_of(key, job).encode(), said.encode())
