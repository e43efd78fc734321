"""Which texts are translated, from which language, and by whom."""

import pytest

from node.handlers.exchanges.translating import (
    Capability,
    FreeText,
    Route,
    Source,
    languages_of,
    route,
    source_of,
    texts_of,
)
from schemas.policy_area import Field, Form

FORM = Form(
    label="Form",
    fields=(
        Field(name="language", type="choice", label="Language", answers="languages"),
        Field(name="subject", type="text", label="Subject", translate=True),
        Field(name="code", type="text", label="Code"),
        Field(name="kind", type="choice", label="Kind", answers="kinds"),
        Field(name="name", type="text", label="Name", translate=True, personal_when={"kind": ("person",)}),
        Field(name="notes", type="long_text", label="Notes", translate=True, repeatable=True),
        Field(
            name="parts",
            type="group",
            label="Parts",
            personal=True,
            repeatable=True,
            fields=(Field(name="text", type="long_text", label="Text", translate=True),),
        ),
    ),
)


def test_texts_are_those_that_are_marked_with_what_is_personal_among_them() -> None:
    content = {
        "language": "de",
        "subject": "Betreff",
        "code": "nothing",
        "kind": "person",
        "name": "Muster",
        "notes": ["eins", "123", "zwei"],
        "parts": [{"text": "a"}, {"text": "b"}],
    }

    assert texts_of(FORM, content) == [
        FreeText("subject", "Betreff", personal=False),
        FreeText("name", "Muster", personal=True),
        FreeText("notes[0]", "eins", personal=False),
        FreeText("notes[2]", "zwei", personal=False),
        FreeText("parts[0].text", "a", personal=True),
        FreeText("parts[1].text", "b", personal=True),
    ]
    assert not texts_of(FORM, {**content, "kind": "firm"})[1].personal
    assert texts_of(FORM, {}) == []


def test_the_authors_word_comes_before_the_hint_and_the_hint_before_the_country() -> None:
    assert source_of({"language": "fr"}, "de", "BE") == Source("fr", "author")
    assert source_of({}, "de", "BE") == Source("de", "detector")
    assert source_of({}, None, "BE") == Source("nl", "country")
    assert source_of({"language": "none of it"}, None, "EC") == Source("en", "country")
    assert languages_of("BE") == ("nl", "fr", "de")


PAIR = ("it", "es")
DIRECT = frozenset({PAIR})
ROUND = frozenset({("it", "en"), ("en", "es")})
INSIDE, OUTSIDE = Capability("in", DIRECT), Capability("out", DIRECT, outside=True)


@pytest.mark.parametrize(
    ("engines", "personal", "to_outside", "expected"),
    [
        ([INSIDE, OUTSIDE], False, False, Route("in")),
        ([OUTSIDE, INSIDE], False, False, Route("out")),
        ([OUTSIDE, INSIDE], True, False, Route("in")),
        ([OUTSIDE, INSIDE], True, True, Route("out")),
        ([OUTSIDE], True, False, "withheld"),
        ([Capability("x", ROUND)], False, False, Route("x", "en")),
        ([Capability("x", ROUND, chains=False)], False, False, "no_engine"),
        ([Capability("x", ROUND | DIRECT)], False, False, Route("x")),
        ([Capability("x", None)], False, False, "unknown"),
        ([Capability("x", None), INSIDE], False, False, Route("in")),
        ([Capability("x", None), OUTSIDE], True, False, "unknown"),
        ([], False, False, "no_engine"),
    ],
)
def test_who_translates(
    engines: list[Capability],
    personal: bool,  # noqa: FBT001  a table
    to_outside: bool,  # noqa: FBT001
    expected: Route | str,
) -> None:
    assert route(PAIR, engines, ["de", "en"], personal=personal, to_outside=to_outside) == expected
