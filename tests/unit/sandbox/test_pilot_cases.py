"""The recorded cases give every figure of the Commission's report, COM(2021) 295, sections 5 and 6."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from node.sandbox.cases import Case, Module, Pilot, read_cases
from schemas.declaration import parse_policy_area
from schemas.identifiers import node_of
from schemas.policy_area import PolicyArea, StepRule

ROOT = Path(__file__).parents[3]
FILE = ROOT / "node" / "sandbox" / "pilot_cases.json"
FIGURES = ROOT / "node" / "sandbox" / "report_figures.json"
LAUNCH = date(2013, 11, 27)
END_OF_2019 = datetime(2020, 1, 1, tzinfo=UTC)
START_OF_2021 = datetime(2021, 1, 1, tzinfo=UTC)
NO_COORDINATOR = {"DE", "FR", "IS", "LI"}


@pytest.fixture(scope="module")
def pilot() -> Pilot:
    return read_cases(FILE)


@pytest.fixture(scope="module")
def area() -> PolicyArea:
    return parse_policy_area((ROOT / "schemas" / "policy_areas" / "e_commerce.toml").read_text(encoding="utf-8"))


def _until_2019(pilot: Pilot, procedure: Module) -> tuple[Case, ...]:
    return pilot.sent(procedure, LAUNCH, date(2019, 12, 31))


def _in_2020(pilot: Pilot, procedure: Module) -> tuple[Case, ...]:
    return pilot.sent(procedure, date(2020, 1, 1), date(2020, 12, 31))


def _percent(count: int, total: int) -> int:
    """Round half up."""
    return (200 * count + total) // (2 * total)


def _senders(cases: tuple[Case, ...]) -> Counter[str]:
    return Counter(node_of(case.sender) for case in cases)


def _receivers(cases: tuple[Case, ...]) -> Counter[str]:
    return Counter(node_of(case.receiver) for case in cases)


def _six_months_after(moment: datetime) -> datetime:
    year, month = divmod(moment.month + 5, 12)
    return moment.replace(year=moment.year + year, month=month + 1, day=min(moment.day, 28))


def _status(area: PolicyArea, case: Case, now: datetime) -> str:
    """Take the case's steps as declared, and say where it stands at that time."""
    procedure = area.procedures[case.procedure]
    state, closed_at = procedure.initial, None
    for event in case.events:
        if event.at >= now:
            break
        step = procedure.steps[event.step]
        assert state in step.sources, f"{case.id}: {event.step} in the state {state}"
        state = step.to or state
        closed_at = event.at if procedure.states[state].final else None
    if closed_at is not None and _six_months_after(closed_at) <= now:
        return "blocked"
    return procedure.states[state].counts_as or state


def _statuses(area: PolicyArea, cases: tuple[Case, ...], now: datetime) -> Counter[str]:
    return Counter(_status(area, case, now) for case in cases)


def _ended_or_status(area: PolicyArea, cases: tuple[Case, ...], now: datetime) -> Counter[str]:
    """Count what was formally closed by its last step, hidden since or not."""
    ends = {"close": "closed", "refuse": "refused", "withdraw": "withdrawn"}
    statuses = [(case, _status(area, case, now)) for case in cases]
    return Counter(ends[case.events[-1].step] if status == "blocked" else status for case, status in statuses)


# Section 5: authorities


def test_registry_has_the_authorities_of_the_report(pilot: Pilot) -> None:
    authorities = pilot.authorities.values()
    requests = [authority for authority in authorities if "request" in authority.modules]
    notifications = [authority for authority in authorities if "notification" in authority.modules]

    assert (len(requests), len(notifications), len(authorities)) == (80, 68, 85)
    assert len({authority.id for authority in requests} & {authority.id for authority in notifications}) == 63
    assert sum(authority.national_coordinator for authority in authorities) == 27
    assert sum(authority.national_coordinator for authority in notifications) == 17


def test_every_country_registers_one_to_four_authorities_a_module_but_for_those_named(pilot: Pilot) -> None:
    counts = {
        (country, module): sum(module in authority.modules for authority in listed)
        for country, listed in pilot.registry.items()
        for module in ("request", "notification")
    }

    assert len(pilot.registry) == 31
    assert {place: count for place, count in counts.items() if not 1 <= count <= 4} == {
        ("HR", "request"): 5,
        ("CY", "request"): 11,
        ("CY", "notification"): 11,
        ("DE", "notification"): 7,
    }


def test_a_country_has_at_most_one_national_coordinator(pilot: Pilot) -> None:
    with_one = {
        country
        for country, listed in pilot.registry.items()
        if sum(authority.national_coordinator for authority in listed) == 1
    }

    assert set(pilot.registry) - with_one == NO_COORDINATOR


# Section 6: 2013 to 2019


def test_255_exchanges_until_2019(pilot: Pilot) -> None:
    assert len(_until_2019(pilot, "request")) == 149
    assert len(_until_2019(pilot, "notification")) == 106
    assert len(pilot.cases) == 149 + 106 + 16 + 18


def test_who_sent_requests_until_2019(pilot: Pilot) -> None:
    senders = _senders(_until_2019(pilot, "request"))

    assert senders == {"UK": 107, "ES": 28, "BE": 5, "DE": 5, "IE": 4}
    assert [_percent(senders[country], 149) for country in ("UK", "ES", "BE", "DE", "IE")] == [72, 19, 3, 3, 3]
    assert _percent(senders["BE"] + senders["DE"] + senders["IE"], 149) == 9


def test_who_received_requests_until_2019(pilot: Pilot) -> None:
    receivers = _receivers(_until_2019(pilot, "request"))

    assert [(country, _percent(count, 149)) for country, count in receivers.most_common(3)] == [
        ("CY", 33),
        ("DE", 17),
        ("NL", 17),
    ]


def test_who_sent_notifications_until_2019(pilot: Pilot) -> None:
    senders = _senders(_until_2019(pilot, "notification"))

    assert senders == {"IT": 62, "UK": 37, "BE": 4, "IE": 2, "ES": 1}
    assert [_percent(senders[country], 106) for country in ("IT", "UK", "BE", "IE")] == [58, 35, 4, 2]


def test_some_countries_took_part_in_nothing_and_some_in_no_notification(pilot: Pilot) -> None:
    requests, notifications = _until_2019(pilot, "request"), _until_2019(pilot, "notification")
    notifying = set(_senders(notifications)) | set(_receivers(notifications))
    requesting = set(_senders(requests)) | set(_receivers(requests))

    assert len(set(pilot.registry) - notifying - requesting) == 14
    assert requesting - notifying == {"AT", "FR", "LU", "PL"}


def test_how_requests_stood_at_the_end_of_2019(pilot: Pilot, area: PolicyArea) -> None:
    statuses = _ended_or_status(area, _until_2019(pilot, "request"), END_OF_2019)

    assert statuses == {
        "closed": 110,
        "refused": 13,
        "withdrawn": 12,
        "accepted": 6,
        "more_information_asked": 2,
        "awaiting_acceptance": 3,
        "answered": 3,
    }
    assert [_percent(statuses[status], 149) for status in ("closed", "refused", "withdrawn")] == [74, 9, 8]


def test_requests_of_the_first_years_stand_a_year_later_as_they_did(pilot: Pilot, area: PolicyArea) -> None:
    cases = _until_2019(pilot, "request")

    assert _ended_or_status(area, cases, START_OF_2021) == _ended_or_status(area, cases, END_OF_2019)


def test_all_notifications_until_2019_were_closed(pilot: Pilot, area: PolicyArea) -> None:
    assert _ended_or_status(area, _until_2019(pilot, "notification"), END_OF_2019) == {"closed": 106}


def test_how_long_measures_last(pilot: Pilot) -> None:
    durations = Counter(str(case.events[0].form["duration"]) for case in _until_2019(pilot, "notification"))

    assert durations == {"permanent": 100, "temporary": 4, "until_compliance": 2}
    assert [_percent(durations[duration], 106) for duration in ("permanent", "temporary")] == [94, 4]


# Section 6: 2020


def test_requests_of_2020(pilot: Pilot, area: PolicyArea) -> None:
    cases = _in_2020(pilot, "request")
    two = dict.fromkeys(("IE", "IT", "CY", "LU"), 2)
    one = dict.fromkeys(("FR", "AT", "PT", "DE", "NL", "UK", "LU", "BE"), 1)

    assert _senders(cases) == {"DE": 6, "UK": 5, "IT": 3, "NL": 2}
    assert _receivers(cases) == Counter(two) + Counter(one)  # Luxembourg stands in both lists: 3
    assert _statuses(area, cases, START_OF_2021) == {
        "closed": 5,
        "accepted": 5,
        "withdrawn": 5,
        "awaiting_acceptance": 1,
    }


def test_notifications_of_2020(pilot: Pilot, area: PolicyArea) -> None:
    cases = _in_2020(pilot, "notification")

    assert _senders(cases) == {"IT": 15, "NL": 2, "UK": 1}
    assert _statuses(area, cases, START_OF_2021) == {"closed": 12, "open_for_comments": 2, "blocked": 4}


def test_no_case_of_2020_is_closed_within_days_of_the_half_year(pilot: Pilot) -> None:
    """Whether a case is hidden on 1 January 2021 must not hang on the hour, or on how months are counted."""
    ends = [case.events[-1].at.date() for case in pilot.cases if case.events[-1].step in ("close", "withdraw")]

    assert not [end for end in ends if date(2020, 6, 27) <= end <= date(2020, 7, 3)]


def test_no_case_with_the_united_kingdom_is_left_open_when_it_leaves(pilot: Pilot, area: PolicyArea) -> None:
    for case in pilot.cases:
        if "UK" in case.parties:
            assert _status(area, case, START_OF_2021) in {"closed", "withdrawn", "refused", "blocked"}


# The cases themselves


def test_every_case_is_a_story_that_the_declaration_tells(pilot: Pilot, area: PolicyArea) -> None:
    for case in pilot.cases:
        procedure = area.procedures[case.procedure]
        opener = node_of(case.sender)
        roles = {procedure.initiator: opener, procedure.addressee: node_of(case.receiver), "commission": "EC"}
        _status(area, case, START_OF_2021)
        for event in case.events:
            assert event.by in {roles[role] for role in procedure.steps[event.step].by}, f"{case.id}: {event.step}"


def test_every_answer_is_one_that_the_form_offers(pilot: Pilot, area: PolicyArea) -> None:
    for case in pilot.cases:
        for event in case.events:
            step = area.procedures[case.procedure].steps[event.step]
            for name, answer in event.form.items():
                assert _fits(area, step, name, answer), f"{case.id}: {event.step}: {name} = {answer}"


def _fits(area: PolicyArea, step: StepRule, name: str, answer: object) -> bool:
    field = area.forms[str(step.form)].field(name)
    checks: dict[str, Callable[[object], bool]] = {
        "choice": lambda value: value in area.answers[str(field.answers)],
        "choices": lambda value: isinstance(value, tuple) and set(value) <= set(area.answers[str(field.answers)]),
        "yes_no": lambda value: isinstance(value, bool),
        "date": lambda value: bool(date.fromisoformat(str(value))),
        "moment": lambda value: datetime.fromisoformat(str(value)).tzinfo == UTC,
    }
    return checks[field.type](answer)


def test_every_coded_or_dated_answer_that_is_a_fact_or_a_condition_is_given(pilot: Pilot, area: PolicyArea) -> None:
    left_to_the_reader = {"guidance_outcome"}
    for case in pilot.cases:
        for event in case.events:
            step = area.procedures[case.procedure].steps[event.step]
            for field in area.forms[step.form].fields if step.form else ():
                if field.mandatory and field.fact:
                    assert field.name in {*event.form, *left_to_the_reader}, f"{case.id}: {event.step}: {field.name}"


def test_dates_asked_for_and_planned_lie_ahead_and_those_of_the_past_behind(pilot: Pilot, area: PolicyArea) -> None:
    for case in pilot.cases:
        for event in case.events:
            step = area.procedures[case.procedure].steps[event.step]
            for field in area.forms[step.form].fields if step.form else ():
                if field.name in event.form and field.type in ("date", "moment"):
                    day = date.fromisoformat(str(event.form[field.name])[:10])
                    assert not field.not_before_today or day >= event.at.date(), f"{case.id}: {field.name}"
                    assert not field.not_after_today or day <= event.at.date(), f"{case.id}: {field.name}"


def test_steps_are_taken_in_working_hours_utc_on_working_days(pilot: Pilot) -> None:
    for case in pilot.cases:
        assert case.events[0].at.date() >= LAUNCH
        for event in case.events:
            assert 7 <= event.at.hour < 16, case.id
            assert event.at.weekday() < 5, case.id


def test_a_notification_that_follows_a_request_comes_after_its_reply(pilot: Pilot) -> None:
    requests = {case.id: case for case in pilot.cases if case.procedure == "request"}
    following = [case for case in pilot.cases if case.follows]

    assert following
    for case in following:
        for request in (requests[label] for label in case.follows):
            assert (node_of(request.sender), node_of(request.receiver)) == (
                node_of(case.sender),
                node_of(case.receiver),
            )
            assert request.events[-1].at < case.events[0].at


def test_the_file_has_one_case_a_line() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()

    assert sum(line.startswith('{"id": ') for line in lines) == 149 + 106 + 16 + 18


# The figures as data


def test_every_figure_has_its_own_name_and_the_section_that_prints_it() -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    names = [figure["id"] for figure in figures["figures"]]

    assert len(set(names)) == len(names)
    assert {figure["section"] for figure in figures["figures"]} == {"2", "5", "6", "7", "8"}
    assert all(figure["label"] and isinstance(figure["value"], int) for figure in figures["figures"])


def test_known_defects_point_at_the_figures_concerned() -> None:
    content = json.loads(FIGURES.read_text(encoding="utf-8"))
    figures = {figure["id"]: figure["value"] for figure in content["figures"]}
    sums = {
        defect["id"]: sum(figures[name] for name in defect["figures"])
        for defect in content["defects"]
        if defect["id"].rpartition("_")[2].isdecimal() and defect["id"] != "appropriate_66"
    }

    assert sums == {"request_statuses_91": 91, "notification_senders_99": 99, "durations_98": 98}
    assert all(name in figures for defect in content["defects"] for name in defect["figures"])


@pytest.mark.parametrize("group", ["sender", "receiver", "status"])
@pytest.mark.parametrize(("procedure", "total"), [("requests", 16), ("notifications", 18)])
def test_the_printed_figures_of_2020_add_up(procedure: str, total: int, group: str) -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))["figures"]
    printed = [figure["value"] for figure in figures if figure["id"].startswith(f"in_2020.{procedure}.{group}.")]

    assert sum(printed) == (0 if (procedure, group) == ("notifications", "receiver") else total)
