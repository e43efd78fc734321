"""Keys in memory. A private key never shows in a `repr`, and so in no log and no traceback."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from node.crypto import base64url, hpke
from schemas.envelope import Suite

Random = Callable[[int], bytes]
"""A source of randomness: so many bytes, please. `secrets.token_bytes` in service, a seeded one in tests."""

SEED_BYTES = 32  # of every private key here: Ed25519 (RFC 8032), X25519 (RFC 7748), the hybrid's seed


@dataclass(frozen=True)
class SigningPrivateKey:
    """An Ed25519 key that statements are signed with."""

    id: str
    seed: bytes = field(repr=False)

    @cached_property
    def public(self) -> str:
        """The public half: 32 bytes in base64url."""
        return base64url.encode(self.private.public_key().public_bytes_raw())

    @cached_property
    def private(self) -> Ed25519PrivateKey:
        """The key in the library's form."""
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True)
class SealingPrivateKey:
    """An HPKE key that envelopes are sealed to."""

    id: str
    suite: Suite
    seed: bytes = field(repr=False)

    @cached_property
    def public(self) -> str:
        """The public half in base64url."""
        return base64url.encode(hpke.public_bytes(self.suite, self.seed))

    @cached_property
    def private(self) -> hpke.PrivateKey:
        """The key in the library's form: expanding the hybrid's seed costs, so it is done once."""
        return hpke.private_key(self.suite, self.seed)


@lru_cache(maxsize=1024)
def public_key(public: str) -> Ed25519PublicKey:
    """Read a public Ed25519 key.

    Args:
        public: 32 bytes in base64url.

    Raises:
        ValueError: not the base64url of 32 bytes.
    """
    content = base64url.decode(public)
    if len(content) != SEED_BYTES:
        raise ValueError("a public Ed25519 key has 32 bytes")
    return Ed25519PublicKey.from_public_bytes(content)
