"""Files that travel beside a form: cut into pieces, sealed at rest, sent as chunks, joined and checked again.

The chunks of a file are statements of the same streams as the steps, and go before the step that names the
file. So when that step takes effect, every piece of the file is there, or the step is refused.

Until then a peer's pieces lie under their sender's name: another party may have sent others for the same file.
"""

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping

import aiosqlite
from pydantic import ValidationError

from node.crypto import base64url, vault
from node.crypto import statement as signing
from node.handlers.exchanges.forms import Problem
from node.handlers.exchanges.procedure import Refused
from node.runtime.working_set import WorkingSet
from node.store import attachments
from node.store.attachments import Piece
from schemas.attachments import CHUNK_BYTES, MAX_ATTACHMENT_BYTES, AttachmentNote
from schemas.exchange import Exchange
from schemas.messages import Chunk
from schemas.policy_area import Form
from schemas.refusal import Refusal


async def keep_upload(work: WorkingSet, exchange_id: str, note: Mapping[str, object], content: bytes) -> AttachmentNote:
    """Keep a file in an exchange, until a step names it; returns what the form says of it.

    Raises:
        Refused: no such exchange, an empty or too large file, or a name or type that is none.
    """
    await work.include([exchange_id])
    if exchange_id not in work.exchanges:
        raise Refused(Refusal.UNKNOWN_EXCHANGE, f"this node knows no exchange {exchange_id}")
    if work.exchanges[exchange_id].closed_at is not None:
        raise Refused(Refusal.NO_MEANING, f"{exchange_id} is formally closed: no file can be added")
    if not 0 < len(content) <= MAX_ATTACHMENT_BYTES:
        limit = MAX_ATTACHMENT_BYTES // 1024 // 1024
        raise Refused(Refusal.TOO_LARGE, f"a file of {len(content)} bytes; from 1 byte to {limit} MB are possible")
    digest = base64url.encode(hashlib.sha256(content).digest())
    try:
        described = AttachmentNote.model_validate({**note, "size": len(content), "hash": digest})
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused(Refusal.BAD_FORM, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    cuts = [content[start : start + CHUNK_BYTES] for start in range(0, len(content), CHUNK_BYTES)]
    await attachments.add(
        work.db,
        [
            Piece(exchange_id, digest, index, len(cuts), _sealed(work, exchange_id, _place(digest, index), cut))
            for index, cut in enumerate(cuts)
        ],
        work.seat.clock.now(),
    )
    return described


async def send_files(work: WorkingSet, exchange: Exchange, form: Form, content: Mapping[str, object]) -> None:
    """Put the chunks of every file that a form names into the outbox; `require_files` has found them here."""
    recipients = set(exchange.parties.values()) - {work.seat.node}
    for _, note in _notes(form, content):
        _, count = await attachments.present(work.db, exchange.id, note.hash)
        index = 0
        async for data in read_file(work.db, work.content_key(exchange.id), exchange.id, note.hash):
            fields = {"data": base64url.encode(data)}
            digests, disclosures = signing.disclose(fields, work.seat.random)
            chunk = Chunk(
                id=work.seat.new_id(),
                sender=work.seat.node,
                at=work.seat.clock.now(),
                to=work.next_numbers(recipients),
                digests=digests,
                exchange=exchange.id,
                attachment=note.hash,
                index=index,
                count=count,
            )
            work.issue(chunk, disclosures)
            index += 1


async def keep_chunk(work: WorkingSet, chunk: Chunk, body: Mapping[str, object]) -> None:
    """Keep a piece that a peer sent.

    Raises:
        Refused: it holds no bytes, too many, or stands outside its file.
    """
    data = body.get("data")
    pieces = -(-MAX_ATTACHMENT_BYTES // CHUNK_BYTES)
    if not isinstance(data, str) or not chunk.index < chunk.count <= pieces or len(data) > 2 * CHUNK_BYTES:
        raise Refused(Refusal.MALFORMED, "a piece of an attachment has its bytes in `data` and its place in the file")
    try:
        content = base64url.decode(data)
    except base64url.BadBase64 as error:
        raise Refused(Refusal.MALFORMED, "the bytes of a piece of an attachment are base64url") from error
    sealed = _sealed(work, chunk.exchange, _place(chunk.attachment, chunk.index), content)
    piece = Piece(chunk.exchange, _unproven(chunk.attachment, chunk.sender), chunk.index, chunk.count, sealed)
    await attachments.add(work.db, [piece], work.seat.clock.now())


async def require_files(
    work: WorkingSet, exchange_id: str, form: Form, content: Mapping[str, object], sender: str | None = None
) -> int:
    """Make sure that every file that a form names is here, whole and unaltered; returns how many pieces they have.

    Args:
        work: the open working set.
        exchange_id: where the form belongs.
        form: as it is declared.
        content: as it is filled in.
        sender: whose form it is; none for our own.

    Raises:
        Refused: with the field that names the file.
    """
    total = 0
    for field, note in _notes(form, content):
        kept_as = note.hash
        if sender is not None:
            have, count = await attachments.present(work.db, exchange_id, _unproven(note.hash, sender))
            if 0 < have == count:  # else an earlier step may have proven the same file
                kept_as = _unproven(note.hash, sender)
        total += await _require_complete(work, exchange_id, field, note, kept_as)
        if kept_as != note.hash:
            await attachments.rename(work.db, exchange_id, kept_as, note.hash)
    return total


async def read_file(
    db: aiosqlite.Connection, key: bytes, exchange_id: str, digest: str, kept_as: str | None = None
) -> AsyncIterator[bytes]:
    """Go through a file's bytes, a piece at a time."""
    index = 0
    async for sealed in attachments.read(db, exchange_id, kept_as or digest):
        yield vault.open_content(key, sealed, _place(digest, index))
        index += 1


def _notes(form: Form, content: Mapping[str, object]) -> Iterator[tuple[str, AttachmentNote]]:
    for field in form.fields:
        if field.type == "attachments":
            listed = content.get(field.name)
            for item in listed if isinstance(listed, list) else ():
                try:
                    yield field.name, AttachmentNote.model_validate(item)
                except ValidationError:
                    continue  # the form's own check names it


async def _require_complete(work: WorkingSet, exchange_id: str, field: str, note: AttachmentNote, kept_as: str) -> int:
    """The number of a file's pieces; they are all here."""
    have, count = await attachments.present(work.db, exchange_id, kept_as)
    key = work.keys.get(exchange_id)
    if key is None or have == 0 or have != count:
        raise _missing(field, f"the file of {note.size} bytes is not here whole: upload it to the exchange first")
    digest = hashlib.sha256()
    async for data in read_file(work.db, key, exchange_id, note.hash, kept_as):
        digest.update(data)
    if base64url.encode(digest.digest()) != note.hash:
        raise _missing(field, f"the file of {note.size} bytes is not the one that its hash names")
    return count


def _missing(field: str, message: str) -> Refused:
    return Refused(Refusal.BAD_FORM, f"{field}: {message}", (Problem(field, message),))


def _sealed(work: WorkingSet, exchange_id: str, place: bytes, data: bytes) -> bytes:
    return vault.seal_content(work.content_key(exchange_id), data, place, work.seat.random)


def _unproven(digest: str, sender: str) -> str:
    return f"{digest} of {sender}"


def _place(digest: str, index: int) -> bytes:
    return f"{digest}/{index}".encode()
