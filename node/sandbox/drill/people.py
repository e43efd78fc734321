"""Who works at the nodes of the drill: one user of each kind, and who of them may read personal data.

The roles that read are written down here once more, by the law and not by the program's own table, so that a role
that is given too much is found.
"""

from node.sandbox.cluster import Cluster
from node.sandbox.federation import default_authorities
from schemas.authorities import Authority, Coordination
from schemas.identifiers import COMMISSION
from schemas.parties import party_name
from schemas.people import Grant, Role
from schemas.register import AddUser, Change

HANDLER, ASSESSOR, OUTSIDER, COORDINATOR = "handler", "assessor", "outsider", "coordinator"

READING: tuple[Role, ...] = ("handler", "approver", "viewer")
"""Need to know for the case itself (IMI Regulation, Art. 9); at the Commission it is the assessor who handles cases."""
LOOKING: tuple[Role, ...] = ("allocator", "disseminator")
"""They see what a case is about, and nobody's personal data."""
NOT_READING: tuple[Role, ...] = (
    "administrator",
    "auditor",
    "statistician",
    "helpdesk",
    "operator",
)
"""They serve the authority, and need no content."""


def authority(node: str) -> str:
    """The authority whose cases the drill plays."""
    return "EC/e-commerce" if node == COMMISSION else f"{node}/consumer-protection"


def readers(node: str) -> tuple[str, ...]:
    """The users of a node who may read its cases."""
    return (acting(node), *READING[1:])


def lookers(node: str) -> tuple[str, ...]:
    """The users of a node who see its cases without personal data; the Commission has none of them."""
    return () if node == COMMISSION else LOOKING


def others(node: str) -> tuple[str | None, ...]:
    """The users of a node who may not so much as know of them, and the node's own account."""
    outsiders = (HANDLER, *LOOKING) if node == COMMISSION else (OUTSIDER,)
    return (*NOT_READING, COORDINATOR, *outsiders, None)


def acting(node: str) -> str:
    """The user who takes the steps of a node."""
    return ASSESSOR if node == COMMISSION else HANDLER


def authorities_of(node: str) -> tuple[Authority, ...]:
    """The usual two of a node, and one that has nothing to do with the drill's cases."""
    usual = default_authorities(node)
    if node == COMMISSION:  # where the first user is an administrator, too
        name = f"{node}/coordinator"
        return (*usual, Authority(id=name, name="Administration", coordination=Coordination(functions=("validating",))))
    elsewhere = {"id": f"{node}/elsewhere", "name": f"Another authority of {party_name(node)}"}
    return (*usual, usual[-1].model_copy(update=elsewhere))


async def employ(c: Cluster) -> None:
    """Register the users of every node."""
    for node, member in c.members.items():
        added: list[Change] = [
            AddUser(user=name, name=name.title(), grants=(grant,)) for name, grant in _staff(node).items()
        ]
        await member.client.register.change(*added)


def _staff(node: str) -> dict[str, Grant]:
    own = authority(node)
    staff = {COORDINATOR: Grant(authority=f"{node}/coordinator", role="administrator")}  # has to be the first
    staff |= {role: Grant(authority=own, role=role) for role in (*READING, *LOOKING, *NOT_READING)}
    if node == COMMISSION:
        return {**staff, ASSESSOR: Grant(authority=own, role="assessor")}
    return {**staff, OUTSIDER: Grant(authority=f"{node}/elsewhere", role="handler")}
