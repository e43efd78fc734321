import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.crypto import base64url


@given(st.binary(max_size=200))
def test_what_is_encoded_decodes_again(content: bytes) -> None:
    assert base64url.decode(base64url.encode(content)) == content


@given(st.text(max_size=12))
def test_a_text_that_decodes_is_the_one_spelling_of_its_bytes(text: str) -> None:
    try:
        content = base64url.decode(text)
    except base64url.BadBase64:
        return
    assert base64url.encode(content) == text


@pytest.mark.parametrize(
    "text",
    ["A", "AA==", "AB", "A+/A", "AA A", "AAAA\n", "AAÄA", "AAA=", "AA\x00A", "AAAA++++", "AAAA\n\n\n\n"],
    ids=[
        "length",
        "padding",
        "stray bits",
        "standard",
        "space",
        "newline",
        "foreign",
        "single pad",
        "zero",
        "standard group",
        "newline group",
    ],
)
def test_a_second_spelling_is_refused(text: str) -> None:
    with pytest.raises(base64url.BadBase64):
        base64url.decode(text)
