"""The procedures of the e-Commerce pilot: who can cross whom, what closes and reopens, whose data are hidden."""

import pytest

from schemas.policy_area import PolicyArea, Procedure
from tests.unit.schemas.test_e_commerce import area

__all__ = ["area"]


def _steps(procedure: Procedure, role: str, state: str) -> set[str]:
    return {name for name, step in procedure.steps.items() if role in step.by and state in step.sources}


def test_what_can_cross_the_steps_of_the_responding_side_is_a_withdrawal_an_answer_or_an_agreement(
    area: PolicyArea,
) -> None:
    request = area.procedures["request"]
    may_cross = {"withdraw", "give_information", "agree_date", "propose_reopening"}
    for state in request.states:
        if _steps(request, "responding", state):
            assert _steps(request, "requesting", state) <= may_cross


def test_a_withdrawal_wins_over_every_step_that_it_crosses(area: PolicyArea) -> None:
    request = area.procedures["request"]
    at_work = {"awaiting_acceptance", "forwarded", "accepted", "more_information_given", "referred"}
    responding = [step for step in request.steps.values() if "responding" in step.by and at_work & set(step.sources)]
    withdraw = request.steps["withdraw"]

    assert {step.to for step in responding if step.to} <= {*withdraw.sources, *withdraw.crossing}
    assert set(withdraw.crossing.values()) == {"withdrawn"}
    assert all(step.crossing == {"withdrawn": "withdrawn"} for step in responding)


def test_only_both_coordinators_reopen_and_the_case_stays_closed_until_then(area: PolicyArea) -> None:
    request = area.procedures["request"]
    proposed = {"reopening_proposed": "responding", "reopening_suggested": "requesting"}

    for state, other in proposed.items():
        assert request.states[state].final
        assert request.states[state].counts_as == "closed"
        leading = {name for name, step in request.steps.items() if state in step.sources}
        assert {request.steps[name].by for name in leading} == {(other,)}
        assert {request.steps[name].to for name in leading} == {"accepted", "closed"}
    reopening = [step for name, step in request.steps.items() if "reopening" in name or "suggestion" in name]
    assert len(reopening) == 6
    assert all(step.coordinators for step in reopening)


def test_personal_data_are_hidden_from_who_has_not_accepted_or_has_no_more_need(area: PolicyArea) -> None:
    states = area.procedures["request"].states

    hiding = {name for name, state in states.items() if state.hides_personal_from == ("responding",)}
    assert hiding == {"awaiting_acceptance", "forwarded", "refused", "withdrawn"}


def test_each_country_rates_the_other_once_the_reply_is_there(area: PolicyArea) -> None:
    for form in ("closure", "referral"):
        assert all(area.forms[form].field(name).mandatory for name in ("timeliness", "effort"))


@pytest.mark.parametrize(("procedure", "counting"), [("request", {"accept": "accepted", "reply": "answered"})])
def test_indicators_count_acceptance_and_answer(area: PolicyArea, procedure: str, counting: dict[str, str]) -> None:
    steps = area.procedures[procedure].steps

    assert {name: step.counts for name, step in steps.items() if step.counts} == counting


@pytest.mark.parametrize("name", ["request", "notification", "outside"])
def test_every_state_is_reached(area: PolicyArea, name: str) -> None:
    procedure = area.procedures[name]

    assert {step.to for step in procedure.steps.values() if step.to} == set(procedure.states) - {procedure.initial}


@pytest.mark.parametrize("name", ["request", "notification", "outside"])
def test_what_leaves_a_final_state_is_contested_or_reopened_by_coordinators(area: PolicyArea, name: str) -> None:
    procedure = area.procedures[name]
    for step_name, step in procedure.steps.items():
        left = {state for state in step.sources if procedure.states[state].final}
        if left and step.to is not None:
            assert step.coordinators or (step_name, left) == ("refer", {"refused"})


def test_a_notification_is_closed_for_good_and_what_is_said_later_leaves_it_closed(area: PolicyArea) -> None:
    steps = area.procedures["notification"].steps

    after = {name: step.to for name, step in steps.items() if "closed" in step.sources}
    assert after == dict.fromkeys(("assess", "answer", "follow_up", "addendum"))


@pytest.mark.parametrize("name", ["request", "notification"])
def test_a_deadline_belongs_to_a_party_and_its_date_stands_in_the_starting_form(area: PolicyArea, name: str) -> None:
    procedure = area.procedures[name]
    for deadline in procedure.deadlines.values():
        assert deadline.party in procedure.parties
        for step in deadline.started_by if deadline.field else ():
            form = procedure.steps[step].form
            assert form is not None
            assert area.forms[form].field(str(deadline.field)).type == "date"


def test_a_status_that_statistics_use_is_a_state(area: PolicyArea) -> None:
    for procedure in area.procedures.values():
        assert {state.counts_as for state in procedure.states.values() if state.counts_as} <= set(procedure.states)
