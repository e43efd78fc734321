"""Who is in the federation, with which keys: the two documents that all trust rests on.

It follows The Update Framework: a *root* names the holders of signing keys and how many of them must sign;
versions only grow; everything expires; a new root is signed by the old one too. Nodes pin the first root.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, StringConstraints

from schemas.authorities import Authority, Name
from schemas.envelope import Suite
from schemas.frozen import Frozen
from schemas.identifiers import Hash, NodeId, Slug, UtcTime

KeyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,80}$")]
Base64Url = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]


class SigningKey(Frozen):
    """A public Ed25519 key (RFC 8037) and the time for which statements signed with it count."""

    id: KeyId
    public: Base64Url
    valid_from: UtcTime
    valid_until: UtcTime


class SealingKey(Frozen):
    """A public HPKE key (RFC 9180) to seal envelopes to, and the time in which to do so."""

    id: KeyId
    suite: Suite
    public: Base64Url
    valid_from: UtcTime
    valid_until: UtcTime


class NodeEntry(Frozen):
    """One node of the federation."""

    id: NodeId
    status: Literal["active", "suspended", "expelled"]
    since: UtcTime
    """When this status began."""
    signing: tuple[SigningKey, ...]
    sealing: tuple[SealingKey, ...]
    authorities: tuple[Authority, ...] = ()


class DeclaredArea(Frozen):
    """A policy area in force, by version and the hash of its declaration."""

    area: Slug
    version: PositiveInt
    hash: Hash


class Directory(Frozen):
    """Who is in the federation: one version of the list."""

    kind: Literal["federation-directory"] = "federation-directory"
    version: PositiveInt
    issued_at: UtcTime
    expires_at: UtcTime
    minimum_suite: Suite = "mlkem768-x25519"
    nodes: tuple[NodeEntry, ...]
    areas: tuple[DeclaredArea, ...] = ()


class Holder(Frozen):
    """A person or office that keeps one of the federation's keys."""

    key: KeyId
    public: Base64Url
    name: Name


class Root(Frozen):
    """Who may sign a directory or the next root, and how many of them it takes."""

    kind: Literal["federation-root"] = "federation-root"
    version: PositiveInt
    issued_at: UtcTime
    expires_at: UtcTime
    holders: Annotated[tuple[Holder, ...], Field(min_length=1)]
    threshold: PositiveInt
    """How many different holders must sign."""


class Application(Frozen):
    """What a node hands over to be admitted, signed with its own key: it made the private halves itself."""

    kind: Literal["federation-application"] = "federation-application"
    node: NodeId
    at: UtcTime
    signing: SigningKey
    sealing: tuple[SealingKey, ...]
    authorities: tuple[Authority, ...] = ()
    link_request: str
    """PEM of the certificate request (RFC 2986) for the node's connection to the broker."""
