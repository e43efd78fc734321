"""What must hold between the copies of all nodes, once they are at rest."""

from collections.abc import Iterable

from node.sandbox.cluster import Cluster, Member
from schemas.exchange import Exchange


async def all_exchanges(member: Member) -> dict[str, Exchange]:
    """Every exchange that a node has a copy of, drafts left out."""
    found: dict[str, Exchange] = {}
    after: str | None = None
    while page := await member.client.exchanges(after=after, limit=200):
        found.update({exchange.id: exchange for exchange in page if exchange.opened_at is not None})
        after = page[-1].id
    return found


async def require_one_truth(cluster: Cluster, accepted: Iterable[str]) -> int:
    """Insist that nothing was lost, doubled or is stuck; returns how many messages the nodes agree on.

    Args:
        cluster: at rest.
        accepted: ids of the messages that a node said it had stored.
    """
    copies = {node: await all_exchanges(member) for node, member in cluster.members.items()}
    messages: set[str] = set()
    for node, held in copies.items():
        for name, exchange in held.items():
            steps = [entry.message for entry in exchange.history]
            assert len(set(steps)) == len(steps), f"doubled in {name} at {node}"
            messages.update(steps)
            for party in exchange.parties.values():
                assert name in copies[party], f"lost: {name} is not at {party}"
                assert shared(copies[party][name]) == shared(exchange), f"{name} differs at {party} and {node}"
    lost = set(accepted) - messages
    assert not lost, f"lost: {lost}"
    for member in cluster.members.values():
        status = await member.client.status()
        assert set(status.outbox) <= {"delivered"}, f"{member.node}: {status.outbox}"
        assert not status.waiting, f"stuck at {member.node}: {status.waiting}"
        refused = {each.message_id: each.code for each in await member.client.quarantine()}
        assert not messages & refused.keys(), f"set aside at {member.node}: {refused}"
    return len(messages)


def shared(exchange: Exchange) -> tuple[object, ...]:
    """What all copies of an exchange agree on."""
    steps = sorted((entry.message, entry.hash, entry.sender, entry.sequence) for entry in exchange.history)
    return exchange.state, sorted(exchange.parties.items()), exchange.closed_at, sorted(exchange.facts.items()), steps
