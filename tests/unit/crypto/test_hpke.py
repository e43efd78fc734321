import json
from typing import Any

import cryptography_vectors
import pytest
from cryptography.hazmat.bindings._rust import openssl as rust_openssl
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM
from cryptography.hazmat.primitives.hpke import Suite as HpkeSuite
from hypothesis import given
from hypothesis import strategies as st

from node.crypto import hpke
from schemas.envelope import Suite

SEED = bytes(range(32))
SUITES: tuple[Suite, ...] = ("mlkem768-x25519", "x25519")

# RFC 9180, appendix A, has our X25519 suite itself; the hybrid's vectors come with another AEAD, which leaves what is
# ours about it, the expansion of the seed and the joined public key, the same.
PUBLISHED = [
    ("x25519", "HPKE/test-vectors.json", (0, 0x0020, 1, 2), HpkeSuite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)),
    (
        "mlkem768-x25519",
        "HPKE/hpke-pq-test-vectors.json",
        (0, 0x647A, 1, 3),
        HpkeSuite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305),
    ),
]


def published(file: str, ids: tuple[int, int, int, int]) -> dict[str, Any]:
    with cryptography_vectors.open_vector_file(file, "r") as stream:
        vectors = json.load(stream)
    return next(
        dict(vector)
        for vector in vectors
        if (vector["mode"], vector["kem_id"], vector["kdf_id"], vector["aead_id"]) == ids
    )


@pytest.mark.parametrize(("suite", "file", "ids", "library"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_published_vectors_open(suite: Suite, file: str, ids: tuple[int, int, int, int], library: HpkeSuite) -> None:
    vector = published(file, ids)
    seed = bytes.fromhex(vector["skRm"])
    assert hpke.public_bytes(suite, seed) == bytes.fromhex(vector["pkRm"])
    first = vector["encryptions"][0]
    opened = rust_openssl.hpke._decrypt_with_aad(
        library,
        bytes.fromhex(vector["enc"] + first["ct"]),
        hpke.private_key(suite, seed),
        bytes.fromhex(vector["info"]),
        bytes.fromhex(first["aad"]),
    )
    assert opened == bytes.fromhex(first["pt"])


@given(st.sampled_from(SUITES), st.binary(max_size=500), st.binary(max_size=100))
def test_what_is_sealed_opens_with_the_same_header_only(suite: Suite, content: bytes, info: bytes) -> None:
    sealed = hpke.seal(suite, hpke.public_bytes(suite, SEED), content, info)
    private = hpke.private_key(suite, SEED)
    assert hpke.unseal(suite, private, sealed, info) == content
    with pytest.raises(hpke.Undecipherable):
        hpke.unseal(suite, private, sealed, info + b"x")


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("sealed", [b"", b"short", bytes(2000)], ids=["nothing", "short", "zeros"])
def test_what_is_no_ciphertext_is_undecipherable(suite: Suite, sealed: bytes) -> None:
    with pytest.raises(hpke.Undecipherable):
        hpke.unseal(suite, hpke.private_key(suite, SEED), sealed, b"")


@pytest.mark.parametrize("suite", SUITES)
def test_a_public_key_of_another_size_is_refused(suite: Suite) -> None:
    with pytest.raises(ValueError, match="key"):
        hpke.public_key(suite, bytes(31))


def test_sealing_to_a_point_of_low_order_is_refused() -> None:
    with pytest.raises(ValueError, match="shared key"):
        hpke.seal("x25519", bytes(32), b"content", b"")
