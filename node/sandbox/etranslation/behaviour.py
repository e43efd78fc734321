"""What the stand-in is to do with a text, by words in it, and its pseudo-translation.

[[error -20028]]   the request is answered with this number
[[fail -40010]]    it is accepted, and the failure callback has this number
[[silent]]         it is accepted, and nothing more is heard of it
[[twice]]          every callback is sent twice
[[slow 3]]         it takes three times as long as others, so that later ones overtake it
"""

import re
from dataclasses import dataclass

from node.translation.languages import LANGUAGES as KNOWN

APPLICATION, PASSWORD = "STAND_IN", "stand-in"
LANGUAGES = frozenset(each.upper() for each in KNOWN - {"nn"})
SNIPPET_CHARACTERS = 5000
DOCUMENT_CHARACTERS = 20 * 1024 * 1024  # of base64

_ASKED = re.compile(r"\[\[(error|fail|silent|twice|slow)(?: (-?\d+))?\]\]")
_KEPT = re.compile(r"\[notranslate\](.*?)\[/notranslate\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What to do with a text."""

    error: int | None = None
    fail: int | None = None
    silent: bool = False
    times: int = 1
    slower: int = 1


def behaviour_of(text: str) -> Behaviour:
    """Read what a text asks for."""
    asked = {word: int(number) if number else 0 for word, number in _ASKED.findall(text)}
    return Behaviour(
        error=asked.get("error"),
        fail=asked.get("fail"),
        silent="silent" in asked,
        times=2 if "twice" in asked else 1,
        slower=asked.get("slow", 1),
    )


def translated(text: str, target: str) -> str:
    """Give what stands for a translation: marked, longer by a fifth, and with protected passages as they were."""
    words = _KEPT.sub(lambda kept: kept[1], text)
    return f"[{target.lower()}] {words}{'.' * (len(words) // 5)}"
