"""A small X.509 authority for the links to the broker, and nothing else.

It vouches for who may connect, not for what is said: messages are sealed and signed with other keys, by other
people's authority. A node makes its key itself and hands over a request (PKCS #10, RFC 2986); the key never
leaves it. Certificates follow RFC 5280 closely enough for the strictest checks of current OpenSSL.

Invariants:
- The common name of a client certificate is the node's name, because RabbitMQ signs the user in by it.
- A file that holds a key is created with mode 0600.
"""

import ipaddress
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from broker.topology import inbox
from schemas.identifiers import NodeId

AUTHORITY_DAYS = 3650
LINK_DAYS = 397
"""A year and a month: renewed once a year, and the limit that browsers and libraries have settled on."""

_SKEW = timedelta(minutes=10)  # a peer's clock may be behind ours

_KEY_FILE, _CERTIFICATE_FILE = "authority.key", "authority.pem"


class RequestRefused(ValueError):
    """The request for a certificate is not one that the authority signs; the message says why."""


class LinkAuthority:
    """Signs the certificates of brokers and nodes."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @classmethod
    def create(cls, name: str, *, at: datetime) -> "LinkAuthority":
        """Make a new authority with a P-256 key, valid from `at` (aware UTC) for ten years."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(
            _name(name), key.public_key(), issuer=_name(name), issuer_key=key.public_key(), at=at, days=AUTHORITY_DAYS
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(authority=True), critical=True)
        return cls(key, builder.sign(key, hashes.SHA256()))

    @classmethod
    def load(cls, folder: Path) -> "LinkAuthority":
        """Read an authority that `save` wrote.

        Raises:
            OSError: a file is missing or can't be read.
            ValueError: a file does not hold what it should.
        """
        key = serialization.load_pem_private_key((folder / _KEY_FILE).read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError(f"{folder / _KEY_FILE} holds no elliptic curve key")  # noqa: TRY004 - bad file, not type
        return cls(key, x509.load_pem_x509_certificate((folder / _CERTIFICATE_FILE).read_bytes()))

    def save(self, folder: Path) -> None:
        """Write key and certificate into a folder that exists."""
        write_private(folder / _KEY_FILE, _key_pem(self._key))
        (folder / _CERTIFICATE_FILE).write_bytes(self.pem)

    @property
    def pem(self) -> bytes:
        """The authority's certificate, which brokers and nodes trust."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def issue_server(self, hosts: Iterable[str], *, at: datetime) -> tuple[bytes, bytes]:
        """Make key and certificate (PEM) for a broker that is reached under these host names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [_subject_alternative(host) for host in hosts]
        purpose = ExtendedKeyUsageOID.SERVER_AUTH
        alternative = x509.SubjectAlternativeName(names)
        return _key_pem(key), self._issue(_name("broker"), key.public_key(), purpose, at, alternative)

    def sign(self, request: bytes, node: NodeId, *, at: datetime) -> bytes:
        """Sign a node's request (PEM): the client certificate (PEM) that it connects with.

        Raises:
            RequestRefused: unreadable, not signed by its own key, for another node, or with another kind of key.
        """
        try:
            parsed = x509.load_pem_x509_csr(request)
            key, intact = parsed.public_key(), parsed.is_signature_valid
        except (ValueError, UnsupportedAlgorithm) as problem:
            raise RequestRefused("this is no certificate request in PEM (PKCS #10)") from problem
        if not intact:
            raise RequestRefused("the request is not signed by the key that it names")
        if parsed.subject != _name(node):
            asked = parsed.subject.rfc4514_string()
            raise RequestRefused(f"the request is for {asked}, and only CN={node} may be signed for {node}")
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise RequestRefused("the request has another kind of key than P-256")
        return self._issue(parsed.subject, key, ExtendedKeyUsageOID.CLIENT_AUTH, at, None)

    def _issue(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        purpose: x509.ObjectIdentifier,
        at: datetime,
        alternative: x509.SubjectAlternativeName | None,
    ) -> bytes:
        builder = _builder(
            subject, key, issuer=self._certificate.subject, issuer_key=self._key.public_key(), at=at, days=LINK_DAYS
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(authority=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        if alternative is not None:
            builder = builder.add_extension(alternative, critical=False)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def new_request(node: NodeId) -> tuple[bytes, bytes]:
    """Make a node's key and the request for its certificate (both PEM); the key stays with the node.

    Raises:
        BadNodeName: the node is not named by two capital letters.
    """
    inbox(node)
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(_name(node)).sign(key, hashes.SHA256())
    return _key_pem(key), request.public_bytes(serialization.Encoding.PEM)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, from its first moment on (mode 0600)."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _builder(
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    *,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePublicKey,
    at: datetime,
    days: int,
) -> x509.CertificateBuilder:
    known_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key)
    return (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _SKEW)
        .not_valid_after(at + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(known_by, critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _subject_alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
