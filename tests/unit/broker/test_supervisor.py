"""A link is built again after every end, with growing pauses, and what it says is what was wrong."""

import asyncio

import pytest

from broker.port import BrokerDown
from broker.rabbitmq import consumer_is_lost
from broker.supervisor import Pauses, Supervisor

QUICK = Pauses(first_seconds=0.001, longest_seconds=0.002)


class Wire:
    """A link without anything at its other end."""

    def __init__(self) -> None:
        self.closed = False
        self._broken: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def is_broken(self) -> bool:
        return self._broken.done()

    async def broken(self) -> str:
        return await self._broken

    def cut(self, reason: str) -> None:
        self._broken.set_result(reason)

    async def close(self) -> None:
        self.closed = True


def supervisor(outcomes: list[Wire | Exception]) -> Supervisor[Wire]:
    async def build(_: int) -> Wire:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return Supervisor("test", build=build, explain=str, pauses=QUICK)


async def test_failures_are_told_and_tried_again() -> None:
    wire = Wire()
    kept = supervisor([OSError("the way is closed"), ValueError("a bug"), wire])
    kept.start()

    assert await kept.wait_open(10) is wire
    assert (kept.built, kept.rebuilt) == (1, 0)
    await kept.stop()
    assert wire.closed


async def test_no_two_attempts_have_the_same_number() -> None:
    numbers: list[int] = []

    async def build(number: int) -> Wire:
        numbers.append(number)
        if len(numbers) < 4:
            raise OSError("the way is closed")
        return Wire()

    kept = Supervisor("test", build=build, explain=str, pauses=QUICK)
    kept.start()
    await kept.wait_open(10)

    assert numbers == [1, 2, 3, 4]
    await kept.stop()


async def test_a_broken_link_is_closed_and_replaced() -> None:
    first, second = Wire(), Wire()
    kept = supervisor([first, second])
    kept.start()
    assert await kept.wait_open(10) is first

    first.cut("The cable was cut.")

    assert kept.link is None
    assert await kept.wait_open(10) is second
    assert (first.closed, kept.rebuilt) == (True, 1)
    await kept.stop()


async def test_waiting_for_a_link_that_does_not_come_tells_why() -> None:
    kept = supervisor([OSError("the way is closed") for _ in range(10_000)])
    kept.start()

    with pytest.raises(BrokerDown, match="the way is closed"):
        await kept.wait_open(0.05)
    await kept.stop()


async def test_nobody_waits_for_a_link_that_nobody_builds() -> None:
    kept = supervisor([])

    with pytest.raises(BrokerDown, match="Not started"):
        await kept.wait_open(3600)


async def test_stopping_while_nothing_runs_is_harmless_and_starting_twice_builds_once() -> None:
    kept = supervisor([Wire()])
    await kept.stop()

    kept.start()
    kept.start()

    await kept.wait_open(10)
    await kept.stop()
    assert kept.built == 1


async def test_stopping_succeeds_although_a_library_loses_the_cancellation() -> None:
    entered = asyncio.Event()

    async def build(_: int) -> Wire:
        entered.set()
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            raise OSError("this came in the same turn") from None
        return Wire()

    kept = Supervisor("test", build=build, explain=str, pauses=QUICK)
    kept.start()
    await entered.wait()

    async with asyncio.timeout(30):
        await kept.stop()


def test_pauses_grow_to_their_limit_and_are_spread() -> None:
    pauses = Pauses(first_seconds=0.2, longest_seconds=5)

    for failures, step in [(0, 0.2), (1, 0.4), (4, 3.2), (5, 5), (1000, 5)]:
        drawn = {pauses.after(failures) for _ in range(50)}
        assert all(step / 2 <= pause <= step for pause in drawn)
        assert len(drawn) > 1


@pytest.mark.parametrize(
    ("consumers", "waiting", "idle", "lost"),
    [
        (1, 0, True, False),
        (1, 9, False, False),
        (0, 0, True, True),
        (0, 9, False, True),
        (1, 9, True, True),  # another process's consumer is counted, but ours gets nothing although it has room
    ],
)
def test_a_lost_consumer_shows_in_what_the_broker_counts(
    consumers: int, waiting: int, *, idle: bool, lost: bool
) -> None:
    assert consumer_is_lost(consumers, waiting, idle=idle) is lost
