"""Base64url without padding (RFC 4648, 5; RFC 7515, 2), with one spelling for every byte string.

Foreign characters, padding and stray bits in the last character are refused: two texts never mean the same.
"""

import pybase64

_LAST = {2: frozenset("AQgw"), 3: frozenset("AEIMQUYcgkosw048")}
"""Last characters without stray bits, by the length of the last group."""
_PADDING = ("", None, "==", "=")


class BadBase64(ValueError):
    """Not the one base64url spelling of any bytes."""


def encode(content: bytes) -> str:
    """Spell bytes without padding."""
    return pybase64.b64encode_as_string(content, altchars=b"-_").rstrip("=")


def decode(text: str) -> bytes:
    """Read bytes back.

    Raises:
        BadBase64: a foreign character, padding, or a spelling that `encode` does not give.
    """
    rest = len(text) % 4
    padding = _PADDING[rest]
    if padding is None or (rest and text[-1] not in _LAST[rest]):
        raise BadBase64("not the canonical base64url of any bytes")
    if "+" in text or "/" in text or "=" in text:  # the library would take them too
        raise BadBase64("plain base64 or padding, and not base64url")
    try:
        return pybase64.b64decode(text + padding, altchars=b"-_", validate=True)
    except ValueError as error:
        raise BadBase64("not base64url without padding") from error
