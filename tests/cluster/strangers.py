"""Credentials that look right, and come from an authority that nobody trusts."""

from datetime import UTC, datetime
from pathlib import Path

from broker.certificates import LinkAuthority, new_request, write_private


def certificate_of_a_stranger(link: Path, node: str) -> None:
    """Put a key and a certificate in a node's link folder that another authority has signed."""
    authority = LinkAuthority.create("A stranger", at=datetime.now(UTC))
    key, request = new_request(node)
    (link / "node.key").unlink()
    write_private(link / "node.key", key)
    (link / "node.pem").write_bytes(authority.sign(request, node, at=datetime.now(UTC)))
