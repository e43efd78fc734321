"""Puts attachments together again: are all pieces here, and are they the file that its hash names?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from node.crypto import base64url
from node.verify.verdict import AttachmentSent, AttachmentState
from schemas.messages import Chunk


@dataclass(frozen=True)
class Piece:
    """A piece whose sender is proven."""

    file: str
    chunk: Chunk
    data: object
    """The bytes in base64url; None where they are not disclosed."""


def put_together(pieces: Iterable[Piece]) -> list[AttachmentSent]:
    """Say of each attachment whether it is whole, in the order of their first pieces."""
    found: dict[tuple[str, str], dict[int, Piece]] = {}
    for piece in pieces:
        found.setdefault((piece.chunk.sender, piece.chunk.attachment), {})[piece.chunk.index] = piece
    return [_attachment(by_index) for by_index in found.values()]


def attachment_problems(pieces: Iterable[Piece], sent: Iterable[AttachmentSent], exchange: str) -> Iterator[str]:
    """Name attachments that lack a piece, are not what their hash says, or belong elsewhere."""
    for piece in pieces:
        if piece.chunk.exchange != exchange:
            yield f"{piece.file}: belongs to another exchange, {piece.chunk.exchange}"
    for each in sent:
        if each.state == "incomplete":
            yield f"Attachment {each.hash} of {each.sender}: pieces are missing, or don't fit together"
        if each.state == "altered":
            yield f"Attachment {each.hash} of {each.sender}: its pieces are not the file of that hash"


def _attachment(by_index: dict[int, Piece]) -> AttachmentSent:
    ordered = [by_index[index] for index in sorted(by_index)]
    first = ordered[0].chunk
    complete = len(ordered) == first.count == ordered[-1].chunk.index + 1
    state: AttachmentState = (
        _state(ordered) if complete and all(each.chunk.count == first.count for each in ordered) else "incomplete"
    )
    return AttachmentSent(sender=first.sender, hash=first.attachment, at=first.at, pieces=len(ordered), state=state)


def _state(ordered: list[Piece]) -> AttachmentState:
    digest = sha256()
    for piece in ordered:
        if not isinstance(piece.data, str):
            return "undisclosed"
        try:
            digest.update(base64url.decode(piece.data))
        except base64url.BadBase64:
            return "altered"
    return "whole" if base64url.encode(digest.digest()) == ordered[0].chunk.attachment else "altered"
