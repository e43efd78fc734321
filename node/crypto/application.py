"""A node's application for admission: signed with the key that it brings, which proves that it has the private half."""

from node.crypto import jws
from node.crypto.consistency import check_node
from node.crypto.documents import TrustCode, TrustError, validated
from node.crypto.keys import SigningPrivateKey
from schemas.directory import Application

PURPOSE = "imi+application"
"""The `typ` of its JWS header."""


def sign_application(application: Application, key: SigningPrivateKey) -> str:
    """Sign an application with the key that it brings: a compact JWS."""
    return jws.sign(application.model_dump_json(by_alias=True).encode("utf-8"), key, PURPOSE)


def read_application(text: str) -> Application:
    """Read an application and check its signature with the key inside.

    That proves possession of the key, and not who has it: whoever admits a node compares the key by another way.

    Raises:
        TrustError: BAD_PROOF; or MALFORMED.
    """
    application = validated(Application, _unverified_payload(text))
    own = {application.signing.id: application.signing.public}
    try:
        jws.verify(text, own.get, PURPOSE)
    except (jws.BadSignature, ValueError) as error:
        raise TrustError(TrustCode.BAD_PROOF, "the application is not signed with the key that it brings") from error
    check_node(application.node, (application.signing,), application.sealing, application.authorities)
    return application


def _unverified_payload(text: str) -> bytes:
    # The key stands inside, so that this one time reading comes before verifying; nothing else is done with it.
    try:
        return jws.unverified_payload(text)
    except jws.BadSignature as error:
        raise TrustError(
            TrustCode.MALFORMED, "the application is no compact JWS; hand over the file as it is"
        ) from error
