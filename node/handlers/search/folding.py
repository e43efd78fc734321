"""Text as it is searched: words without case and diacritics, hosts and domains of addresses.

Folding finds more rather than less. It removes case, diacritics and ligatures in Latin, Greek and Cyrillic:

- Greek: tonos, dialytika and final sigma go (`Πώς` is `πωσ`).
- Cyrillic: the letters io and short i go with ie and i, since one is often written for the other.
- Latin: `ß` is `ss`, `æ` is `ae`, `œ` is `oe`, `ø` is `o`, `å` is `a`, `þ` is `th`, `ð` and `đ` are `d`, `ł` is `l`.
  `I` and `i` are one letter; Turkish tells them apart and is no language of this system.

Scripts are not turned into each other. Where a letter has a usual spelling in two plain ones (`ü` is written `ue`,
`å` is written `aa`), a word has both spellings, so that either finds the other.
"""

import re
import unicodedata
from collections.abc import Iterator

import idna

MIN_WORD = 2  # characters; a single letter is in nearly every text
MAX_WORD = 64  # characters; what is longer is cut on both sides alike

_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "þ": "th", "ð": "d", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ŋ": "n"}
    | {"\N{LATIN SMALL LETTER DOTLESS I}": "i"}
)
"""Letters that Unicode does not take apart."""

_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})

_WORD = re.compile(r"[^\W_]+")
# Labels and hosts are as long as RFC 1035 lets them be: peers write these texts, and looking must stay cheap.
_MAX_HOST = 253
_HOST = re.compile(
    r"(?<![\w-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,15}(?:[^\W\d_]{2,63}|xn--[a-z0-9-]{1,59})(?![\w-])", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^\s/@]*@)?(?P<host>[^\s/:?#@]+)", re.IGNORECASE)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


def fold(text: str) -> str:
    """Remove case, diacritics and ligatures; folding twice changes nothing more."""
    plain = _without_marks(text).casefold().translate(_LETTERS)
    return _without_marks(plain)


def words(text: str) -> Iterator[str]:
    """Give the words and numbers of a text, folded, in order; those of one letter are left out."""
    for spelling, *_ in spellings(text):
        yield spelling


def spellings(text: str) -> Iterator[tuple[str, ...]]:
    """Give each word of a text in all its spellings: `Müller` is `muller` and `mueller`."""
    composed = unicodedata.normalize("NFC", text).lower()
    plain = _WORD.findall(fold(composed))
    # Letters take the place of letters, so that both have the same words.
    spelt_out = plain if composed.isascii() else _WORD.findall(fold(composed.translate(_TWO_LETTERS)))
    for one, other in zip(plain, spelt_out, strict=True):
        if found := tuple(word[:MAX_WORD] for word in dict.fromkeys((one, other)) if len(word) >= MIN_WORD):
            yield found


def vocabulary(text: str) -> set[str]:
    """Give all words of a text in all their spellings."""
    composed = unicodedata.normalize("NFC", text).lower()
    found = set(_WORD.findall(fold(composed)))
    if not composed.isascii():
        found.update(_WORD.findall(fold(composed.translate(_TWO_LETTERS))))
    return {word[:MAX_WORD] for word in found if len(word) >= MIN_WORD}


def hosts(text: str) -> Iterator[str]:
    """Find what looks like the host of an address in a text: `shop.example.eu`; also after `@`."""
    if "." not in text:
        return
    for match in _HOST.finditer(unicodedata.normalize("NFC", text)):
        if len(match[0]) <= _MAX_HOST:
            yield match[0].lower()


def host_of(address: str) -> str | None:
    """Give the host of one address, a URL or a bare domain; none where it has no host."""
    match = _ADDRESS.match(unicodedata.normalize("NFC", address).strip())
    host = match["host"].lower().rstrip(".") if match is not None else ""
    return host if len(host) <= _MAX_HOST and _HOST.fullmatch(host) else None


def domains(host: str) -> tuple[str, ...]:
    """Give a host and the domains that it lies in, without the top one, in Unicode and in punycode (RFC 5891)."""
    both = dict.fromkeys((_decoded(host), _encoded(host)))
    return tuple(dict.fromkeys(parent for each in both for parent in _parents(each)))


def whole(address: str) -> str:
    """Give an address as it is compared as a whole: folded, without scheme and without a slash at its end."""
    return fold(_SCHEME.sub("", address.strip())).rstrip("/")


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(each for each in decomposed if not unicodedata.category(each).startswith("M"))


def _parents(host: str) -> Iterator[str]:
    labels = host.split(".")
    for start in range(len(labels) - 1):
        yield ".".join(labels[start:])


def _encoded(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode()
    except UnicodeError:  # no domain name after all: it stands as it is written
        return host


def _decoded(host: str) -> str:
    try:
        return idna.decode(host, uts46=True)
    except UnicodeError:
        return host
