"""Whose turn it is, in one sentence."""

from datetime import date

import pytest

from node.areas import BUILT_IN
from node.handlers.access import Actor, Case
from node.handlers.dates.deadlines import running
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.dates.sentences import standing_sentence
from node.handlers.dates.standing import is_yours, standing
from schemas.authorities import Authority, Coordination
from schemas.declaration import parse_policy_area
from schemas.desk import Desk, PendingStep
from schemas.exchange import Exchange
from schemas.people import Grant, Role, User
from schemas.policy_area import PolicyArea
from tests.unit.handlers.test_deadlines import SENT, START, area, case, deadline

AREA = parse_policy_area((BUILT_IN / "e_commerce.toml").read_text())
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
        ("CY", 29, "Cyprus is to accept, forward or refuse by 27 Nov 2026; 2 days overdue."),
    ],
)
def test_the_party_whose_turn_it_is_its_task_and_its_day(node: str, day: int, said: str) -> None:
    assert sentence(case([SENT]), node, date(2026, 11, day)) == f"Awaiting acceptance. {said}"


def test_it_is_critical_when_the_coordinators_are_told() -> None:
    assert sentence(case([SENT]), "DE", date(2026, 12, 1)).endswith("by 27 Nov 2026; critically overdue, by 4 days.")


OFFICE = Authority(id="CY/office", name="Office")
NIMIC = Authority(id="CY/nimic", name="Coordinator", coordination=Coordination(national=True))


def read_by(exchange: Exchange, *grants: tuple[str, Role], desk: Desk | None = None) -> str:
    """What a user of Cyprus reads."""
    user = User(
        id="anna",
        name="Anna",
        since=START,
        grants=tuple(Grant(authority=authority, role=role) for authority, role in grants),
    )
    found = Case(
        exchange=exchange,
        procedure=AREA.procedures["request"],
        node="CY",
        desk=desk or Desk(exchange=exchange.id),
        authorities={each.id: each for each in (OFFICE, NIMIC)},
    )
    dues = running(exchange, AREA, public_holidays)
    stands = standing(exchange, AREA, today=date(2026, 11, 24), dues=dues, desk=found.desk)
    yours = is_yours(Actor(user=user, grants=user.grants), found, stands)
    return standing_sentence(exchange, AREA, "CY", stands.model_copy(update={"yours": yours}))


def at_office(state: str) -> Exchange:
    exchange = case([SENT, ("CY", "accept", 1)], state=state)
    return exchange.model_copy(update={"authorities": {"responding": "CY/office"}})


def test_you_are_those_who_act_for_the_authority_whose_turn_it_is() -> None:
    accepted = at_office("accepted")

    assert read_by(accepted, ("CY/office", "handler")).startswith("Accepted. You are to reply, ")
    for other in (("CY/office", "viewer"), ("CY/office", "approver"), ("CY/nimic", "handler")):
        assert read_by(accepted, other).startswith("Accepted. CY/office is to reply, ")
    assert sentence(accepted, "DE", date(2026, 11, 24), AREA).startswith("Accepted. Cyprus is to reply, ")


def test_after_a_split_it_is_the_turn_of_the_authority_that_stays_responsible() -> None:
    split = at_office("accepted").model_copy(update={"further": {"responding": ("CY/nimic",)}})

    assert read_by(split, ("CY/nimic", "handler")).startswith("Accepted. CY/office is to reply, ")


def test_what_coordinators_decide_is_their_turn_and_no_handlers() -> None:
    proposed = at_office("reopening_proposed")

    told = "Formally closed; reopening proposed by the requesting country. The coordinators of Cyprus are to agree"
    assert read_by(proposed, ("CY/office", "handler")).startswith(told)
    assert sentence(proposed, "DE", date(2026, 11, 24), AREA).startswith(told)
    assert ". You are to agree" in read_by(proposed, ("CY/nimic", "referral_handler"))


def test_what_waits_for_approval_is_an_approvers_to_release() -> None:
    exchange = at_office("accepted")
    pending = PendingStep(step="reply", authority="CY/office", status="awaiting_approval", by="ben", at=START)
    desk = Desk(exchange=exchange.id, pending={"reply": pending})
    own = Desk(exchange=exchange.id, pending={"reply": pending.model_copy(update={"by": "anna"})})

    told = "Accepted. An approver of CY/office is to release this step: reply."
    assert read_by(exchange, ("CY/office", "handler"), desk=desk) == told
    assert read_by(exchange, ("CY/office", "approver"), desk=own) == told
    assert read_by(exchange, ("CY/office", "approver"), desk=desk) == "Accepted. You are to release this step: reply."


def test_a_foremost_period_is_named_before_one_that_ends_earlier() -> None:
    declared = area(
        early=deadline(label="Early", days=2), late=deadline(label="Late", days=9, foremost=True, settled_by=())
    )

    assert "is to late by" in sentence(case([SENT]), "DE", date(2026, 11, 24), declared)


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
