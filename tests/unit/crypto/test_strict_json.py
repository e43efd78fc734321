import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.crypto import strict_json

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_what_is_written_reads_again(value: object) -> None:
    assert strict_json.loads(strict_json.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}',
        b'[{"a":{"b":1,"b":2}}]',
        b"NaN",
        b"[-Infinity]",
        b"1e999",
        b'"\\ud800"',
        b'"\\uD834 \\uDD1E"',
        b'"\xff"',
        b"[" * 200_000,
        b"1" * 5000,
        b"",
        b"{} {}",
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda text: repr(text[:16]),
)
def test_what_readers_may_take_differently_is_refused(text: bytes) -> None:
    with pytest.raises(strict_json.BadJson):
        strict_json.loads(text)


def test_a_pair_of_surrogates_is_one_character() -> None:
    assert strict_json.loads(b'"\\ud834\\udd1e"') == "\U0001d11e"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"], ids=["nan", "infinity", "half a character"])
def test_what_is_no_json_is_not_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|surrogates"):
        strict_json.dumps(value)
