"""The authority signs what it should, and refuses the rest."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from broker.certificates import LinkAuthority, RequestRefused, new_request
from broker.topology import BadNodeName

AT = datetime(2026, 3, 1, tzinfo=UTC)


def request(name: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> x509.CertificateSigningRequest:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())


def pem(thing: x509.CertificateSigningRequest) -> bytes:
    return thing.public_bytes(serialization.Encoding.PEM)


def test_a_node_gets_a_certificate_that_names_it_for_the_key_that_it_made() -> None:
    authority = LinkAuthority.create("Authority", at=AT)
    key, asked = new_request("DE")

    certificate = x509.load_pem_x509_certificate(authority.sign(asked, "DE", at=AT))

    assert certificate.subject.rfc4514_string() == "CN=DE"
    private = serialization.load_pem_private_key(key, password=None)
    assert certificate.public_key() == private.public_key()


def test_a_client_certificate_is_signed_by_the_authority_and_expires_after_a_year_and_a_month() -> None:
    authority = LinkAuthority.create("Authority", at=AT)
    certificate = x509.load_pem_x509_certificate(authority.sign(new_request("DE")[1], "DE", at=AT))

    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.pem))
    assert certificate.not_valid_before_utc < AT
    assert certificate.not_valid_after_utc - AT == timedelta(days=397)


def test_a_server_certificate_passes_a_strict_verifier_for_its_names_only() -> None:
    authority = LinkAuthority.create("Authority", at=AT)
    _, certificate = authority.issue_server(["broker.example", "127.0.0.1"], at=AT)
    store = Store([x509.load_pem_x509_certificate(authority.pem)])
    builder = PolicyBuilder().store(store).time(AT + timedelta(days=1))
    leaf = x509.load_pem_x509_certificate(certificate)

    builder.build_server_verifier(x509.DNSName("broker.example")).verify(leaf, [])
    with pytest.raises(x509.verification.VerificationError):
        builder.build_server_verifier(x509.DNSName("other.example")).verify(leaf, [])


def test_a_saved_authority_goes_on_signing_and_its_key_is_private(tmp_path: Path) -> None:
    LinkAuthority.create("Authority", at=AT).save(tmp_path)

    authority = LinkAuthority.load(tmp_path)

    authority.sign(new_request("FR")[1], "FR", at=AT)
    assert stat.S_IMODE((tmp_path / "authority.key").stat().st_mode) == 0o600


def test_a_request_for_another_node_is_refused() -> None:
    with pytest.raises(RequestRefused, match="CN=FR"):
        LinkAuthority.create("Authority", at=AT).sign(new_request("FR")[1], "DE", at=AT)


@pytest.mark.parametrize("rubbish", [b"", b"rubbish", b"-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n"])
def test_what_is_no_request_is_refused(rubbish: bytes) -> None:
    with pytest.raises(RequestRefused, match="no certificate request"):
        LinkAuthority.create("Authority", at=AT).sign(rubbish, "DE", at=AT)


def test_a_request_that_was_altered_is_refused() -> None:
    der = bytearray(request("DE", ec.generate_private_key(ec.SECP256R1())).public_bytes(serialization.Encoding.DER))
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    own = x509.load_der_x509_csr(bytes(der)).public_key()
    spki = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    altered = bytes(der).replace(own.public_bytes(*spki), other.public_bytes(*spki))

    with pytest.raises(RequestRefused, match="not signed by the key"):
        LinkAuthority.create("Authority", at=AT).sign(pem(x509.load_der_x509_csr(altered)), "DE", at=AT)


def test_a_request_with_another_kind_of_key_is_refused() -> None:
    authority = LinkAuthority.create("Authority", at=AT)
    for key in (ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)):
        with pytest.raises(RequestRefused, match="P-256"):
            authority.sign(pem(request("DE", key)), "DE", at=AT)


def test_no_request_is_made_for_what_is_no_node() -> None:
    with pytest.raises(BadNodeName):
        new_request("../DE")
