"""The registers of a node, as its users change them and look into them."""

from collections.abc import Sequence

from node.handlers import access
from node.handlers.access import Actor
from node.handlers.exchanges.procedure import procedure_of
from node.handlers.refused import Refused
from node.handlers.rights import Right
from node.runtime import register, register_publication
from node.runtime.desk import Transactions
from node.runtime.register import own_register
from node.runtime.seat import Seat
from schemas.people import User
from schemas.refusal import Refusal
from schemas.register import AuthorityQuery, AuthorityView, Change, FoundAuthorities, RegisterView


class Registers:
    """The own register, and what is known of those of other countries; every act names who acts."""

    def __init__(self, seat: Seat, work: Transactions) -> None:
        """Work in the transactions of this node."""
        self._seat = seat
        self._work = work

    async def change(self, wanted: Sequence[Change], actor: Actor) -> int:
        """Change authorities and users of this node, all or none; returns how many changes were made.

        Raises:
            Denied, RegisterRefused: nothing has changed.
        """
        self._seat.register = await self._work(lambda work: register.change(work, actor, wanted))
        return len(wanted)

    async def publish(self, actor: Actor) -> int:
        """Tell all other nodes of the authorities of this one now; returns how many nodes.

        Raises:
            Denied, DirectoryExpired: nobody was told.
        """
        access.require(actor, Right.VALIDATE, Right.OPERATE)
        return await self._work(register_publication.publish)

    async def find(self, query: AuthorityQuery, actor: Actor) -> FoundAuthorities:
        """Find authorities of any country; raises Denied."""
        access.require(actor, Right.SEE_REGISTER)
        if not await register.is_searchable(self._seat, self._seat.store.read):
            await self._work(register.make_searchable)
        return await register.find(self._seat, query)

    async def authority(self, name: str, actor: Actor) -> AuthorityView:
        """One authority of any country; raises Denied, UnknownAuthority."""
        access.require(actor, Right.SEE_REGISTER)
        return await register.authority_view(self._seat, name)

    async def own(self, actor: Actor) -> RegisterView:
        """The own register; raises Denied."""
        access.require(actor, Right.SEE_REGISTER)
        return await register.register_view(self._seat)

    async def opening(self, area: str, procedure: str, actor: Actor) -> list[str]:
        """The authorities of this node for which the actor may open an exchange; at least one.

        Raises:
            Refused: there is no such procedure, or no authority has access to it.
            Denied: others may open one for those that have.
        """
        access.require(actor, Right.OPEN)
        declared = self._seat.newest_area(area)
        procedure_of(declared, procedure)
        validated = (await own_register(self._seat)).validated
        able = sorted(name for name, one in validated.items() if access.is_registered(one, declared, procedure))
        if not able:
            detail = f"no authority of {self._seat.node} has access to {procedure}; a coordinator gives it"
            raise Refused(Refusal.NOT_A_PARTY, f"{detail}: imi authority access")
        return list(access.require_to_open(actor, able, area=area, procedure=procedure))

    async def users(self, actor: Actor) -> list[User]:
        """The users of those authorities whose users the actor may see, by id; raises Denied."""
        access.require(actor, Right.SEE_USERS)
        held = await own_register(self._seat)
        return [user for _, user in sorted(held.users.items()) if access.may_see_user(actor, user, held.validated)]
