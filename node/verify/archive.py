"""Opens an archive of evidence that anybody may have made, before anything in it is believed.

Nothing is written to disk, so a name in the archive can't lead anywhere. Everything has a limit, and each limit is
checked before what it limits is done: size of the file, size of the list of names, number of files, bytes that
come out.
"""

import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from schemas.envelope import MAX_CONTENT_BYTES

MAX_ARCHIVE_BYTES = 128 * 1024 * 1024
"""Room for six attachments of the greatest size, each a third larger as text."""
MAX_FILES = 5000
"""An attachment of the greatest size has 160 pieces."""
MAX_TOTAL_BYTES = 2 * MAX_ARCHIVE_BYTES
"""Of all files together, once decompressed; two layers of base64 compress by a quarter."""

_END_BYTES = 22  # of the record at the end of a ZIP archive without comment (APPNOTE 4.3.16)
_LOCATOR_BYTES = 20  # of ZIP64, which stands before that record (APPNOTE 4.3.15)
_MAX_NAMES_BYTES = MAX_FILES * 256  # of the central directory; each entry takes 46 bytes and the name

_NAME = re.compile(
    r"README\.txt|(?P<kind>root|directory)-(?P<version>\d{4,9})\.json"
    r"|statements/(?P<statement>\d{3,9})-(?P<step>[a-z][a-z0-9_]{0,62})\.(?P<part>jws|disclosures)"
    r"|receipts/(?P<receipt>\d{3,9})\.jws"
)


class BadArchive(Exception):
    """The file is not an archive of evidence; the message says why. Nothing in it was looked at."""


@dataclass(frozen=True)
class StatementFile:
    """A statement as it lies in the archive."""

    name: str
    step: str
    """As the file's name has it; the signed statement says it too."""
    jws: str
    disclosures: tuple[str, ...] | None
    """None where there is no such file: the content was erased, or left out."""


@dataclass(frozen=True)
class Archive:
    """What lies in an archive, in its order; nothing is verified yet."""

    roots: dict[str, str]
    directories: dict[str, str]
    statements: tuple[StatementFile, ...]
    receipts: dict[str, str]
    gaps: tuple[str, ...]
    """Files that the numbering shows to be missing."""


def read_archive(path: Path) -> Archive:
    """Read an archive from a file.

    Raises:
        BadArchive: it is none, or over a limit.
        OSError: the file can't be read.
    """
    if path.stat().st_size > MAX_ARCHIVE_BYTES:
        raise BadArchive(f"it has more than the {MAX_ARCHIVE_BYTES} bytes that evidence may have")
    return open_archive(path.read_bytes())


def open_archive(content: bytes) -> Archive:
    """Take an archive apart; raises BadArchive."""
    _check_end(content)
    try:
        with zipfile.ZipFile(BytesIO(content)) as opened:
            files = dict(_texts(opened))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError) as error:
        raise BadArchive(f"it can't be unpacked: {error}") from error
    return _sorted_out(files)


def _check_end(content: bytes) -> None:
    """See that there is one short list of names, of the plain kind; `zipfile` reads it whole before we can count."""
    if len(content) > MAX_ARCHIVE_BYTES:
        raise BadArchive(f"it has more than the {MAX_ARCHIVE_BYTES} bytes that evidence may have")
    end = content[-_END_BYTES:]
    if len(end) < _END_BYTES or not end.startswith(b"PK\x05\x06") or end[-2:] != b"\0\0":
        raise BadArchive("it is no ZIP archive as `imi exchange evidence` makes them")
    if content[-_END_BYTES - _LOCATOR_BYTES :].startswith(b"PK\x06\x07"):
        raise BadArchive("it is a ZIP64 archive, which evidence never needs")
    if int.from_bytes(end[12:16], "little") > _MAX_NAMES_BYTES:
        raise BadArchive(f"it holds more than the {MAX_FILES} files that evidence may have")


def _texts(opened: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    entries = opened.infolist()
    if len(entries) > MAX_FILES:
        raise BadArchive(f"it holds more than the {MAX_FILES} files that evidence may have")
    repeated = [name for name, times in Counter(entry.filename for entry in entries).items() if times > 1]
    strange = [entry.filename for entry in entries if not _NAME.fullmatch(entry.filename)]
    if repeated or strange:
        raise BadArchive(f"a file does not belong into it, or is there twice: {(repeated or strange)[0]!r:.120}")
    left = MAX_TOTAL_BYTES
    for entry in entries:
        limit = min(left, MAX_CONTENT_BYTES)
        with opened.open(entry) as file:
            text = file.read(limit + 1)
        if len(text) > limit:
            raise BadArchive(f"{entry.filename} is larger than evidence may be")
        left -= len(text)
        # What is not ASCII was altered; the replaced character fails verification, under the file's own name.
        yield entry.filename, text.decode("ascii", errors="replace")


def _sorted_out(files: dict[str, str]) -> Archive:
    matches = {name: match for name in files if (match := _NAME.fullmatch(name))}
    roots, directories = (
        {name: files[name] for name, match in matches.items() if match["kind"] == kind}
        for kind in ("root", "directory")
    )
    numbers = {name: int(match["statement"]) for name, match in matches.items() if match["part"] == "jws"}
    statements = tuple(
        StatementFile(name, matches[name]["step"], files[name], _disclosures(files, name))
        for name in sorted(numbers, key=numbers.__getitem__)
    )
    spoken = {_disclosures_of(statement.name) for statement in statements}
    silent = [name for name, match in matches.items() if match["part"] == "disclosures" and name not in spoken]
    receipts = {name: files[name] for name, match in matches.items() if match["receipt"]}
    gaps = (
        *(f"{name.removesuffix('disclosures')}jws" for name in silent),
        *_gaps("statements", {int(each["statement"]) for each in matches.values() if each["statement"]}),
        *_gaps("receipts", {int(each["receipt"]) for each in matches.values() if each["receipt"]}),
    )
    return Archive(roots, directories, statements, receipts, gaps)


def _disclosures_of(name: str) -> str:
    return f"{name.removesuffix('jws')}disclosures"


def _disclosures(files: dict[str, str], name: str) -> tuple[str, ...] | None:
    text = files.get(_disclosures_of(name))
    return tuple(text.removesuffix("\n").split("\n")) if text is not None else None


def _gaps(folder: str, numbers: set[int]) -> Iterator[str]:
    missing = sorted(set(range(1, min(max(numbers, default=0), MAX_FILES) + 1)) - numbers)
    return (f"{folder}/{number:03d}" for number in missing)
