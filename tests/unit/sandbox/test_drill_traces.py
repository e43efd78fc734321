"""A canary is found however it is written, and wherever it was planted."""

import base64
import gzip
import io
import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from node.areas import load_areas
from node.crypto.compression import zstd
from node.sandbox.drill.canaries import MARK, Canary, Sheet
from node.sandbox.drill.planting import planted
from node.sandbox.drill.sealed import WINDOW, SealedBytes
from node.sandbox.drill.traces import CUT_SHORT, Traces
from schemas.policy_area import Field, Form, PolicyArea

AREAS = load_areas(Path("none"))
AT = datetime(2027, 8, 31, 9, 0, tzinfo=UTC)


def canary(word: str, *, personal: bool = True) -> Canary:
    return Canary(word, "request", "DE", "send", "persons.person_name", personal, searchable=True, sent=True)


def zipped(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
    return file.getvalue()


WAYS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "upper case": lambda word: word.upper().encode(),
    "utf-16": lambda word: word.encode("utf-16"),
    "utf-16 big endian": lambda word: word.encode("utf-16-be"),
    "hexadecimal": lambda word: word.encode().hex().encode(),
    "percent": lambda word: "".join(f"%{letter:02X}" for letter in word.encode()).encode(),
    "address": lambda word: quote(f"ö {word}/").encode(),
    "json": lambda word: json.dumps(f"ö\n{word}").encode(),
    "json, each letter": lambda word: "".join(f"\\u{ord(letter):04x}" for letter in word).encode(),
    "base64, aligned": lambda word: base64.b64encode(f"{word}...".encode()),
    "base64, by one": lambda word: base64.b64encode(f"?{word}...".encode()),
    "base64, by two": lambda word: base64.urlsafe_b64encode(f"??{word}...".encode()),
    "base64 of base64": lambda word: base64.urlsafe_b64encode(b"?" + base64.b64encode(f"??{word}...".encode())),
    "gzip": lambda word: gzip.compress(word.encode()),
    "zlib": lambda word: zlib.compress(f"to {word}, to {word}".encode(), 1),
    "zip": lambda word: zipped(word.encode()),
    "zstd": lambda word: zstd.compress(word.encode()),
    "zlib in base64": lambda word: base64.b64encode(zlib.compress(f"some text, {word}, more text".encode())),
    "base64 in gzip": lambda word: gzip.compress(base64.b64encode(f"?{word}!".encode())),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_canary_is_found_however_it_is_written(way: str) -> None:
    sheet = Sheet()
    mine, other = canary(sheet.word()), canary(sheet.word())
    around = os.urandom(500)

    found = Traces([mine, other]).find(around + WAYS[way](mine.word) + around)

    assert found - {CUT_SHORT} == {mine}


def test_a_birth_date_is_found_as_well() -> None:
    sheet = Sheet()
    days = [canary(sheet.day())]
    sheet.note(days[0])
    days.append(canary(sheet.day()))

    for way in ("plain", "utf-16", "base64, by one", "base64, by two", "gzip"):
        for day in days:
            assert Traces(days).find(os.urandom(100) + WAYS[way](day.word) + os.urandom(100)) == {day}, way


def test_a_canary_that_is_cut_short_still_tells_that_it_is_there() -> None:
    assert Traces([canary(Sheet().word())]).find(f"...{MARK}".encode()) == {CUT_SHORT}


def test_nothing_is_found_where_nothing_is() -> None:
    assert Traces([canary(Sheet().word())]).find(os.urandom(300_000) + bytes(300_000)) == frozenset()


@pytest.mark.parametrize("left", [31, 32, 100])
def test_sealed_bytes_are_found_wherever_a_piece_of_them_is_left(left: int) -> None:
    sealed = SealedBytes()
    blob = os.urandom(1000)
    sealed.add(blob)

    for at in range(WINDOW):
        assert sealed.left_in(os.urandom(at) + blob[500 : 500 + left] + os.urandom(200)), at
    assert not sealed.left_in(os.urandom(100_000))


@pytest.mark.parametrize("area", AREAS.values(), ids=lambda area: area.area)
def test_every_place_for_text_and_every_birth_date_of_every_form_gets_a_canary_of_its_own(area: PolicyArea) -> None:
    for name, form in area.forms.items():
        sheet, sown = Sheet(), dict[str, bool]()

        def sow(field: Field, path: str, personal: bool, sown: dict[str, bool] = sown, sheet: Sheet = sheet) -> str:  # noqa: FBT001
            sown[path] = personal
            return sheet.note(canary(sheet.word() if field.type != "date" else sheet.day(), personal=personal))

        answers = json.dumps(planted(area, name, given(form), sow, AT))

        assert set(sown) == set(paths(form.fields)), name
        assert {path for path, is_personal in sown.items() if is_personal} >= personal_paths(form) & set(sown)
        assert all(one.word in answers for one in sheet.canaries)
        assert len({one.word for one in sheet.canaries}) == len(sheet.canaries)


def given(form: Form) -> dict[str, object]:
    """What the drill has to give itself: the other country, files, other exchanges."""
    made = {"country": "CY", "attachments": [], "exchanges": []}
    return {field.name: made[field.type] for field in form.fields if field.type in made}


def paths(fields: Iterable[Field], within: str = "", *, personal: bool = False) -> Iterator[str]:
    for field in fields:
        hides = personal or field.personal
        if field.type in ("text", "long_text", "urls") or (field.type == "date" and hides):
            yield within + field.name
        yield from paths(field.fields, f"{within}{field.name}.", personal=hides)


def personal_paths(form: Form) -> set[str]:
    """Of fields that hold personal data by themselves, or once another one is answered so."""
    return {field.name for field in form.fields if field.personal or field.personal_when}
