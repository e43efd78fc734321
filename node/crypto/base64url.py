"""Base64url without padding (RFC 4648, 5; RFC 7515, 2), with one spelling for every byte string.

Foreign characters, padding and stray bits in the last character are refused: two texts never mean the same.
"""

import binascii

import pybase64

_FROM_URL = bytes.maketrans(b"-_+/=", b"+/???")  # what base64url does not have becomes what no base64 has

_PADDING = (b"", None, b"==", b"=")
_LAST = {2: frozenset(b"AQgw"), 3: frozenset(b"AEIMQUYcgkosw048")}
"""Last characters without stray bits, by the length of the last group."""


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
    try:
        spelt = text.encode("ascii")
        rest = len(spelt) % 4
        padding = _PADDING[rest]
        if padding is None or (rest and spelt[-1] not in _LAST[rest]):
            raise BadBase64("not the canonical base64url of any bytes")
        return pybase64.b64decode(spelt.translate(_FROM_URL) + padding, validate=True)
    except (UnicodeError, binascii.Error) as error:
        raise BadBase64("not base64url without padding") from error
