"""Whatever happened before and after, a node on an old copy of its store comes to one truth with its peers.

Random acts over a faulty broker, as in `test_federation`; at some point a node's store is replaced by the copy of an
earlier point. What the others hold of it comes back. What nobody else had got is lost; nothing else is.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from broker.memory import Faults, MemoryExchange
from node.config import Config
from node.runtime import Refused
from schemas.refusal import Refusal
from tests.properties.test_federation import EVENTS, FAULTS, NODES, TAMPERED, Event, Story, copies, shared
from tests.unit.runtime.desks import Town, TownLife

ALLOWED = TAMPERED | {Refusal.WITHHELD}
"""A number that was lost everywhere is passed by, and its sender says so."""


async def copy_store(town: Town, node: str) -> None:
    """Keep a copy of a node's store as it is now."""
    await town.desks[node].stop()
    shutil.copytree(town.folder / node, town.folder / f"{node}.copy", dirs_exist_ok=True)
    await town.seat(node)


async def restore(town: Town, node: str) -> None:
    """Start a node on the copy, and let it hear from its peers before anybody acts there."""
    await town.desks[node].stop()
    shutil.rmtree(town.folder / node)
    shutil.copytree(town.folder / f"{node}.copy", town.folder / node)
    town.clock.advance(seconds=1)
    desk = await town.seat(node)
    await desk.runtime.greet()


async def tell(story: Story, events: list[Event]) -> None:
    for event in events:
        try:
            await story.tell(event)
        except Refused as refused:
            raise AssertionError(f"{event} was refused: {refused.detail}") from refused
        story.town.clock.advance(milliseconds=1)


async def calm(story: Story, faults: Faults) -> None:
    """Heal everything, and come to rest; then the faults are back."""
    story.town.exchange.faults = Faults()
    for node in NODES:
        story.town.exchange.heal(node)
    await story.town.settle()
    story.town.exchange.faults = faults


async def require_one_truth(town: Town) -> set[str]:
    """Insist that all copies agree; returns the messages that they agree on."""
    messages: set[str] = set()
    for name, held in (await copies(town)).items():
        one, *others = held.values()
        assert set(held) == set(one.parties.values()), f"{name} is known to {set(held)}"
        for other in others:
            assert shared(other) == shared(one), name
        messages.update(entry.message for entry in one.history)
    for desk in town.desks.values():
        assert set(await desk.outbox()) <= {"delivered"}, desk.node
        assert set(await desk.quarantined()) <= ALLOWED, desk.node
    return messages


async def others_have(town: Town, node: str) -> set[str]:
    """The messages that are somewhere else than at a node."""
    rows = [
        row
        for name, desk in town.desks.items()
        if name != node
        for row in await desk.rows("SELECT message_id FROM statements UNION SELECT message_id FROM waiting")
    ]
    return {message for (message,) in rows}


@given(
    faults=FAULTS,
    seed=st.integers(0, 2**32),
    node=st.sampled_from(NODES),
    parts=st.tuples(EVENTS, EVENTS, EVENTS),
)
def test_a_node_on_an_old_copy_comes_to_one_truth_with_its_peers(
    federation: dict[str, Config], faults: Faults, seed: int, node: str, parts: tuple[list[Event], ...]
) -> None:
    asyncio.run(_live(federation, faults, seed, node, parts))


async def _live(
    federation: dict[str, Config], faults: Faults, seed: int, node: str, parts: tuple[list[Event], ...]
) -> None:
    exchange = MemoryExchange(seed)
    before, lost, after = parts
    with tempfile.TemporaryDirectory(prefix="imi-") as folder:
        async with TownLife(Path(folder), federation, exchange=exchange) as town:
            town.chance.seed(seed)
            story = Story(town)
            exchange.faults = faults
            await tell(story, before)
            kept = set(story.accepted)
            await copy_store(town, node)
            await tell(story, lost)
            elsewhere = await others_have(town, node)
            await restore(town, node)
            await calm(story, faults)
            known = set(story.accepted)
            await tell(story, after)
            await calm(story, faults)

            messages = await require_one_truth(town)
            assert kept - messages == set(), "accepted before the copy, and lost"
            assert (known & elsewhere) - messages == set(), "held by a peer, and lost"
            assert set(story.accepted) - known - messages == set(), "accepted since, and lost"
