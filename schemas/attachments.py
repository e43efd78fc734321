"""What a form says of a file that travels beside it."""

from typing import Annotated

from pydantic import Field, PositiveInt, StringConstraints

from schemas.frozen import Frozen
from schemas.identifiers import Hash

CHUNK_BYTES = 96 * 1024  # of the file, in one statement: base64 and envelope keep it under 256 KiB
MAX_ATTACHMENT_BYTES = 15 * 1024 * 1024  # 20 MB of base64 is the translation service's limit


class AttachmentNote(Frozen):
    """A file: its name, type, size and hash."""

    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^/\\\x00]+$")
    ]
    type: Annotated[str, StringConstraints(pattern=r"^[a-z]+/[A-Za-z0-9.+-]+$")]
    """Media type."""
    size: Annotated[PositiveInt, Field(le=MAX_ATTACHMENT_BYTES)]
    hash: Hash
    """SHA-256 of the bytes."""
    description: Annotated[str, StringConstraints(max_length=400)] = ""
    personal: bool = True
    """It holds personal data, unless somebody said that it does not."""
