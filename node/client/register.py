"""The register of a node, and the authorities of all countries."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from node.client.talk import Talk, count_in
from schemas.people import User
from schemas.register import CHANGES, AuthorityQuery, AuthorityView, Change, FoundAuthorities, RegisterView

_NAMES: TypeAdapter[list[str]] = TypeAdapter(list[str])
_USERS: TypeAdapter[list[User]] = TypeAdapter(list[User])


class Register:
    """Looks authorities up, and changes those of the own node."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def own(self) -> RegisterView:
        """The own register."""
        return RegisterView.model_validate_json(await self._talk.get("/register"))

    async def opening(self, area: str, procedure: str) -> list[str]:
        """The authorities for which the actor may open an exchange; raises Declined where there is none."""
        return _NAMES.validate_json(await self._talk.get("/register/opening", {"area": area, "procedure": procedure}))

    async def change(self, *wanted: Change) -> int:
        """Make changes, all or none; returns how many.

        Raises:
            Declined: with who may, or what to do first; nothing has changed.
        """
        return await self.change_all(wanted)

    async def change_all(self, wanted: Sequence[Change]) -> int:
        """The same, for many."""
        return count_in(await self._talk.post("/register", CHANGES.dump_json(list(wanted)).decode()))

    async def publish(self) -> int:
        """Tell all other nodes of the own authorities now; returns how many nodes."""
        return count_in(await self._talk.post("/register/publication", ""))

    async def users(self) -> list[User]:
        """The users that the actor may see."""
        return _USERS.validate_json(await self._talk.get("/users"))

    async def find(self, query: AuthorityQuery) -> FoundAuthorities:
        """Authorities of any country, with the national coordinators."""
        given = query.model_dump(exclude_defaults=True)
        return FoundAuthorities.model_validate_json(
            await self._talk.get("/authorities", {name: str(value) for name, value in given.items()})
        )

    async def authority(self, name: str) -> AuthorityView:
        """One authority of any country; raises Declined where there is none."""
        return AuthorityView.model_validate_json(await self._talk.get(f"/authorities/{name}"))
