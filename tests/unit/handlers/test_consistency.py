"""Two different steps under one number of one sender."""

from node.handlers.exchanges.consistency import Contradiction, contradictions
from tests.unit.handlers.cases import digest, opened, seen, step_of


def test_a_step_that_builds_on_what_is_here_contradicts_nothing() -> None:
    exchange = opened()
    assert contradictions(exchange, step_of(exchange, "CY", "accept")) == ()


def test_a_step_that_builds_on_another_step_under_the_same_number_is_named() -> None:
    exchange = opened()
    step = step_of(exchange, "CY", "accept", seen={"DE": seen(1, "another")})
    [found] = contradictions(exchange, step)
    assert found == Contradiction("DE", 1, exchange.history[0].hash, digest("another"))


def test_a_step_that_builds_on_what_has_not_come_yet_contradicts_nothing() -> None:
    exchange = opened()
    assert contradictions(exchange, step_of(exchange, "CY", "accept", seen={"DE": seen(2, "another")})) == ()
