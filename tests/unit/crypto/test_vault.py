import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.crypto import vault
from tests.vectors.federation import seeded

RANDOM = seeded("vault")
STORE_KEY = RANDOM(32)
DATA_KEY = vault.new_data_key(RANDOM)


def test_the_example_of_rfc_3394_section_4_6() -> None:
    store_key = bytes(range(32))
    data_key = bytes.fromhex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f")
    wrapped = bytes.fromhex("28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21")
    assert vault.wrap(store_key, data_key) == wrapped
    assert vault.unwrap(store_key, wrapped) == data_key


@given(st.integers(0, 40 * 8 - 1))
def test_an_altered_wrapping_is_refused(bit: int) -> None:
    wrapped = bytearray(vault.wrap(STORE_KEY, DATA_KEY))
    wrapped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(vault.WrongKey):
        vault.unwrap(STORE_KEY, bytes(wrapped))


@pytest.mark.parametrize("wrapped", [b"", b"short", bytes(40)])
def test_what_is_no_wrapping_is_refused(wrapped: bytes) -> None:
    with pytest.raises(vault.WrongKey, match="keyring"):
        vault.unwrap(STORE_KEY, wrapped)


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_content_opens_in_its_own_place_only(content: bytes, context: bytes) -> None:
    sealed = vault.seal_content(DATA_KEY, content, context, RANDOM)
    assert vault.open_content(DATA_KEY, sealed, context) == content
    with pytest.raises(vault.Unreadable):
        vault.open_content(DATA_KEY, sealed, context + b"x")
    with pytest.raises(vault.Unreadable):
        vault.open_content(vault.new_data_key(RANDOM), sealed, context)


def test_no_nonce_is_used_twice() -> None:
    assert len({vault.seal_content(DATA_KEY, b"same", b"", RANDOM)[:12] for _ in range(100)}) == 100


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12)])
def test_what_is_no_sealed_content_is_unreadable(sealed: bytes) -> None:
    with pytest.raises(vault.Unreadable):
        vault.open_content(DATA_KEY, sealed, b"")
