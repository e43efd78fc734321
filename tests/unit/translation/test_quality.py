"""The share of words that Apertium marks, and the text without its marks."""

import pytest

from node.translation.quality import unknown_share, without_marks


@pytest.mark.parametrize(
    ("source", "translation", "share", "clean"),
    [
        ("uno due tre quattro", "uno dos tres cuatro", 0.0, "uno dos tres cuatro"),
        ("uno due xyz quattro", "uno dos *xyz cuatro", 0.25, "uno dos xyz cuatro"),
        ("uno due xyz abc", "#uno @due *xyz *abc", 1.0, "uno due xyz abc"),
        ("* uno\n* due", "* uno\n* dos", 0.0, "* uno\n* dos"),
        ("*minori* due", "**minori* dos", 0.0, "**minori* dos"),
        ("a@b.example scrive", "a@b.example escribe", 0.0, "a@b.example escribe"),
        ("", "", 0.0, ""),
    ],
)
def test_marks_are_counted_and_left_out(source: str, translation: str, share: float, clean: str) -> None:
    assert unknown_share(source, translation) == share
    assert without_marks(source, translation) == clean
