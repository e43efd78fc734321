"""What verifying evidence comes to, as a value: for pages, commands and programs."""

from typing import Literal

from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, NodeId, Slug, UtcTime
from schemas.refusal import Refusal

Proof = Literal["delivered", "refused", "built_on", "unproven", "elsewhere"]
"""How it is shown what became of a statement at a recipient.

delivered, refused: by the recipient's signed receipt. built_on: its receipt is not here, but a later step that it
signed names the statement as known to it. unproven: by nothing. elsewhere: by nothing here, and it could not be:
the receipt went to another node than the one that this evidence comes from.
"""


class Delivered(Frozen):
    """What became of a statement at one recipient."""

    recipient: NodeId
    proof: Proof
    at: UtcTime | None = None
    """Of the receipt, or of the step that builds on the statement."""
    opened_at: UtcTime | None = None
    code: Refusal | None = None


class Told(Frozen):
    """A step that its sender signed."""

    file: str
    sender: NodeId
    authority: AuthorityId
    recipients: tuple[NodeId, ...]
    at: UtcTime
    procedure: Slug
    procedure_label: str
    step: Slug
    step_label: str
    key: str
    """The id of the key that it is signed with."""
    content: dict[str, object]
    """What is disclosed of what it says."""
    undisclosed: int
    """How many signed fields are not disclosed: erased, or left out."""
    deliveries: tuple[Delivered, ...]


AttachmentState = Literal["whole", "undisclosed", "incomplete", "altered"]
"""whole: its bytes are here and have its hash. undisclosed: all pieces were sent; their bytes are not here."""


class AttachmentSent(Frozen):
    """A file that its sender signed, piece by piece."""

    sender: NodeId
    hash: str
    """SHA-256 of the whole file; the form of the step that it belongs to names it too."""
    at: UtcTime
    pieces: int
    state: AttachmentState


class RootFound(Frozen):
    """The root that everything in the archive was traced back to."""

    version: int
    holders: tuple[str, ...]
    threshold: int
    fingerprint: str
    """SHA-256 of its signed bytes in hexadecimal; the federation tells it by another way."""
    given: bool
    """It is the root that the verifier brought along; otherwise the archive's own, which anybody can make."""


class Verdict(Frozen):
    """What an archive proves."""

    exchange: str | None
    root: RootFound | None
    directories: tuple[int, ...]
    """Versions that were verified."""
    told: tuple[Told, ...]
    attachments: tuple[AttachmentSent, ...]
    problems: tuple[str, ...]
    """Everything that is altered, missing or not proven, each with the file's name."""

    @property
    def proven(self) -> bool:
        """Whether all that the archive says is proven."""
        return not self.problems
