"""Formal closure counts from the last reopening; referrals; what is still possible once personal data are blocked."""

from datetime import timedelta

import pytest

from node.handlers.exchanges.procedure import possible_steps
from node.handlers.refused import Refused
from schemas.exchange import Exchange
from tests.unit.handlers.cases import AREA, AT, after, form, opened, step_of, take


def closed(hour: int = 0) -> Exchange:
    exchange = after(opened(), ("CY", "accept"), ("CY", "reply"))
    step = step_of(exchange, "DE", "close", AT + timedelta(hours=hour))
    return take(exchange, step, form("close", "request"), "DE").exchange


def test_a_case_stays_closed_until_the_other_coordinator_agrees_and_is_closed_anew() -> None:
    proposed = after(closed(), ("DE", "propose_reopening"))
    reopened = after(proposed, ("CY", "agree_reopening"))
    replied = after(reopened, ("CY", "reply"))
    step = step_of(replied, "DE", "close", AT + timedelta(days=30))

    assert (proposed.closed_at, reopened.closed_at) == (AT, None)
    assert after(proposed, ("CY", "refuse_reopening")).closed_at == AT
    assert take(replied, step, form("close", "request"), "DE").exchange.closed_at == AT + timedelta(days=30)
    for name in ("agree_reopening", "refuse_reopening"):
        with pytest.raises(Refused):
            take(proposed, step_of(proposed, "DE", name), form(name, "request"), "DE")


def test_a_refusal_is_contested_and_taken_up_again_or_confirmed() -> None:
    referred = after(opened(), ("CY", "refuse"), ("DE", "refer"))

    assert (referred.state, referred.closed_at) == ("referred", None)
    assert after(referred, ("CY", "reconsider")).state == "accepted"
    confirmed = after(referred, ("CY", "uphold"))
    assert (confirmed.state, confirmed.closed_at) == ("closed", AT)
    assert confirmed.facts["timeliness"] == "good"


def test_a_blocked_case_is_not_taken_up_again_and_what_leaves_it_closed_may_still_be_said() -> None:
    blocked = closed().model_copy(update={"blocked_at": AT})
    notified = after(opened("notification"), ("DE", "close")).model_copy(update={"blocked_at": AT})
    told = notified.model_copy(update={"deleted_at": AT})

    with pytest.raises(Refused, match="the personal data of ECOM-REQ-DE-2026-000001 are blocked"):
        take(blocked, step_of(blocked, "DE", "propose_reopening"), form("propose_reopening", "request"), "DE")
    with pytest.raises(Refused, match="are deleted"):
        take(told, step_of(told, "DE", "follow_up"), form("follow_up", "notification"), "DE")
    follow_up = step_of(notified, "DE", "follow_up")
    assert take(notified, follow_up, form("follow_up", "notification"), "DE").exchange.state == "closed"
    assert possible_steps(blocked, AREA.procedures["request"], "DE") == ()
    assert "follow_up" in possible_steps(notified, AREA.procedures["notification"], "DE")
    # A peer that blocks later has said it in good time.
    late = step_of(blocked, "CY", "suggest_reopening")
    assert take(blocked, late, form("suggest_reopening", "request"), "DE").exchange.state == "reopening_suggested"
