import pytest

from node.crypto import bundle
from node.crypto.bundle import BadCompression, TooLarge, compress, decompress, packed_size, read_line
from node.crypto.compression import zstd
from node.crypto.statement import Packed
from schemas.envelope import MAX_CONTENT_BYTES
from tests.vectors.federation import chunk, packed

ITEMS = (packed({"subject": "a", "persons": [1, 2]}), packed(), chunk())


def test_what_is_compressed_comes_out_again() -> None:
    assert tuple(read_line(line) for line in decompress(compress(ITEMS))) == ITEMS


def test_the_size_that_is_promised_is_the_size_that_it_has() -> None:
    written = "".join(f"{bundle.write_line(item)}\n" for item in ITEMS)
    assert sum(map(packed_size, ITEMS)) == len(written)


def test_more_content_than_a_recipient_accepts_is_not_sealed() -> None:
    with pytest.raises(TooLarge, match="content"):
        compress([Packed("x" * MAX_CONTENT_BYTES)])


def test_more_statements_than_a_recipient_accepts_are_not_sealed() -> None:
    with pytest.raises(TooLarge, match="make several"):
        compress([packed()] * (bundle.MAX_STATEMENTS + 1))


def test_as_many_statements_as_are_allowed_come_out_again() -> None:
    assert len(decompress(compress([Packed("x")] * bundle.MAX_STATEMENTS))) == bundle.MAX_STATEMENTS


def test_a_frame_that_asks_for_more_memory_than_an_envelope_holds_is_refused() -> None:
    greedy = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 25})
    frame = greedy.compress(b"x") + greedy.flush()
    assert zstd.decompress(frame) == b"x"
    with pytest.raises(BadCompression):
        decompress(frame)
