"""Archives that somebody made to do harm."""

import struct
import warnings
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from node.verify import BadArchive, open_archive, read_archive
from node.verify.archive import MAX_ARCHIVE_BYTES, MAX_FILES
from schemas.envelope import MAX_CONTENT_BYTES
from tests.unit.cli.conftest import Exported, packed


def with_names(*names: str) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/root-0001.json", "statements/../x.jws", "statements/001-x.exe", "README.txt\n", "receipts/"],
)
def test_a_name_that_does_not_belong_is_refused(name: str) -> None:
    with pytest.raises(BadArchive, match="does not belong"):
        open_archive(with_names("README.txt", name))


def test_a_name_that_is_there_twice_is_refused() -> None:
    with pytest.raises(BadArchive, match="twice"):
        open_archive(with_names("receipts/001.jws", "receipts/001.jws"))


def test_a_bomb_is_refused_before_it_bursts() -> None:
    bomb = packed({"receipts/001.jws": bytes(MAX_CONTENT_BYTES + 1)})

    assert len(bomb) < MAX_CONTENT_BYTES // 100
    with pytest.raises(BadArchive, match="larger than evidence may be"):
        open_archive(bomb)


def test_a_file_that_lies_about_its_size_is_refused() -> None:
    honest = bytearray(packed({"receipts/001.jws": bytes(MAX_CONTENT_BYTES + 1)}))
    directory = honest.rindex(b"PK\x01\x02")
    honest[directory + 24 : directory + 28] = struct.pack("<I", 10)  # uncompressed size

    with pytest.raises(BadArchive):
        open_archive(bytes(honest))


def test_many_bombs_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("node.verify.archive.MAX_TOTAL_BYTES", 1000)

    with pytest.raises(BadArchive, match="larger than evidence may be"):
        open_archive(packed({f"receipts/{number:03d}.jws": bytes(400) for number in range(1, 4)}))


def test_thousands_of_files_are_refused() -> None:
    with pytest.raises(BadArchive, match=f"more than the {MAX_FILES} files"):
        open_archive(with_names(*(f"receipts/{number:05d}.jws" for number in range(1, MAX_FILES + 2))))


def test_a_great_list_of_names_is_refused_unread() -> None:
    content = bytearray(with_names("README.txt"))
    content[-10:-6] = struct.pack("<I", 2**31)  # size of the central directory

    with pytest.raises(BadArchive, match=f"more than the {MAX_FILES} files"):
        open_archive(bytes(content))


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "large.zip"
    with file.open("wb") as sparse:
        sparse.truncate(MAX_ARCHIVE_BYTES + 1)

    with pytest.raises(BadArchive, match="bytes that evidence may have"):
        read_archive(file)


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"not a ZIP archive at all, but long enough", b"PK\x05\x06" + bytes(18)]
)
def test_what_is_no_archive_of_evidence_proves_nothing(content: bytes) -> None:
    try:
        archive = open_archive(content)
    except BadArchive:
        return
    assert archive.statements == ()


def test_zip64_and_comments_are_refused() -> None:
    plain = with_names("README.txt")
    commented = plain[:-2] + struct.pack("<H", 4) + b"PK\x05\x06"
    zip64 = plain[:-22] + b"PK\x06\x07" + bytes(16) + plain[-22:]

    for content in (commented, zip64):
        with pytest.raises(BadArchive):
            open_archive(content)


def test_an_archive_that_was_cut_or_altered_anywhere_never_ends_in_another_error(exported: Exported) -> None:
    content = packed({name: exported.other[name] for name in list(exported.other)[:4]})
    for at in range(0, len(content), 7):
        for hostile in (content[:at], content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]):
            with suppress(BadArchive):
                open_archive(hostile)


def test_an_encrypted_archive_is_refused() -> None:
    content = bytearray(with_names("README.txt"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1

    with pytest.raises(BadArchive, match="can't be unpacked"):
        open_archive(bytes(content))


def test_compressed_content_is_read(exported: Exported) -> None:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, content in exported.other.items():
            archive.writestr(name, content)

    assert len(open_archive(buffer.getvalue()).statements) == 1
