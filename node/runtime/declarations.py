"""Declarations that the Commission publishes: it tells every node, signed, and each proves them before it takes them.

Proving that the copies of an exchange can't come to differ may take seconds, so it is done in a process of its own,
and before the transaction: when the statement has been opened, and again only for one that had to wait for earlier
ones and was not proven before. Meanwhile the desk is free.
"""

from collections.abc import Iterable, Mapping, Sequence

from node.areas import declaration_hash
from node.crypto import statement as signing
from node.crypto.envelope import OpenedStatement
from node.handlers import publications
from node.handlers.exchanges.procedure import Refused
from node.handlers.publications import MAX_TEXT_BYTES, NOTICE
from node.runtime.reading import Unknown
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import declarations as store
from schemas.declaration import BadDeclaration, parse_policy_area
from schemas.identifiers import COMMISSION
from schemas.messages import DeclarationPublished, Step
from schemas.policy_area import PolicyArea
from schemas.publication import AreaView, DeclarationView, Publication, Publishing
from schemas.refusal import Refusal

_FIELD = "declaration"
"""The one disclosure of a publication: the text."""


async def recall(seat: Seat) -> None:
    """Take what was published, as the store has it, beside the areas of program and folder.

    A text that was published counts, should program or folder have another one under its version: exchanges began with
    it.

    Raises:
        BadDeclaration: one was taken over by another program, and this one can't read it.
    """
    texts = await store.texts(seat.store.read)
    seat.areas = {**seat.areas, **{key: _read(key, text) for key, text in texts.items()}}
    seat.published = await store.publications(seat.store.read)


def _read(key: tuple[str, int], text: str) -> PolicyArea:
    try:
        return parse_policy_area(text)
    except BadDeclaration as error:
        name, version = key
        raise BadDeclaration(
            f"{name}, version {version}, was published, and this program can't read it; start the one before: {error}"
        ) from error


async def prove_ahead(seat: Seat, arrivals: Iterable[object]) -> None:
    """Prove the declarations among arrivals, before the transaction that takes them in; the verdict is kept."""
    for arrival in arrivals:
        match arrival:
            case OpenedStatement(statement=DeclarationPublished(sender=sender), body={"declaration": str(text)}):
                if sender == COMMISSION and len(text.encode()) <= MAX_TEXT_BYTES:
                    await seat.prover.verdict(text)
            case _:
                continue


async def take_over(work: WorkingSet, published: DeclarationPublished, body: Mapping[str, object]) -> None:
    """Take over what the Commission published.

    Raises:
        Refused: somebody else published it, it does not follow from what was published before, or it can't be used.
    """
    seat = work.seat
    if published.sender != COMMISSION:
        raise Refused(Refusal.NOT_YOUR_STEP, "only the Commission publishes declarations")
    new = Publication(
        area=published.area,
        version=published.version,
        stage=published.stage,
        hash=published.hash,
        since=published.since,
    )
    text = await _text(work, published, body)
    area = await _proven(seat, text)
    known = await store.publications(work.db)
    publications.require_publishable(new, area, known, seat.areas)
    await store.add(work.db, new, text, seat.clock.now())
    work.note(COMMISSION, f"received.{new.stage}", f"{new.area}/{new.version}", hash=new.hash)
    seat.areas = {**seat.areas, (new.area, new.version): area}
    seat.published = await store.publications(work.db)


def require_could_begin(seat: Seat, step: Step) -> None:
    """Insist that the exchange that a peer opens could begin under its version.

    Raises:
        Refused: UNKNOWN_AREA; this node does not have the version, or it was not in force.
    """
    area = seat.area(step.area, step.version)
    publications.require_was_open(area, seat.published.get((step.area, step.version), ()), step.at)


async def require_provable(seat: Seat, publishing: Publishing) -> None:
    """Prove what is to be published, before the transaction.

    Raises:
        Refused: this is not the Commission's node, or the declaration can't be used.
    """
    if seat.node != COMMISSION:
        raise Refused(
            Refusal.NOT_YOUR_STEP, f"only the Commission publishes declarations, and this node is {seat.node}"
        )
    await _proven(seat, publishing.text)


async def publish(work: WorkingSet, publishing: Publishing, user: str | None) -> int:
    """Publish a declaration, or a further stage of one, to every active node; returns to how many.

    What was published before is only told to those who were not told yet.

    Args:
        work: the transaction.
        publishing: the text and its stage.
        user: who publishes; none is the node's own account.

    Raises:
        Refused: it does not follow from what was published before, or is too large.
    """
    seat, now = work.seat, work.seat.clock.now()
    area = await _proven(seat, publishing.text)
    since = publishing.since or (now if publishing.stage == "consultation" else now + NOTICE)
    digest = declaration_hash(publishing.text)
    new = Publication(area=area.area, version=area.version, stage=publishing.stage, hash=digest, since=since)
    known = await store.publications(work.db)
    before = [each for each in known.get((new.area, new.version), ()) if each.stage == new.stage]
    publications.require_publishable(new, area, known, seat.areas)
    publications.require_not_closing(new, known, seat.areas)
    if not before:
        await store.add(work.db, new, publishing.text, now)
        work.note(COMMISSION, f"published.{new.stage}", f"{new.area}/{new.version}", hash=digest, user=user)
    return await _tell(work, before[0] if before else new)


async def tell_newcomers(work: WorkingSet) -> int:
    """Tell nodes that joined since then what was published before; returns how many statements were made."""
    if work.seat.node != COMMISSION or not work.seat.published or not work.seat.has_directory():
        return 0
    every = [each for stages in work.seat.published.values() for each in stages]
    return sum([bool(await _tell(work, each)) for each in every])


def views(seat: Seat) -> list[AreaView]:
    """Every version of every policy area that this node knows, by name and version."""
    now = seat.clock.now()
    return [publications.view(area, seat.published.get(key, ()), now) for key, area in sorted(seat.areas.items())]


async def declaration_view(seat: Seat, name: str, version: int | None) -> DeclarationView:
    """One version of a policy area with its text; the newest one where none is named.

    Raises:
        Unknown: this node does not have it.
    """
    found = [each for each in views(seat) if each.area == name and version in (None, each.version)]
    if not found:
        raise Unknown(f"this node does not have {name}{f', version {version}' if version else ''}")
    return DeclarationView(view=found[-1], text=await store.text_of(seat.store.read, name, found[-1].version))


async def _text(work: WorkingSet, published: DeclarationPublished, body: Mapping[str, object]) -> str:
    """The text of a publication; a retirement has none, and is of a text that this node has."""
    if published.stage == "retired" and not body:
        text = await store.text_of(work.db, published.area, published.version)
        if text is None:
            detail = f"{published.area}, version {published.version}, was not published here before it was retired"
            raise Refused(Refusal.UNKNOWN_AREA, detail)
    else:
        match body:
            case {"declaration": str(text)} if len(body) == 1:
                pass
            case _:
                raise Refused(Refusal.MALFORMED, "the text of the declaration is the one disclosure")
    if declaration_hash(text) != published.hash:
        raise Refused(Refusal.MALFORMED, "the text of the declaration does not have the hash that is signed")
    return text


async def _proven(seat: Seat, text: str) -> PolicyArea:
    size = len(text.encode())
    if size > MAX_TEXT_BYTES:
        raise Refused(
            Refusal.TOO_LARGE,
            f"the declaration has {size // 1024} KiB, and {MAX_TEXT_BYTES // 1024} KiB fit into an envelope; share "
            "fields of forms in blocks, shorten comments, or split the policy area",
        )
    problem = await seat.prover.verdict(text)
    if problem is not None:
        raise Refused(Refusal.MALFORMED, problem)
    try:
        return parse_policy_area(text)
    except BadDeclaration as error:
        raise Refused(Refusal.MALFORMED, str(error)) from error


async def _tell(work: WorkingSet, publication: Publication) -> int:
    """Tell the active nodes that were not told yet; returns how many."""
    seat = work.seat
    seat.require_directory()
    active = {entry.id for entry in seat.trust.nodes() if entry.status == "active"} - {seat.node}
    peers = await store.untold(work.db, publication, active)
    if not peers:
        return 0
    text = await store.text_of(work.db, publication.area, publication.version)
    said = text is not None and not await _have_text(work, publication, peers)
    digests, disclosures = signing.disclose({_FIELD: text} if said else {}, seat.random)
    statement = DeclarationPublished(
        id=seat.new_id(),
        sender=seat.node,
        at=seat.clock.now(),
        to=work.next_numbers(peers),
        digests=digests,
        area=publication.area,
        version=publication.version,
        hash=publication.hash,
        stage=publication.stage,
        since=publication.since,
    )
    work.issue(statement, disclosures)
    await store.note_told(work.db, publication, peers)
    return len(peers)


async def _have_text(work: WorkingSet, publication: Publication, peers: Sequence[str]) -> bool:
    """Whether a retirement can do without the text: all whom it is told to were told an earlier stage."""
    if publication.stage != "retired":
        return False
    known = await store.publications(work.db)
    earlier = [each for each in known[publication.area, publication.version] if each.stage != "retired"]
    return any([not await store.untold(work.db, each, peers) for each in earlier])
