"""Verifies a ledger offline: is every entry the one that was written, and do the signed heads agree?

1 every line can be read; 2 the papers lead to a root; 3 each entry follows from the one before, without a gap;
4 each checkpoint is signed by the ledger's node; 5 the entry that a checkpoint counts up to has the hash that it names.

The chain alone shows a change in the middle. That all of it was made anew, or that its end was cut off, shows only
against checkpoints that somebody else holds: give those of peers.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from node.crypto import ledger as chain
from node.crypto import strict_json
from node.crypto.trust import TrustedDirectory
from node.verify.federation import trace
from node.verify.signed import NotProven, read_signed
from schemas.extract import LINE, ExtractEntry, ExtractHead, ExtractPaper
from schemas.frozen import Frozen
from schemas.messages import Checkpoint


class BadExtract(Exception):
    """The file is not a ledger; the message says why."""


class LedgerVerdict(Frozen):
    """What was found of a ledger."""

    node: str
    first: int
    entries: int
    """So many are in the file."""
    own_checkpoints: int
    """Signed heads that agree, out of the file itself."""
    peer_checkpoints: int
    """And those that peers held."""
    restored: tuple[int, ...] = ()
    """Entries that say that a backup was restored there: what came after the backup was made is lost."""
    proven_up_to: int
    """The last entry that a peer's checkpoint vouches for; 0 where none does."""
    problems: tuple[str, ...]

    @property
    def proven(self) -> bool:
        """Whether nothing is wrong with it."""
        return not self.problems


@dataclass
class _File:
    head: ExtractHead
    papers: dict[str, dict[str, str]] = field(default_factory=lambda: {"root": {}, "directory": {}})
    entries: list[ExtractEntry] = field(default_factory=list)


def looks_like_ledger(content: bytes) -> bool:
    """Whether a file is a ledger, and not an archive of evidence."""
    return content.lstrip()[:1] == b"{"


def hashed(entry: ExtractEntry) -> bytes:
    """The exact bytes of an entry that its hash covers."""
    time = f"{entry.at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
    return strict_json.dumps([entry.seq, time, entry.actor, entry.action, entry.subject, entry.detail])


def verify_ledger(content: bytes, *, held: Iterable[str] = (), root: str | None = None) -> LedgerVerdict:
    """Verify a ledger.

    Args:
        content: the file, as `imi ledger export` writes it.
        held: checkpoints that peers hold, each a JWS; those of other nodes are passed over.
        root: the federation's root, obtained by another way than the file itself.

    Raises:
        BadExtract: it is no ledger.
        TrustError: `root` is no root.
    """
    file = _read(content)
    federation = trace(file.papers["root"], file.papers["directory"], root)
    problems = [*federation.problems, *_chain_problems(file)]
    hashes = {entry.seq: entry.hash for entry in file.entries}
    own, wrong = _agreeing(file, hashes, file.head.checkpoints, federation.trust)
    problems += wrong
    theirs, wrong = _agreeing(file, hashes, held, federation.trust)
    return LedgerVerdict(
        node=file.head.node,
        first=file.head.first,
        entries=len(file.entries),
        own_checkpoints=len(own),
        peer_checkpoints=len(theirs),
        restored=tuple(entry.seq for entry in file.entries if entry.action == "store.restored"),
        proven_up_to=max((each.entries for each in theirs), default=0),
        problems=(*problems, *wrong),
    )


def _read(content: bytes) -> _File:
    lines = content.decode("utf-8", errors="replace").splitlines()
    try:
        head, *rest = [LINE.validate_json(line) for line in lines if line]
    except (ValidationError, ValueError) as error:
        raise BadExtract("the file holds a line that is none of a ledger: export it anew") from error
    if not isinstance(head, ExtractHead):
        raise BadExtract("the file does not begin with the head of a ledger")
    file = _File(head)
    for each in rest:
        match each:
            case ExtractPaper():
                file.papers[each.name][f"{each.name}-{each.version:04d}.json"] = each.text
            case ExtractEntry():
                file.entries.append(each)
            case ExtractHead():
                raise BadExtract("the file holds two heads")
    return file


def _chain_problems(file: _File) -> Iterator[str]:
    expected, previous = file.head.first, file.head.start
    if expected == 1 and previous != chain.GENESIS:
        yield "The first entry does not follow from the beginning of all ledgers."
    for entry in file.entries:
        if entry.seq != expected:
            yield f"Entry {expected} is missing, or out of its place: {entry.seq} stands there."
        if chain.chain(previous, hashed(entry)) != entry.hash:
            yield f"Entry {entry.seq} is not the one that was written there, or the one before it is not."
        expected, previous = entry.seq + 1, entry.hash


def _agreeing(
    file: _File, hashes: dict[int, str], signed: Iterable[str], trust: TrustedDirectory | None
) -> tuple[Sequence[Checkpoint], list[str]]:
    agreeing: list[Checkpoint] = []
    problems: list[str] = []
    if trust is None:
        return (), ["Without a root no checkpoint can be traced to anybody."] if any(signed) else []
    last = file.entries[-1].seq if file.entries else file.head.first - 1
    for jws in signed:
        try:
            said = _opened(jws, trust)
        except NotProven as error:
            problems.append(f"A checkpoint can't be verified: {error}")
            continue
        if said.sender != file.head.node:
            continue
        where = f"{said.sender} signed to {said.to} on {said.at:%Y-%m-%d}"
        if said.entries > last:
            problems.append(f"Entries are missing at the end: {where} that there were {said.entries}; here are {last}.")
        elif said.entries in hashes and hashes[said.entries] != said.head:
            problems.append(f"The ledger was rewritten: {where} another entry {said.entries} than the one here.")
        elif said.entries in hashes:
            agreeing.append(said)
    return agreeing, problems


def _opened(jws: str, trust: TrustedDirectory) -> Checkpoint:
    said = read_signed(jws, trust).statement
    if not isinstance(said, Checkpoint):
        raise NotProven("it is another statement")
    return said
