"""Asks a node everything that its API answers, as one of its users, and looks for canaries in the answers.

Errors are answers too. Searching is told apart: it answers with cases only, so a canary counts as found when asking
for it leads to a case.
"""

from collections.abc import AsyncIterator, Iterable, Sequence

from node.client import Declined, NodeClient
from node.client.search import Search
from node.client.talk import Talk
from node.sandbox.cluster import Member
from node.sandbox.drill.canaries import Canary
from node.sandbox.drill.people import authority
from schemas.search import Query

OF_A_NODE = (
    "/status",
    "/directory",
    "/quarantine",
    "/exchanges?limit=500",
    "/exchanges?overdue=yes",
    "/desk",
    "/notices",
    "/mails",
    "/register",
    "/register/opening",
    "/users",
    "/authorities",
    "/authorities/{authority}",
    "/statistics",
    "/statistics/check",
    "/translation",
    "/areas",
    "/areas/published",
    "/areas/e_commerce",
    "/ledger",
    "/ledger/checkpoints",
    "/privacy/requests",
    "/privacy/requests/1",
    "/privacy/unconfirmed",
    "/privacy/counts",
)
OF_AN_EXCHANGE = (
    "/exchanges/{id}",
    "/exchanges/{id}/evidence",
    "/exchanges/{id}/links",
    "/exchanges/{id}/retention",
    "/exchanges/{id}/versions",
)
OF_A_FILE = "/exchanges/{id}/attachments/{hash}"


class Doors:
    """Connections to nodes as their users, made once for as long as a node is up."""

    def __init__(self) -> None:
        """None is made yet."""
        self._made: dict[tuple[str, str], tuple[NodeClient, NodeClient]] = {}

    async def of(self, member: Member, user: str | None) -> NodeClient:
        """The connection of a user; of the node's own account if none is named."""
        if user is None:
            return member.client
        life, door = self._made.get((member.node, user), (None, None))
        if door is None or life is not member.client:
            door = (await member.as_user(user)).client
            self._made[member.node, user] = member.client, door
        return door


async def answers(
    talk: Talk, node: str, cases: Iterable[str], files: Sequence[tuple[str, str]]
) -> AsyncIterator[bytes]:
    """Everything that a node answers to somebody.

    Args:
        talk: the connection of a user.
        node: which one it leads to.
        cases: the numbers of exchanges.
        files: exchange and hash of each file.
    """
    paths = [path.format(authority=authority(node)) for path in OF_A_NODE]
    paths += [path.format(id=case) for case in cases for path in OF_AN_EXCHANGE]
    paths += [OF_A_FILE.format(id=case, hash=digest) for case, digest in files]
    for path in paths:
        yield await answer(talk, path)


async def answer(talk: Talk, path: str) -> bytes:
    """One answer, or the problem that was answered."""
    try:
        return await talk.get(path)
    except Declined as declined:
        return declined.problem.model_dump_json().encode()


async def searched(search: Search, canaries: Iterable[Canary]) -> set[Canary]:
    """The canaries that lead to a case, when they are searched for."""
    return {canary for canary in canaries if await _leads(search, canary.word)}


async def _leads(search: Search, words: str) -> bool:
    try:
        return bool((await search.find(Query(words=words))).exchanges)
    except Declined:
        return False
