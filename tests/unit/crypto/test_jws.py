"""Signatures against the RFC's own example and two libraries that we did not write."""

import json

import joserfc.jws
import pytest
from joserfc.jwk import OKPKey
from jwcrypto import jwk  # type: ignore[import-untyped]  # it has no types
from jwcrypto import jws as jwcrypto_jws

from node.crypto import base64url, jws
from node.crypto.keys import SigningPrivateKey, public_key
from tests.vectors.federation import seeded

PURPOSE = "test"
KEY = SigningPrivateKey("DE.sign.1", seeded("jws")(32))
KEYS = {KEY.id: KEY.public}

# RFC 8037, appendix A: the key of A.1, the payload and signature of A.4 (made there with the older name EdDSA).
RFC_8037_D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
RFC_8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC_8037_JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki"
    "4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def test_the_key_of_rfc_8037_has_its_public_half() -> None:
    assert SigningPrivateKey("kid", base64url.decode(RFC_8037_D)).public == RFC_8037_X


def test_the_signature_of_rfc_8037_is_the_one_that_the_key_makes() -> None:
    signing_input, _, signature = RFC_8037_JWS.rpartition(".")
    made = SigningPrivateKey("kid", base64url.decode(RFC_8037_D)).private.sign(signing_input.encode())
    assert base64url.encode(made) == signature


def test_signed_bytes_verify() -> None:
    assert jws.verify(jws.sign(b"content", KEY, PURPOSE), KEYS.get, PURPOSE) == (b"content", KEY.id)


def test_signing_is_deterministic() -> None:
    assert jws.sign(b"content", KEY, PURPOSE) == jws.sign(b"content", KEY, PURPOSE)


def test_jwcrypto_verifies_what_we_sign() -> None:
    token = jwcrypto_jws.JWS()
    token.allowed_algs = ["Ed25519"]
    token.deserialize(jws.sign(b"content", KEY, PURPOSE), jwk.JWK(kty="OKP", crv="Ed25519", x=KEY.public))
    assert token.payload == b"content"
    assert json.loads(token.objects["protected"]) == {"alg": "Ed25519", "kid": KEY.id, "typ": PURPOSE}


def test_we_verify_what_jwcrypto_signs() -> None:
    token = jwcrypto_jws.JWS(b"content")
    token.allowed_algs = ["Ed25519"]
    own = jwk.JWK(kty="OKP", crv="Ed25519", x=KEY.public, d=base64url.encode(KEY.seed))
    token.add_signature(own, protected=json.dumps({"kid": KEY.id, "typ": PURPOSE, "alg": "Ed25519"}))
    assert jws.verify(token.serialize(compact=True), KEYS.get, PURPOSE).payload == b"content"


def test_joserfc_verifies_what_we_sign() -> None:
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": KEY.public})
    signed = jws.sign(b"content", KEY, PURPOSE)
    assert joserfc.jws.deserialize_compact(signed, key, algorithms=["Ed25519"]).payload == b"content"


@pytest.mark.parametrize("position", range(0, 120, 7))
def test_any_altered_character_is_refused(position: int) -> None:
    signed = jws.sign(b"content", KEY, PURPOSE)
    place = position % len(signed)
    altered = signed[:place] + ("A" if signed[place] != "A" else "B") + signed[place + 1 :]
    with pytest.raises(jws.BadSignature):
        jws.verify(altered, KEYS.get, PURPOSE)


def test_a_large_document_can_be_signed() -> None:
    content = bytes(1024 * 1024)
    assert jws.verify(jws.sign(content, KEY, PURPOSE), KEYS.get, PURPOSE).payload == content


def test_a_key_id_that_is_no_key_id_is_not_repeated_to_the_operator() -> None:
    signed = jws.sign(b"content", SigningPrivateKey("\n forged log line", KEY.seed), PURPOSE)
    with pytest.raises(jws.BadSignature, match="has to be alg Ed25519") as refusal:
        jws.verify(signed, KEYS.get, PURPOSE)
    assert "forged" not in str(refusal.value)


def test_a_public_key_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        public_key(base64url.encode(bytes(31)))


def test_a_header_longer_than_any_of_ours_is_refused() -> None:
    content = {"alg": "Ed25519", "kid": KEY.id, "typ": PURPOSE}
    header = base64url.encode(json.dumps(content, indent=200).encode())
    with pytest.raises(jws.BadSignature, match="too long"):
        jws.verify(f"{header}.AAAA.AAAA", KEYS.get, PURPOSE)


def test_a_signed_text_of_two_or_four_parts_is_refused() -> None:
    header = jws.sign(b"", KEY, PURPOSE).partition(".")[0]
    for signed in (header, f"{header}.AAAA.AAAA", f"{header}.AA.=AA"):
        text = f"{signed}.{base64url.encode(KEY.private.sign(signed.encode()))}"
        with pytest.raises(jws.BadSignature):
            jws.verify(text, KEYS.get, PURPOSE)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "....", "AAAA"])
def test_what_is_no_jws_is_refused(text: str) -> None:
    with pytest.raises(jws.BadSignature):
        jws.verify(text, KEYS.get, PURPOSE)
    with pytest.raises(jws.BadSignature):
        jws.unverified_payload(text)
