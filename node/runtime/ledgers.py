"""The ledger for those who audit it: who saw a person's data, the ledger as a file, checkpoints; never any content.

An auditor learns which exchanges a name stands in, by their numbers, because the question asks exactly that. So the
question itself is a line in the ledger, without its words.
"""

from collections.abc import Awaitable, Callable, Iterator

from pydantic import TypeAdapter

from node.crypto import ledger as chain
from node.handlers import access
from node.handlers.access import Actor, Denied
from node.handlers.rights import Right
from node.runtime import search
from node.runtime.cases import case_of, home_authorities
from node.runtime.reading import Unknown
from node.runtime.seat import Seat
from node.runtime.trust import DIRECTORY, ROOT
from node.runtime.working_set import WorkingSet
from node.store import checkpoints, desks, documents, exchanges, ledger, search_index
from node.store.ledger import LedgerEntry
from schemas.audit import CheckpointView, LedgerLine, Sightings, WhoSaw
from schemas.desk import Desk
from schemas.extract import ExtractEntry, ExtractHead, ExtractLine, ExtractPaper
from schemas.search import Query

MOST_EXCHANGES = 1000  # that one question looks into
_PAGE = 1000
_DETAIL: TypeAdapter[dict[str, object]] = TypeAdapter(dict[str, object])


class Ledgers:
    """What auditors ask of a node."""

    def __init__(self, seat: Seat, work: Callable[[Callable[[WorkingSet], Awaitable[None]]], Awaitable[None]]) -> None:
        """Answer for this node; `work` carries out something in a transaction."""
        self._seat = seat
        self._work = work

    async def who_saw(self, asked: WhoSaw, actor: Actor) -> Sightings:
        """Who read the personal data of the exchanges in which these words stand, or of the one with that number.

        Raises:
            Denied: the actor audits nothing here.
            Unknown: nothing is asked for.
            Unsearchable: the words can't be searched for in this way.
        """
        access.require(actor, Right.AUDIT)
        if not asked.words and not asked.number:
            raise Unknown("say whose data: words that the exchange says, or its case number")
        numbers = await search.numbers_of(
            self._seat, Query(words=asked.words, number=asked.number), most=MOST_EXCHANGES + 1
        )
        audited = await self._audited(numbers[:MOST_EXCHANGES], actor)
        lines = await ledger.about(self._seat.store.read, audited, "read.", asked.limit + 1)
        await self._note(actor, "audit.who_saw", exchanges=len(audited), by="words" if asked.words else "number")
        return Sightings(
            exchanges=len(audited),
            lines=tuple(_line(each) for each in lines[: asked.limit]),
            more=len(lines) > asked.limit or len(numbers) > MOST_EXCHANGES,
            behind=await search_index.behind(self._seat.store.read),
        )

    async def extract(self, actor: Actor, after: int = 0) -> list[str]:
        """The ledger as lines of JSON that `imi verify` checks without us: for a supervisory authority.

        It holds case numbers and user ids, and nothing of what any exchange says.

        Raises:
            Denied: the actor does not audit the whole node.
        """
        await self._require_all(actor)
        db, lines = self._seat.store.read, list[ExtractLine]()
        for name in (ROOT, DIRECTORY):
            lines += [ExtractPaper(name=name, version=e.version, text=e.text) for e in await documents.all(db, name)]
        start, seq = chain.GENESIS, after
        if after and (before := await ledger.following(db, after - 1, 1)):
            start = before[0].hash
        while page := await ledger.following(db, seq, _PAGE):
            lines += [_extracted(each) for each in page]
            seq = page[-1].seq
        own = [each.jws for each in await checkpoints.of_node(db, self._seat.node)]
        head = ExtractHead(
            node=self._seat.node, at=self._seat.clock.now(), first=after + 1, start=start, checkpoints=own
        )
        await self._note(actor, "audit.extract", first=after + 1, last=seq)
        return list(_texts(head, lines))

    async def checkpoints(self, actor: Actor) -> list[CheckpointView]:
        """The signed heads of ledgers that this node holds, its own and its peers'; raises Denied."""
        access.require(actor, Right.AUDIT, Right.OPERATE)
        return [
            CheckpointView(
                node=each.node, entries=each.entries, head=each.head, at=each.at, to=each.recipient, jws=each.jws
            )
            for each in await checkpoints.all(self._seat.store.read)
        ]

    async def _audited(self, numbers: list[str], actor: Actor) -> list[str]:
        """Leave out the exchanges with which the auditor's authorities have nothing to do."""
        seat, db = self._seat, self._seat.store.read
        known = await exchanges.load(db, numbers)
        on_desk = await desks.load(db, numbers)
        authorities = await home_authorities(seat)
        return [
            name
            for name, exchange in known.items()
            if access.may_audit(actor, case_of(seat, exchange, on_desk.get(name) or Desk(exchange=name), authorities))
        ]

    async def _require_all(self, actor: Actor) -> None:
        access.require(actor, Right.AUDIT)
        if not access.may_audit_all(actor, (await home_authorities(self._seat)).values()):
            raise Denied(
                Right.AUDIT,
                "the whole ledger is open to auditors of a coordinator for all policy areas; `imi ledger who-saw` "
                "shows you what concerns your authority",
            )

    async def _note(self, actor: Actor, action: str, **detail: object) -> None:
        async def write(work: WorkingSet) -> None:
            work.note(actor.id or work.seat.node, action, work.seat.node, **detail)

        await self._work(write)


def _line(entry: LedgerEntry) -> LedgerLine:
    detail = _DETAIL.validate_json(entry.detail)
    return LedgerLine.model_validate(
        {"seq": entry.seq, "at": entry.at, "actor": entry.actor, "action": entry.action, "subject": entry.subject}
        | {"detail": detail}
    )


def _extracted(entry: LedgerEntry) -> ExtractEntry:
    return ExtractEntry(
        seq=entry.seq,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        detail=entry.detail,
        hash=entry.hash,
    )


def _texts(head: ExtractHead, lines: list[ExtractLine]) -> Iterator[str]:
    yield head.model_dump_json()
    yield from (each.model_dump_json() for each in lines)
