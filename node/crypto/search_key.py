"""The key of the search index: without it, nobody can tell which word an entry stands for.

An entry is the beginning of HMAC-SHA-256 (RFC 2104) over scope and word. Equal words in the same scope give equal
entries: the index shows how often an unknown word occurs and in which cases together, and nothing more
(docs/decisions/0019).
"""

import hmac

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
ENTRY_BYTES = 8
"""Of a million words, two share an entry with a probability of less than one in ten million."""


def search_key(store_key: bytes) -> bytes:
    """Derive the key of the index from the store key (RFC 5869); it opens nothing else."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=b"imi search index").derive(store_key)


def entry(key: bytes, scope: str, word: str) -> int:
    """Give the entry of a word in a scope, as a signed number of 64 bits."""
    digest = hmac.digest(key, f"{scope}\0{word}".encode(), "sha256")
    return int.from_bytes(digest[:ENTRY_BYTES], "big", signed=True)
