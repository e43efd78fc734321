"""Backups: sealed files open whole, with the right key, or not at all."""

import io

import pytest

from node.crypto import hpke
from node.crypto.sealed_file import SUITE, BadSealedFile, open_, read_header, seal
from tests.vectors.federation import seeded

SEED = b"\7" * 32
SIZES = (0, 1, 65535, 65536, 65537, 200_000)


def sealed(content: bytes) -> bytes:
    target = io.BytesIO()
    pieces = (content[place : place + 1000] for place in range(0, len(content), 1000))
    seal('{"kind":"store"}', pieces, target, hpke.public_bytes(SUITE, SEED), seeded("file"))
    return target.getvalue()


def opened(file: bytes, seed: bytes = SEED) -> bytes:
    return b"".join(open_(io.BytesIO(file), seed))


@pytest.mark.parametrize("size", SIZES)
def test_what_is_sealed_opens_again(size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    file = sealed(content[:size])

    assert opened(file) == content[:size]
    assert read_header(io.BytesIO(file)) == '{"kind":"store"}'
    if size > 256:
        assert content[:64] not in file


BROKEN = {
    "another key": lambda file: (file, b"\6" * 32),
    "another first line": lambda file: (file.replace(b"store", b"stole", 1), SEED),
    "cut short": lambda file: (file[:-1], SEED),
    "the last chunk is missing": lambda file: (file[: -(200_000 % 65536 + 16)], SEED),
    "a byte more": lambda file: (file + b"x", SEED),
    "a bit flipped": lambda file: (file[:-100] + bytes([file[-100] ^ 1]) + file[-99:], SEED),
    "two chunks swapped": lambda file: (_swapped(file), SEED),
    "no first line": lambda _: (b"x" * 70_000, SEED),
    "nothing": lambda _: (b"", SEED),
}


def _swapped(file: bytes) -> bytes:
    size, tail = 65536 + 16, 200_000 % 65536 + 16
    start = len(file) - tail - 3 * size
    first, second = file[start : start + size], file[start + size : start + 2 * size]
    return file[:start] + second + first + file[start + 2 * size :]


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_broken_does_not_open(broken: object) -> None:
    assert callable(broken)
    file, seed = broken(sealed(b"content!" * 25_000))

    with pytest.raises(BadSealedFile):
        opened(file, seed)
