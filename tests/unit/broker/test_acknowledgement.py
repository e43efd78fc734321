"""Acknowledgements settle what was asked, nothing else, in as few frames as may be."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from broker.acknowledgement import Ack, Outstanding


def outstanding(tags: Iterable[int]) -> Outstanding:
    known = Outstanding()
    for tag in tags:
        known.add(tag)
    return known


def as_the_broker_reads(acks: Iterable[Ack], unsettled: set[int]) -> set[int]:
    """Apply acknowledgements as AMQP 0-9-1 says, and give what the broker still holds."""
    for tag, multiple in acks:
        assert tag in unsettled, "the broker closes the channel on an unknown tag"
        unsettled = {other for other in unsettled if (other > tag if multiple else other != tag)}
    return unsettled


def test_a_whole_batch_is_one_acknowledgement() -> None:
    assert list(outstanding(range(1, 401)).settle(range(1, 401))) == [Ack(400, multiple=True)]


def test_batches_in_order_are_one_acknowledgement_each() -> None:
    known = outstanding(range(1, 11))

    assert list(known.settle([1, 2, 3])) == [Ack(3, multiple=True)]
    assert list(known.settle([4, 5])) == [Ack(5, multiple=True)]
    assert len(known) == 5


def test_one_that_stays_does_not_hold_up_the_others() -> None:
    assert list(outstanding([1, 2, 3, 4]).settle([1, 3, 4])) == [
        Ack(1, multiple=True),
        Ack(3, multiple=False),
        Ack(4, multiple=False),
    ]


def test_settling_twice_tells_the_broker_once() -> None:
    known = outstanding([1, 2])
    list(known.settle([1]))

    assert list(known.settle([1])) == []


@given(st.lists(st.sets(st.integers(1, 30))))
def test_the_broker_ends_up_with_exactly_what_was_not_settled(batches: list[set[int]]) -> None:
    known, held = outstanding(range(1, 31)), set(range(1, 31))

    for batch in batches:
        held = as_the_broker_reads(known.settle(batch), held)

    assert held == set(range(1, 31)).difference(*batches)
    assert len(known) == len(held)
