"""Whether a signed document makes sense in itself: names that are unique, keys that are keys.

A signature only shows who said it. What contradicts itself is refused before it is used, with the place named.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from node.crypto import base64url, hpke
from node.crypto.documents import TrustCode, TrustError
from node.crypto.keys import public_key
from node.crypto.standing import Past
from schemas.authorities import Authority
from schemas.directory import Directory, Root, SealingKey, SigningKey
from schemas.identifiers import NodeId, node_of


def check_root(root: Root) -> None:
    """See that the threshold can be reached, by different keys.

    Raises:
        TrustError: MALFORMED.
    """
    _once("holder", (holder.key for holder in root.holders))
    _once("holder's public key", (holder.public for holder in root.holders))
    for holder in root.holders:
        _signing("holder", holder.key, holder.public)
    if root.threshold > len(root.holders):
        raise _malformed(f"{root.threshold} of {len(root.holders)} holders can't sign")


def check_directory(directory: Directory, past: Past) -> None:
    """See that every entry makes sense, and that no key id is used again for another key.

    Raises:
        TrustError: MALFORMED.
    """
    _once("node", (entry.id for entry in directory.nodes))
    for entry in directory.nodes:
        check_node(entry.id, entry.signing, entry.sealing, entry.authorities)
        if (key_id := past.reused_key(entry)) is not None:
            raise _malformed(f"{entry.id}: the key id {key_id} stood for another key before")


def check_node(
    node: NodeId, signing: Sequence[SigningKey], sealing: Sequence[SealingKey], authorities: Sequence[Authority]
) -> None:
    """See that a node's keys are keys of their kind, and that its authorities are its own.

    Raises:
        TrustError: MALFORMED.
    """
    keys: tuple[SigningKey | SealingKey, ...] = (*signing, *sealing)
    _once(f"{node}: key", (key.id for key in keys))
    _once(f"{node}: authority", (authority.id for authority in authorities))
    for key in keys:
        if isinstance(key, SealingKey):
            _sealing(node, key)
        else:
            _signing(node, key.id, key.public)
        if key.valid_until <= key.valid_from:
            raise _malformed(f"{node}: the key {key.id} ends before it begins")
    for authority in authorities:
        if node_of(authority.id) != node:
            raise _malformed(f"{node}: the authority {authority.id} belongs to another node")


def _once(what: str, names: Iterable[str]) -> None:
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise _malformed(f"{what} {repeated[0]} stands there twice")


def _signing(owner: str, key_id: str, public: str) -> None:
    try:
        public_key(public)
    except ValueError as error:
        raise _malformed(f"{owner}: {key_id} is no Ed25519 key: {error}") from error


def _sealing(node: str, key: SealingKey) -> None:
    try:
        # Only a trial tells whether a secret comes of it: a point of low order has the right size (RFC 7748, 6.1).
        hpke.seal(key.suite, base64url.decode(key.public), b"", b"")
    except ValueError as error:
        raise _malformed(f"{node}: {key.id} is no key of the suite {key.suite}: {error}") from error


def _malformed(sentence: str) -> TrustError:
    return TrustError(TrustCode.MALFORMED, sentence)
