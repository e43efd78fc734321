"""Plays a story on the nodes of a cluster, one step after the other, each when the one before has arrived."""

import asyncio
from datetime import datetime
from typing import NamedTuple

from node.client import Declined, NodeClient
from node.sandbox.cluster import Cluster
from node.sandbox.proof import NotProven, signing_key_of
from node.sandbox.stage import Stage
from node.sandbox.story import Story, ToldStep
from schemas.api import StepView
from schemas.identifiers import NodeId, node_of
from schemas.parties import party_name

_RECEIPT_SECONDS = 30.0
_LOOK_SECONDS = 0.01


class StepFailed(Exception):
    """A step was not taken, or did not arrive; the message says which, and why."""


class Played(NamedTuple):
    """A story that was played, and the exchange that came of it."""

    case: str
    author: NodeId
    addressed: NodeId


async def play(cluster: Cluster, story: Story, stage: Stage) -> Played:
    """Play a story to its end, and tell each step.

    Raises:
        StepFailed: a node declined a step or refused a message, or a receipt did not come in time.
        BadSignature, NotProven: a step is not signed with a key that the directory vouches for, or copies differ.
    """
    case: str | None = None
    for told in story.steps:
        at = cluster.now()
        case, message = await _take(cluster, story, told, case, at)
        client = cluster[told.by].client
        step = await _arrived(client, case, message, told)
        stage.step(step, told.told(at), await signing_key_of(client, case, message))
        for reader in told.opened_by:
            await cluster[reader].client.note_opened(case)
            stage.opened(reader, told.by, await _opened(client, case, message, reader))
    opening = story.steps[0]
    await _tell_end(cluster, case or "", opening.by, stage)
    return Played(case or "", opening.by, node_of(opening.addressed or opening.authority))


async def _tell_end(cluster: Cluster, case: str, author: NodeId, stage: Stage) -> None:
    """Compare the copies of all parties."""
    own = await cluster[author].client.exchange(case)
    parties = own.exchange.parties.values()
    states = {party: (await cluster[party].client.exchange(case)).exchange.state for party in parties}
    if len(set(states.values())) != 1:
        raise NotProven(f"the copies of {case} differ: {states}")
    stage.say(("  " + case, "bold"), f" is {own.state_label.lower()}: so say the copies of {', '.join(states)}.")
    if own.next_due_at is not None:
        stage.say(f"  Its personal data will be blocked on {own.next_due_at:%-d %B %Y} by each of them.")


async def _take(cluster: Cluster, story: Story, told: ToldStep, case: str | None, at: datetime) -> tuple[str, str]:
    try:
        exchange = await cluster[told.by].client.take(told.act(story.procedure, case, at))
    except Declined as error:
        wrong = "".join(f"\n  {problem.field}: {problem.message}" for problem in error.problem.problems)
        raise StepFailed(f"{party_name(told.by)} could not take the step {told.step!r}: {error}{wrong}") from error
    return exchange.id, exchange.history[-1].message


async def _arrived(client: NodeClient, case: str, message: str, told: ToldStep) -> StepView:
    """Wait for the signed receipts of all recipients."""
    deadline = _now() + _RECEIPT_SECONDS
    while True:
        step = await _step(client, case, message)
        for delivery in step.deliveries:
            if delivery.state == "refused":
                raise StepFailed(f"{delivery.recipient} refused {told.step!r} of {case}: {delivery.help}")
        missing = [delivery.recipient for delivery in step.deliveries if delivery.state != "delivered"]
        if not missing:
            return step
        if _now() > deadline:
            raise StepFailed(
                f"no receipt for {told.step!r} of {case} from {', '.join(missing)} within {_RECEIPT_SECONDS:g} s"
            )
        await asyncio.sleep(_LOOK_SECONDS)


async def _opened(client: NodeClient, case: str, message: str, reader: str) -> datetime:
    deadline = _now() + _RECEIPT_SECONDS
    while _now() <= deadline:
        step = await _step(client, case, message)
        for delivery in step.deliveries:
            if delivery.recipient == reader and delivery.opened_at is not None:
                return delivery.opened_at
        await asyncio.sleep(_LOOK_SECONDS)
    raise StepFailed(f"{reader} gave no receipt for the opening of {case} within {_RECEIPT_SECONDS:g} s")


async def _step(client: NodeClient, case: str, message: str) -> StepView:
    view = await client.exchange(case)
    return next(step for step in view.steps if step.message == message)


def _now() -> float:
    return asyncio.get_running_loop().time()
