"""Links between exchanges: noted here, and shown as far as somebody may see what is at their other end."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from node.handlers.access import Actor
from node.handlers.refused import Refused
from node.handlers.rights import Right
from node.runtime.cases import case_for, may_of, seen_case
from node.runtime.reading import case_seen
from node.runtime.seat import Seat
from node.runtime.working_set import WorkingSet
from node.store import exchanges, links
from schemas.exchange import Exchange
from schemas.links import Link, LinkKind, LinkView
from schemas.refusal import Refusal

_T = TypeVar("_T")


class Work(Protocol):
    """Does a task with one commit."""

    async def __call__(self, task: Callable[[WorkingSet], Awaitable[_T]], /) -> _T:
        """Do it, and return what it returns."""


class Links:
    """The links that this node knows of."""

    def __init__(self, seat: Seat, work: Work) -> None:
        """Read from the seat's store, and write with `work`."""
        self._seat = seat
        self._work = work

    async def note(self, exchange_id: str, other: str, kind: LinkKind, actor: Actor) -> None:
        """Note that an exchange follows or relates to another; nobody else is told.

        Raises:
            Denied: the actor may not work on the one.
            Refused: one of them is not known here, or not to the actor; or they are the same.
        """

        async def keep(work: WorkingSet) -> None:
            case = await case_for(work, actor, Right.PREPARE, exchange_id)
            await seen_case(work, actor, other)
            if other == exchange_id:
                raise Refused(Refusal.NO_MEANING, f"{other} can't be linked to itself")
            work.link(exchange_id, [(other, kind)], told=False)
            by = {"user": actor.id} if actor.id is not None else {}
            authority = case.exchange.authorities.get(case.role or "", self._seat.node)
            work.note(authority, "link.noted", exchange_id, other=other, kind=kind, **by)

        await self._work(keep)

    async def of(self, exchange_id: str, actor: Actor) -> list[LinkView]:
        """The links of an exchange; of one at the other end that the actor may not see, only that it is there.

        Raises:
            Unknown: there is no such exchange that the actor may know of.
        """
        db = self._seat.store.read
        await case_seen(self._seat, exchange_id, actor)
        found = await links.of(db, exchange_id)
        ends = await exchanges.load(db, [_end(link, exchange_id) for link in found])
        may = await may_of(self._seat, actor)
        seen = {name: other for name, other in ends.items() if may(Right.SEE, other)}
        return [self._view(link, exchange_id, seen.get(_end(link, exchange_id))) for link in found]

    def _view(self, link: Link, exchange_id: str, other: Exchange | None) -> LinkView:
        view = LinkView(kind=link.kind, outgoing=link.exchange == exchange_id, told=link.told)
        if other is None:
            return view
        procedure = self._seat.area(other.area, other.version).procedures[other.procedure]
        return view.model_copy(
            update={
                "exchange": other.id,
                "area": other.area,
                "procedure": other.procedure,
                "state": other.state,
                "state_label": procedure.states[other.state].label,
                "parties": other.parties,
            }
        )


def _end(link: Link, exchange_id: str) -> str:
    return link.other if link.exchange == exchange_id else link.exchange
