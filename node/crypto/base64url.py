"""Base64url without padding (RFC 4648, 5; RFC 7515, 2), with one spelling for every byte string.

Foreign characters, padding and stray bits in the last character are refused: two texts never mean the same.
"""

import base64
import binascii


class BadBase64(ValueError):
    """Not the one base64url spelling of any bytes."""


def encode(content: bytes) -> str:
    """Spell bytes without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Read bytes back.

    Raises:
        BadBase64: a foreign character, padding, or a spelling that `encode` does not give.
    """
    try:
        content = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise BadBase64("not base64url without padding") from error
    # The library skips what it does not know; only a round trip shows that nothing was skipped.
    if encode(content) != text:
        raise BadBase64("not the canonical base64url of any bytes")
    return content
