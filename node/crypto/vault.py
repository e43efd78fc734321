"""Data keys: each exchange's content is sealed under a key of its own, which is wrapped under the store key.

Blocking takes a data key out of ordinary reach; destroying it destroys the content, in every copy and backup.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import keywrap
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from node.crypto.keys import Random

KEY_BYTES = 32  # AES-256
_NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.2: random, for far fewer than 2**32 seals under one data key


class WrongKey(Exception):
    """A wrapped key does not open: it was wrapped under another store key, or altered."""


class Unreadable(Exception):
    """Sealed content does not open: another data key, another context, or altered."""


def new_data_key(random: Random) -> bytes:
    """Make a data key."""
    return random(KEY_BYTES)


def wrap(store_key: bytes, data_key: bytes) -> bytes:
    """Wrap a data key under the store key (AES-KW, RFC 3394): 40 bytes."""
    return keywrap.aes_key_wrap(store_key, data_key)


def unwrap(store_key: bytes, wrapped: bytes) -> bytes:
    """Take a data key out of its wrapping.

    Raises:
        WrongKey: it does not open with this store key.
    """
    try:
        return keywrap.aes_key_unwrap(store_key, wrapped)
    except (keywrap.InvalidUnwrap, ValueError) as error:
        raise WrongKey("the data key does not open; is this the keyring that the database was written with?") from error


def seal_content(data_key: bytes, plaintext: bytes, context: bytes, random: Random) -> bytes:
    """Seal content (AES-256-GCM): nonce of 96 random bits, then ciphertext and tag.

    Args:
        data_key: the exchange's key.
        plaintext: what to hide.
        context: what it belongs to, such as the message id; it opens only in the same place.
        random: gives the nonce.
    """
    nonce = random(_NONCE_BYTES)
    return nonce + AESGCM(data_key).encrypt(nonce, plaintext, context)


def open_content(data_key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Open sealed content.

    Raises:
        Unreadable: another key or context, or altered.
    """
    try:
        return AESGCM(data_key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise Unreadable("the content does not open with this key in this place") from error
