import json
from pathlib import Path
from typing import Any

import pytest

from node.crypto import base64url
from node.crypto.envelope import EnvelopeRefused, OpenedStatement, RefusedStatement, open_envelope
from schemas.refusal import Refusal
from tests.vectors.federation import KEYRINGS, NOW, TRUST
from tests.vectors.make import CASES, FEDERATION, FOLDER, federation, vector

VECTORS = sorted(FOLDER.glob("*.json"))

LATER_STEPS = {code for code in Refusal if list(Refusal).index(code) >= list(Refusal).index(Refusal.OTHER_CONTENT)}
"""Codes of steps 11 and later, which need the node's memory."""


def read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))


def envelope(content: dict[str, Any]) -> bytes:
    return base64url.decode(content["envelope"]) + bytes(content["then_zero_bytes"])


def outcomes(raw: bytes) -> tuple[str | list[str], list[dict[str, Any]]]:
    try:
        opened = open_envelope(raw, node="FR", keyring=KEYRINGS["FR"], trust=TRUST)
    except EnvelopeRefused as refused:
        return refused.code, []
    codes = [item.code if isinstance(item, RefusedStatement) else "opened" for item in opened.items]
    said = [{"hash": item.hash, "body": item.body} for item in opened.items if isinstance(item, OpenedStatement)]
    return codes, said


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_vector_ends_as_expected(path: Path) -> None:
    content = read(path)
    expect, said = outcomes(envelope(content))
    assert expect == content["expect"]
    assert said == content["opened"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_generator_gives_the_recorded_vector_byte_for_byte(case: Any) -> None:
    recorded = read(FOLDER / f"{case.name}.json")
    assert vector(case, recorded) == recorded


def test_generator_gives_the_recorded_federation() -> None:
    assert federation() == read(FEDERATION)


def test_every_code_of_steps_1_to_10_has_a_vector() -> None:
    expected = {code for path in VECTORS for code in _codes(read(path)["expect"])}
    assert expected == {code.value for code in Refusal if code not in LATER_STEPS} | {"opened"}


def test_every_file_is_a_case_and_the_keys_are_of_the_time_that_is_said() -> None:
    assert [path.stem for path in VECTORS] == sorted(case.name for case in CASES)
    assert read(FEDERATION)["now"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"


def _codes(expect: str | list[str]) -> list[str]:
    return [expect] if isinstance(expect, str) else expect
