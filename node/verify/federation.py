"""Traces the directories of an archive back to a root."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from node.crypto.documents import TrustError, kind_of, open_document, parse_document
from node.crypto.trust import TrustedDirectory
from node.verify.verdict import RootFound
from schemas.directory import Directory, Root


@dataclass(frozen=True)
class Paper:
    """A root or a directory as it came; its signatures are not verified yet."""

    name: str
    text: str
    content: Root | Directory


@dataclass(frozen=True)
class Federation:
    """The roots and directories that hold together."""

    trust: TrustedDirectory | None
    root: RootFound | None
    directories: tuple[int, ...]
    problems: tuple[str, ...]


def fingerprint(document: str) -> str:
    """Name a signed document by the SHA-256 of the bytes that its holders signed, in hexadecimal.

    Raises:
        TrustError: MALFORMED.
    """
    return sha256(open_document(document).payload).hexdigest()


def trace(roots: Mapping[str, str], directories: Mapping[str, str], given: str | None) -> Federation:
    """Verify roots and directories, each at the time when it was issued.

    Args:
        roots: file name -> text, as the archive has them.
        directories: likewise.
        given: a root that the verifier has from elsewhere; then the archive's own count only as far as they follow it.

    Raises:
        TrustError: the given root is none.
    """
    problems: list[str] = []
    papers = _read({**roots, **directories}, problems)
    first = _given(given) if given is not None else _oldest(papers)
    if first is None:
        return Federation(None, None, (), (*problems, "There is no root in the archive: nothing can be traced to it."))
    if given is not None:
        problems += _unlike(papers, first)
        papers = [paper for paper in papers if not _is_known(paper.content, first.content)]
    try:
        trust = TrustedDirectory.pin(first.text, first.content.issued_at)
    except TrustError as error:
        return Federation(None, None, (), (*problems, f"{first.name}: {error.sentence}"))
    trust, versions = _follow(trust, papers, problems)
    if not versions:
        problems.append("No directory in the archive follows from the root: nobody's key is known.")
    return Federation(trust, _found(first, given=given is not None), tuple(versions), tuple(problems))


def _read(texts: Mapping[str, str], problems: list[str]) -> list[Paper]:
    papers = []
    for name, text in texts.items():
        try:
            paper = _paper(name, text)
        except TrustError as error:
            problems.append(f"{name}: {error.sentence}")
            continue
        if name != f"{name.partition('-')[0]}-{paper.content.version:04d}.json":
            problems.append(f"{name}: holds version {paper.content.version}; the file was renamed")
        papers.append(paper)
    return sorted(papers, key=_age)


def _age(paper: Paper) -> tuple[datetime, bool, int]:
    # Issued at one instant, a root comes before the directories that its holders signed.
    return paper.content.issued_at, isinstance(paper.content, Directory), paper.content.version


def _paper(name: str, text: str) -> Paper:
    document = open_document(text)
    if kind_of(document) == "federation-root":
        return Paper(name, text, parse_document(document, Root))
    return Paper(name, text, parse_document(document, Directory))


def _given(text: str) -> Paper:
    return Paper("the given root", text, parse_document(open_document(text), Root))


def _oldest(papers: list[Paper]) -> Paper | None:
    return min(
        (paper for paper in papers if isinstance(paper.content, Root)),
        key=lambda paper: paper.content.version,
        default=None,
    )


def _unlike(papers: list[Paper], given: Paper) -> list[str]:
    """A root of the same version with other content is another federation's."""
    return [
        f"{paper.name}: is not the root that was given, but another of the same version"
        for paper in papers
        if isinstance(paper.content, Root)
        and paper.content.version == given.content.version
        and fingerprint(paper.text) != fingerprint(given.text)
    ]


def _is_known(content: Root | Directory, given: Root | Directory) -> bool:
    return isinstance(content, Root) and content.version <= given.version


def _follow(trust: TrustedDirectory, papers: list[Paper], problems: list[str]) -> tuple[TrustedDirectory, list[int]]:
    versions = []
    for paper in papers:
        try:
            if isinstance(paper.content, Directory):
                trust = trust.update_directory(paper.text, paper.content.issued_at)
                versions.append(paper.content.version)
            elif paper.content.version > trust.root.version:
                trust = trust.update_root(paper.text, paper.content.issued_at)
        except TrustError as error:
            problems.append(f"{paper.name}: {error.sentence}")
    return trust, versions


def _found(paper: Paper, *, given: bool) -> RootFound | None:
    if not isinstance(paper.content, Root):
        return None
    return RootFound(
        version=paper.content.version,
        holders=tuple(holder.name for holder in paper.content.holders),
        threshold=paper.content.threshold,
        fingerprint=fingerprint(paper.text),
        given=given,
    )
