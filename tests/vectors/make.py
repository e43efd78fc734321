"""Writes the golden vectors: `python -m tests.vectors.make`.

A change of the wire shows as a change of these files. Signatures and digests come out the same each time; HPKE
draws fresh randomness, so that an envelope is sealed once and kept for as long as what it is made of stays.
"""

import json
from pathlib import Path
from typing import Any

from node.crypto import base64url, bundle, jws, statement
from node.crypto.compression import zstd
from node.crypto.trust import sign_document
from tests.vectors.bad import BAD
from tests.vectors.cases import OPENED, Case
from tests.vectors.federation import HOLDERS, KEYRINGS, NOW, directory, root
from tests.vectors.good import GOOD

FOLDER = Path(__file__).parent / "envelopes"
FEDERATION = Path(__file__).parent / "federation.json"
CASES = (*GOOD, *BAD)


def federation() -> dict[str, Any]:
    """Give what a reader needs to open the vectors: the root, the directory, and FR's private keys."""
    keys = KEYRINGS["FR"]
    return {
        "about": "The recipient of all vectors is FR. Its private keys are 32-byte seeds, known to all.",
        "now": f"{NOW:%Y-%m-%dT%H:%M:%SZ}",
        "root": sign_document(root(), HOLDERS[:2]),
        "directory": sign_document(directory(), HOLDERS[1:]),
        "sealing": [
            {"id": held.key.id, "suite": held.key.suite, "seed": base64url.encode(held.key.seed)}
            for held in keys.sealing
        ],
    }


def vector(case: Case, kept: dict[str, Any] | None) -> dict[str, Any]:
    """Give a vector, with the kept envelope where nothing changed in what it is made of."""
    made_of = case.made_of()
    unchanged = kept is not None and kept["made_of"] == made_of
    return {
        "about": case.about,
        "expect": case.expect[0] if case.whole else list(case.expect),
        "made_of": made_of,
        "envelope": kept["envelope"] if kept is not None and unchanged else base64url.encode(case.seal()),
        "then_zero_bytes": case.zeros,
        "opened": [] if case.whole else _opened(case),
    }


def _opened(case: Case) -> list[dict[str, Any]]:
    """Give what has to come out of each statement that opens."""
    lines = zstd.decompress(case.compressed).split(b"\n")
    return [_says(line) for line, expect in zip(lines, case.expect, strict=True) if expect == OPENED]


def _says(line: bytes) -> dict[str, Any]:
    packed = bundle.read_line(line)
    digests = json.loads(jws.unverified_payload(packed.jws)).get("_sd", ())
    body = statement.read_disclosures(digests, packed.disclosures)
    return {"hash": statement.statement_hash(packed.jws), "body": body}


def main() -> None:
    """Write all vectors, and take away the files of those that are no more."""
    FOLDER.mkdir(exist_ok=True)
    FEDERATION.write_text(_text(federation()), encoding="utf-8")
    for case in CASES:
        path = FOLDER / f"{case.name}.json"
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        path.write_text(_text(vector(case, kept)), encoding="utf-8")
    for path in FOLDER.glob("*.json"):
        if path.stem not in {case.name for case in CASES}:
            path.unlink()


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
