"""Addresses in a text: no engine may translate them, since a case turns on them."""

import re
from collections.abc import Iterator

_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S*[\w/]"  # of a page
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # of a mailbox
    r"|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b"  # a domain; two words with a dot and no blank between are taken for one
)


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """Cut a text into what is to be translated and what is an address."""
    at = 0
    for found in _ADDRESS.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], False
        yield found[0], True
        at = found.end()
    if at < len(text):
        yield text[at:], False
