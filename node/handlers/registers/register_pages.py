"""A register as it is told to other nodes: pages that fit into a statement each, and what has to hold for one to count.

Each authority is one disclosure, named by its id. A node tells of its own authorities only. Versions only grow; a
version counts once all its pages have come, and then stands for the whole country.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from pydantic import JsonValue, ValidationError

from node.handlers.refused import Refused
from schemas.authorities import Authority
from schemas.identifiers import COMMISSION, node_of
from schemas.messages import AuthoritiesPublished
from schemas.refusal import Refusal

PAGE_BYTES = 200 * 1024
"""Of a page's disclosures and digests before compression: with the rest of the statement less than the most that an
envelope takes, whatever the names are (`MAX_STATEMENT_BYTES`)."""
MAX_PAGES = 500  # some 100,000 authorities of one country

_DIGEST_BYTES = 64  # 43 characters with quotes and comma, in base64url
_SALT_BYTES = 64  # salt, brackets and quotes of a disclosure


def next_version(last: int, now: datetime) -> int:
    """Number a publication by the seconds since 1970: a node that comes back from an old backup goes on above."""
    return max(last + 1, int(now.timestamp()))


def pages_of(authorities: Iterable[Authority]) -> list[dict[str, JsonValue]]:
    """Share authorities out over pages, each id -> authority; one empty page where there are none."""
    pages: list[dict[str, JsonValue]] = [{}]
    size = 0
    for each in sorted(authorities, key=lambda one: one.id):
        weight = _weight(each)
        if pages[-1] and size + weight > PAGE_BYTES:
            pages.append({})
            size = 0
        pages[-1][each.id] = each.model_dump(mode="json", exclude_defaults=True)
        size += weight
    return pages


def read_page(published: AuthoritiesPublished, body: Mapping[str, object]) -> list[Authority]:
    """Read the authorities of a page.

    Raises:
        Refused: NOT_YOUR_STEP for another country's authority; MALFORMED.
    """
    if not published.page <= published.pages <= MAX_PAGES:
        raise Refused(Refusal.MALFORMED, f"page {published.page} of {published.pages}; {MAX_PAGES} are the most")
    return list(_authorities(published.sender, body))


def require_newer(published: AuthoritiesPublished, *, counts: int, waits: int) -> None:
    """Insist that a version is newer than the one that counts, and no older than one that waits for its other pages.

    Raises:
        Refused: BAD_SEQUENCE.
    """
    if published.version <= counts or published.version < waits:
        newest = max(counts, waits)
        raise Refused(Refusal.BAD_SEQUENCE, f"version {published.version} came after version {newest} of its register")


def require_country(node: str, authorities: Iterable[Authority]) -> None:
    """Insist that all authorities of a node together make sense: one national coordinator, and none at the Commission.

    Raises:
        Refused: MALFORMED.
    """
    national = sorted(each.id for each in authorities if each.national_coordinator)
    if len(national) > (0 if node == COMMISSION else 1):
        raise Refused(
            Refusal.MALFORMED,
            f"{' and '.join(national)} can't be national coordinator: a country has one, and the Commission none",
        )


def _authorities(sender: str, body: Mapping[str, object]) -> Iterator[Authority]:
    for name, value in body.items():
        if node_of(name) != sender:
            raise Refused(Refusal.NOT_YOUR_STEP, f"{sender} can't tell of {name[:70]}, an authority of another country")
        try:
            authority = Authority.model_validate(value, extra="ignore")  # of later versions
        except ValidationError as error:
            places = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_url=False)[:3])
            raise Refused(Refusal.MALFORMED, f"{name[:70]} is not described as an authority is ({places})") from None
        if authority.id != name:
            raise Refused(Refusal.MALFORMED, f"{name[:70]} is described as {authority.id}")
        yield authority


def _weight(authority: Authority) -> int:
    """How many bytes an authority adds to its page: a disclosure is base64url, a digest is signed for it."""
    plain = len(authority.model_dump_json(exclude_defaults=True).encode()) + len(authority.id) + _SALT_BYTES
    return plain * 4 // 3 + _DIGEST_BYTES
