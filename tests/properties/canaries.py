"""Finds words in bytes, plain or inside of base64, whichever way they are aligned there."""

import base64
from collections.abc import Iterable, Iterator

SHORTEST = 8
"""Characters of a word: shorter ones turn up in random bytes by chance."""


def forms_of(word: str) -> Iterator[bytes]:
    """The word as it would stand in text, and in base64 and base64url of any text around it."""
    plain = word.encode()
    assert len(plain) >= SHORTEST
    yield plain
    for shift in range(3):
        # Only the characters that depend on the word alone: the first and last ones share bits with neighbours.
        padded = bytes(shift) + plain
        whole = padded[: len(padded) // 3 * 3]
        start = 4 if shift else 0
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(whole)[start:]


def found(words: Iterable[str], content: bytes) -> list[str]:
    """Those of the words that stand in the content."""
    return [word for word in words if any(form in content for form in forms_of(word))]
