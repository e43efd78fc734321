"""How good a translation by Apertium is, by the engine's own marks.

It puts `*` before a word that it does not know, `@` before one that it can't translate, `#` before one that it can't
inflect. A reader should see the share of these and not the marks.
"""

import re

_MARK = re.compile(r"(?<![\w*@#])[*@#](?=\w)")
_WORD = re.compile(r"\w+")


def unknown_share(source: str, translation: str) -> float:
    """Give the share of marked words, from 0 to 1; what was marked in the source already is none of the engine's."""
    marked = len(_MARK.findall(translation)) - len(_MARK.findall(source))
    return min(1.0, max(0, marked) / max(1, len(_WORD.findall(source))))


def without_marks(source: str, translation: str) -> str:
    """Leave out the engine's marks; all stay where the source has such signs before words too."""
    return translation if _MARK.search(source) else _MARK.sub("", translation)
