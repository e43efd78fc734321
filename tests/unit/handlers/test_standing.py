"""Whose turn it is, in one sentence."""

from datetime import date

import pytest

from node.handlers.dates.deadlines import running
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.dates.sentences import standing_sentence
from node.handlers.dates.standing import standing
from schemas.exchange import Exchange
from schemas.policy_area import PolicyArea
from tests.unit.handlers.test_deadlines import SENT, area, case, deadline

DECLARED = area(
    acceptance=deadline(label="Accept, forward or refuse", days=3, escalates_after=4),
    information=deadline(
        label="Give the information", party="requesting", started_by=("send",), settled_by=("accept",), days=2
    ),
)


def sentence(exchange: Exchange, node: str, today: date, declared: PolicyArea = DECLARED) -> str:
    dues = running(exchange, declared, public_holidays)
    return standing_sentence(exchange, declared, node, standing(exchange, declared, today=today, dues=dues))


@pytest.mark.parametrize(
    ("node", "day", "said"),
    [
        ("DE", 24, "Cyprus is to accept, forward or refuse by 27 Nov 2026."),
        ("DE", 27, "Cyprus is to accept, forward or refuse by 27 Nov 2026."),
        ("DE", 28, "Cyprus is to accept, forward or refuse by 27 Nov 2026; 1 day overdue."),
        ("CY", 29, "You are to accept, forward or refuse by 27 Nov 2026; 2 days overdue."),
    ],
)
def test_the_party_whose_turn_it_is_its_task_and_its_day(node: str, day: int, said: str) -> None:
    assert sentence(case([SENT]), node, date(2026, 11, day)) == f"Awaiting acceptance. {said}"


def test_it_is_critical_when_the_coordinators_are_told() -> None:
    assert sentence(case([SENT]), "DE", date(2026, 12, 1)).endswith("by 27 Nov 2026; critically overdue, by 4 days.")


def test_without_a_period_the_ways_on_are_named() -> None:
    [only, *_] = sentence(case([SENT], state="more_information_asked"), "CY", date(2026, 11, 24), area()).split(", ")

    assert only.startswith("More information asked for. Germany is to give the information")


def test_where_a_state_expects_nobody_it_is_whose_period_ends_first() -> None:
    notification = DECLARED.procedures["request"].model_copy(
        update={
            "states": {
                **DECLARED.procedures["request"].states,
                "accepted": DECLARED.procedures["request"].states["accepted"].model_copy(update={"turn": None}),
            }
        }
    )
    declared = DECLARED.model_copy(update={"procedures": {"request": notification}})
    exchange = case([SENT], state="accepted")

    stands = standing(exchange, declared, today=date(2026, 11, 24), dues=running(exchange, declared, public_holidays))
    nobody = standing(exchange, declared, today=date(2026, 11, 24), dues=())

    assert (stands.turn, stands.node, stands.task) == ("requesting", "DE", ("Give the information",))
    assert (nobody.turn, nobody.node) == (None, None)


def test_what_is_closed_is_nobodys_turn() -> None:
    assert sentence(case([SENT], state="closed"), "DE", date(2026, 11, 24)) == "Answered and formally closed."
