import pytest

from node.crypto import jws
from node.crypto.application import PURPOSE, read_application, sign_application
from node.crypto.documents import TrustCode, TrustError
from node.crypto.keys import SigningPrivateKey
from schemas.authorities import Authority
from schemas.directory import Application
from tests.vectors.federation import KEYRINGS, NOW

KEYS = KEYRINGS["IT"]
APPLICATION = Application(
    node="IT",
    at=NOW,
    signing=KEYS.public_signing()[0],
    sealing=KEYS.public_sealing(),
    authorities=(Authority(id="IT/ministry", name="Ministero"),),
    link_request="-----BEGIN CERTIFICATE REQUEST-----",
)


def refused(text: str) -> TrustCode:
    with pytest.raises(TrustError) as refusal:
        read_application(text)
    return refusal.value.code


def test_an_application_reads_again() -> None:
    assert read_application(sign_application(APPLICATION, KEYS.current)) == APPLICATION


def test_who_has_not_the_private_key_applies_in_vain() -> None:
    thief = SigningPrivateKey(KEYS.current.id, KEYRINGS["FR"].current.seed)
    assert refused(sign_application(APPLICATION, thief)) is TrustCode.BAD_PROOF


def test_an_application_is_signed_with_the_key_that_it_brings_and_no_other() -> None:
    assert refused(sign_application(APPLICATION, KEYS.signing[1].key)) is TrustCode.BAD_PROOF


def test_a_signature_for_another_purpose_is_no_application() -> None:
    other = jws.sign(APPLICATION.model_dump_json().encode(), KEYS.current, "imi+sd-jwt")
    assert refused(other) is TrustCode.BAD_PROOF


def test_a_node_does_not_apply_for_anothers_authorities() -> None:
    greedy = APPLICATION.model_copy(update={"authorities": (Authority(id="FR/ministry", name="Ministère"),)})
    assert refused(sign_application(greedy, KEYS.current)) is TrustCode.MALFORMED


@pytest.mark.parametrize("payload", [b"imi", b"{}", b"[]"])
def test_what_is_no_application_is_malformed(payload: bytes) -> None:
    assert refused(jws.sign(payload, KEYS.current, PURPOSE)) is TrustCode.MALFORMED


def test_what_is_no_jws_is_malformed() -> None:
    assert refused("imi") is TrustCode.MALFORMED
