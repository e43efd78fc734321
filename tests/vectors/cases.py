"""What a vector is: what is in it, how it is spoilt, what has to become of it; and the pieces to make one of."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.crypto import base64url, bundle, hpke, statement
from node.crypto import jws as signatures
from node.crypto.compression import zstd
from node.crypto.keys import SigningPrivateKey
from node.crypto.statement import Packed
from schemas.identifiers import message_id
from tests.vectors.federation import KEYRINGS, NOW, seeded, signed, step

OPENED = "opened"


@dataclass(frozen=True)
class Case:
    """One vector. Only the encapsulation is random: all else is made the same again."""

    name: str
    about: str
    expect: tuple[str, ...]
    """Of each statement in it; or one code if the whole envelope is refused."""
    compressed: bytes
    whole: bool = False
    """The envelope is refused as a whole."""
    header: str | None = None
    """The clear header; if none, the ordinary one from DE to FR."""
    spoil: Callable[[bytes], bytes] = lambda raw: raw
    """What is done to the envelope after sealing."""
    zeros: int = 0
    """How many zero bytes are appended; kept as a number, because the file would be large."""
    seal_header: str | None = None
    """The header that it is sealed with, if another than the one that is sent."""

    def sent_header(self) -> str:
        """Give the clear header that is sent."""
        return self.header if self.header is not None else header(self.name)

    def made_of(self) -> str:
        """Name everything that is made the same again. What Zstandard makes of it may differ by its version."""
        try:
            content = zstd.decompress(self.compressed)
        except zstd.ZstdError:
            content = self.compressed
        parts = (self.sent_header().encode(), content, *(item.encode() for item in self.expect))
        return base64url.encode(hashlib.sha256(b"\0".join(parts)).digest())

    def seal(self) -> bytes:
        """Make the envelope anew, with a new encapsulation; without the zeros."""
        line = self.seal_header or self.sent_header()
        suite = "x25519" if '"suite":"x25519"' in line else "mlkem768-x25519"
        own = next(key for key in KEYRINGS["FR"].public_sealing() if key.suite == suite)
        sealed = hpke.seal(own.suite, base64url.decode(own.public), self.compressed, line.encode())
        return self.spoil(self.sent_header().encode() + b"\n" + sealed)


def header(label: str, **changes: object) -> str:
    """Make the clear header of an envelope from DE to FR."""
    own = next(key for key in KEYRINGS["FR"].public_sealing() if key.suite == changes.get("suite", "mlkem768-x25519"))
    members = {"v": 1, "suite": own.suite, "sender": "DE", "recipient": "FR"}
    members |= {"id": message_id(NOW, seeded(f"envelope {label}")(10)), "key": own.id}
    return json.dumps(members | changes, separators=(",", ":"))


def lines(*items: Packed | str) -> bytes:
    """Make the compressed content of an envelope out of statements or of whole lines."""
    texts = [item if isinstance(item, str) else bundle.write_line(item) for item in items]
    return zstd.compress("\n".join(texts).encode(), 1)


def flip(position: int) -> Callable[[bytes], bytes]:
    """Flip the lowest bit of a byte, counted from the end if negative."""

    def spoil(raw: bytes) -> bytes:
        altered = bytearray(raw)
        altered[position] ^= 1
        return bytes(altered)

    return spoil


def forged(payload: object, key: SigningPrivateKey | None = None) -> str:
    """Sign any payload as a line without disclosures, by default with DE's key."""
    content = payload if isinstance(payload, bytes) else json.dumps(payload, separators=(",", ":")).encode()
    return signatures.sign(content, key or KEYRINGS["DE"].current, statement.PURPOSE) + "~"


def payload(**changes: object) -> dict[str, object]:
    """Give the members of an ordinary step, some of them changed; a change to `...` leaves one out."""
    members = step().model_dump(mode="json", by_alias=True) | changes
    return {name: value for name, value in members.items() if value is not ...}


def with_header(text: str) -> str:
    """Give a line with another JWS header, truly signed with DE's key all the same."""
    signing_input = f"{base64url.encode(text.encode())}.{base64url.encode(json.dumps(payload()).encode())}"
    signer = Ed25519PrivateKey.from_private_bytes(KEYRINGS["DE"].current.seed)
    return f"{signing_input}.{base64url.encode(signer.sign(signing_input.encode()))}~"


def disclosed(*contents: object, digests: tuple[str, ...] | None = None) -> str:
    """Give a line with disclosures of any content, and their digests signed."""
    disclosures = tuple(base64url.encode(json.dumps(content).encode()) for content in contents)
    own = tuple(sorted(statement.digest(disclosure) for disclosure in disclosures))
    return bundle.write_line(Packed(signed(step(own if digests is None else digests)), disclosures))
