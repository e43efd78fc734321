"""The server's side of HTTP Digest (RFC 7616, MD5, qop=auth), with the realm that eTranslation is seen to use."""

import hashlib
import hmac
import re
import secrets

REALM = "eTranslation Realm via Digest Authentication"

_PART = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class Digest:
    """Knows one user, and the nonces that it gave out."""

    def __init__(self, user: str, password: str) -> None:
        """Let this user in."""
        self._user = user
        self._secret = _md5(f"{user}:{REALM}:{password}")
        self._nonces: set[str] = set()

    def challenge(self) -> str:
        """The header that asks for credentials."""
        nonce = secrets.token_hex(16)
        self._nonces.add(nonce)
        return f'Digest realm="{REALM}", qop="auth", nonce="{nonce}", algorithm=MD5'

    def lets_in(self, header: str, method: str, path: str) -> bool:
        """Whether a request proves that it is from the user."""
        said = {name: quoted or plain for name, quoted, plain in _PART.findall(header)}
        if said.get("username") != self._user or said.get("nonce") not in self._nonces or said.get("uri") != path:
            return False
        asked = _md5(f"{method}:{path}")
        right = _md5(f"{self._secret}:{said['nonce']}:{said.get('nc')}:{said.get('cnonce')}:{said.get('qop')}:{asked}")
        return hmac.compare_digest(right, said.get("response", ""))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
