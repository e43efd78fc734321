"""The hash chain over a node's audit entries: each hash covers the entry and all before it.

A changed, removed, inserted or swapped entry breaks the chain where it happened. That the end was cut off shows only
against the last hash as it was noted elsewhere; give it as `head`.
"""

import hashlib
from collections.abc import Iterable

from node.crypto import base64url

GENESIS = base64url.encode(hashlib.sha256(b"imi ledger").digest())
"""What stands before the first entry."""


def chain(previous: str, entry: bytes) -> str:
    """Give the hash of an entry: SHA-256 over the hash before it (43 characters), then its JSON."""
    return base64url.encode(hashlib.sha256(previous.encode("ascii") + entry).digest())


def verify_chain(entries: Iterable[tuple[bytes, str]], *, start: str = GENESIS, head: str | None = None) -> int | None:
    """Find the first entry that does not follow from the one before.

    Args:
        entries: the JSON of each entry, with the hash kept beside it.
        start: the hash before the first of them.
        head: the last hash, if it is known from elsewhere.

    Returns:
        The index of the first broken entry (counted from 0; the number of entries if the end is cut off), or none.
    """
    previous, count = start, 0
    for index, (entry, kept) in enumerate(entries):
        if chain(previous, entry) != kept:
            return index
        previous, count = kept, index + 1
    return count if head is not None and head != previous else None
