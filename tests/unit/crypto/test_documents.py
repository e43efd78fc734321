import json

import joserfc.jws
import pytest
from joserfc.jwk import OKPKey
from jwcrypto import jwk  # type: ignore[import-untyped]  # it has no types
from jwcrypto import jws as jwcrypto_jws

from node.crypto import base64url
from node.crypto.documents import TrustCode, TrustError, add_signature, open_document, parse_document, sign_document
from schemas.directory import Directory
from tests.vectors.federation import HOLDERS, TRUST, directory

TEXT = sign_document(directory(2), HOLDERS[:2])


def test_holders_sign_one_after_the_other() -> None:
    assert add_signature(sign_document(directory(2), HOLDERS[:1]), HOLDERS[1]) == TEXT


def test_joserfc_verifies_every_signature() -> None:
    keys = {key.id: OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": key.public}) for key in HOLDERS}
    registry = joserfc.jws.JWSRegistry(algorithms=["Ed25519"])
    token = joserfc.jws.deserialize_json(
        json.loads(TEXT), lambda member: keys[member.headers()["kid"]], registry=registry
    )
    assert Directory.model_validate_json(token.payload) == directory(2)


def test_jwcrypto_verifies_every_signature() -> None:
    for key in HOLDERS[:2]:
        token = jwcrypto_jws.JWS()
        token.allowed_algs = ["Ed25519"]
        token.deserialize(TEXT)
        token.verify(jwk.JWK(kty="OKP", crv="Ed25519", x=key.public))
        assert Directory.model_validate_json(token.payload) == directory(2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        TEXT[:-1],
        TEXT.replace('"payload"', '"payload":"e30","payload"'),
        TEXT.replace('"signatures"', '"surplus":1,"signatures"'),
        TEXT.replace('"protected"', '"header":{},"protected"'),
        '{"payload":"e30","signatures":[]}',
        '{"payload":"e30=","signatures":[{"protected":"e30","signature":"AA"}]}',
        " " * (4 * 1024 * 1024 + 1),
    ],
    ids=["empty", "list", "object", "cut", "repeated", "surplus", "unprotected", "unsigned", "padded", "huge"],
)
def test_what_is_no_such_jws_is_malformed(text: str) -> None:
    with pytest.raises(TrustError) as refusal:
        open_document(text)
    assert refusal.value.code is TrustCode.MALFORMED


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"imi", TrustCode.MALFORMED),
        (b"[]", TrustCode.WRONG_KIND),
        (b'{"kind":"federation-root"}', TrustCode.WRONG_KIND),
        (b'{"kind":"federation-directory"}', TrustCode.MALFORMED),
        (b'{"kind":"federation-root","kind":"federation-directory"}', TrustCode.MALFORMED),
    ],
)
def test_a_payload_that_is_no_directory_is_refused(payload: bytes, code: TrustCode) -> None:
    text = json.dumps({"payload": base64url.encode(payload), "signatures": json.loads(TEXT)["signatures"]})
    with pytest.raises(TrustError) as refusal:
        parse_document(open_document(text), Directory)
    assert refusal.value.code is code


def test_a_signature_does_not_move_to_another_document() -> None:
    other = json.loads(sign_document(directory(3), HOLDERS))
    moved = json.dumps({"payload": other["payload"], "signatures": json.loads(TEXT)["signatures"]})
    with pytest.raises(TrustError, match="bad_signature_threshold"):
        TRUST.update_directory(moved, directory(3).issued_at)
