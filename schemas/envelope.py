"""The clear header around sealed bytes: all that the broker's operator can read of a message.

An envelope is this header as one line of JSON, a newline, then the HPKE encapsulated key and ciphertext.
The header's exact bytes are the HPKE `info`, so that none of it can be altered unnoticed.
"""

from typing import Literal

from schemas.frozen import Frozen
from schemas.identifiers import MessageId, NodeId

MAX_ENVELOPE_BYTES = 256 * 1024  # brokers are at their best far below 1 MB
MAX_CONTENT_BYTES = 4 * 1024 * 1024  # what an envelope may hold once decompressed

Suite = Literal["mlkem768-x25519", "x25519"]
"""The key encapsulation of an HPKE suite (RFC 9180) with HKDF-SHA256 and AES-256-GCM; the hybrid is the default."""


class EnvelopeHeader(Frozen):
    """Who, to whom, how sealed: no subject, no case, no kind of message."""

    v: Literal[1] = 1
    suite: Suite
    sender: NodeId
    recipient: NodeId
    id: MessageId
    key: str
    """The id of the recipient's encryption key, as the directory has it."""
