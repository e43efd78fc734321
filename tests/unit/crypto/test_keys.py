import pytest

from node.crypto import base64url
from node.crypto.keys import SealingPrivateKey, SigningPrivateKey
from tests.vectors.federation import KEYRINGS

SEED = bytes(range(32))


@pytest.mark.parametrize(
    "thing",
    [SigningPrivateKey("a", SEED), SealingPrivateKey("b", "x25519", SEED), KEYRINGS["DE"]],
    ids=["signing", "sealing", "keyring"],
)
def test_a_private_key_never_shows(thing: object) -> None:
    shown = repr(thing) + str(thing)
    secrets = (SEED, KEYRINGS["DE"].store_key, *(held.key.seed for held in KEYRINGS["DE"].sealing))
    for secret in secrets:
        assert repr(secret)[2:-1] not in shown
        assert base64url.encode(secret) not in shown
        assert secret.hex() not in shown
