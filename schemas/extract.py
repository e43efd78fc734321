"""A ledger as a file, a line of JSON each: what a supervisory authority gets, and `imi verify` checks.

The first line is the head; then come the federation's signed papers, and the entries in order.
"""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, TypeAdapter

from schemas.frozen import Frozen
from schemas.identifiers import Hash, NodeId, UtcTime


class ExtractHead(Frozen):
    """Whose ledger it is, and from where on."""

    kind: Literal["ledger"] = "ledger"
    node: NodeId
    at: UtcTime
    first: PositiveInt
    """The number of the first entry."""
    start: Hash
    """The hash of the entry before it."""
    checkpoints: tuple[str, ...] = ()
    """Heads of this ledger that the node itself signed, each a JWS."""


class ExtractPaper(Frozen):
    """A root or a directory, as signed."""

    kind: Literal["paper"] = "paper"
    name: Literal["root", "directory"]
    version: PositiveInt
    text: str


class ExtractEntry(Frozen):
    """One entry, exactly as it was hashed."""

    kind: Literal["entry"] = "entry"
    seq: PositiveInt
    at: UtcTime
    actor: str
    action: str
    subject: str
    detail: str
    hash: Hash


ExtractLine = ExtractHead | ExtractPaper | ExtractEntry

LINE: TypeAdapter[ExtractLine] = TypeAdapter(Annotated[ExtractLine, Field(discriminator="kind")])
