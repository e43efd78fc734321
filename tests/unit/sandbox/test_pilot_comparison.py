"""The report's printed figures and ours: what is equal, what is explained, what is not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from node.areas import load_areas
from node.sandbox.cases import Case, Pilot, read_cases
from node.sandbox.pilot.command import CASES_FILE
from node.sandbox.pilot.comparison import (
    Line,
    Report,
    ReportFigure,
    Verdict,
    compare,
    examine_defects,
    our_name,
    read_report,
)
from node.sandbox.pilot.figures import period_figures, periods_of, registry_figures
from node.sandbox.pilot.following import follow
from node.sandbox.pilot.history import as_rows, count_cases
from node.sandbox.pilot.replay import authorities_of

RETENTION = {"retention.block_after": 6, "retention.delete_after": 3}


@pytest.fixture(scope="module")
def pilot() -> Pilot:
    return read_cases(CASES_FILE)


def _figures(pilot: Pilot) -> dict[str, int]:
    area = load_areas(Path("no such folder"))["e_commerce", 1]
    figures = {**registry_figures(authorities_of(pilot)), **RETENTION}
    for period in periods_of(pilot):
        figures |= period_figures(period, as_rows(count_cases(pilot, area, period.as_of)), pilot.registry)
    return figures


def _different(lines: list[Line]) -> set[str]:
    return {line.id for line in lines if line.verdict is Verdict.DIFFERENT}


def _falsified(pilot: Pilot, change: Callable[[Case], Case]) -> Pilot:
    return pilot.model_copy(update={"cases": tuple(change(case) for case in pilot.cases)})


def test_the_pilots_history_agrees_with_the_report(pilot: Pilot) -> None:
    lines = compare(read_report(), _figures(pilot))

    assert _different(lines) == set()
    assert len(lines) == 95
    assert {line.id for line in lines if line.verdict is Verdict.EXPLAINED} == {
        "in_2020.requests.receiver.LU",
        "in_2020.requests.receiver.LU.again",
    }
    assert all(
        line.id.startswith(("survey_", "imi.", "rights.")) for line in lines if line.verdict is Verdict.NOT_REPLAYED
    )


def test_a_notification_moved_to_another_sender_is_noticed(pilot: Pilot) -> None:
    first = next(case for case in pilot.cases if case.id.startswith("N") and case.sender.startswith("IT/"))

    def move(case: Case) -> Case:
        return case.model_copy(update={"sender": "BE/authority-01"}) if case.id == first.id else case

    assert _different(compare(read_report(), _figures(_falsified(pilot, move)))) == {
        "until_2019.notifications.sender.BE"
    }


def test_a_closed_request_that_stayed_open_is_noticed(pilot: Pilot) -> None:
    first = next(case for case in pilot.cases if case.id.startswith("R") and case.events[-1].step == "close")

    def leave_open(case: Case) -> Case:
        return case.model_copy(update={"events": case.events[:-1]}) if case.id == first.id else case

    assert _different(compare(read_report(), _figures(_falsified(pilot, leave_open)))) == {
        "until_2019.requests.closed",
        "until_2019.requests.share.closed",
    }


def test_nothing_at_all_is_no_pilot() -> None:
    figures = compare(read_report(), {})

    replayed = {line.id for line in figures if line.verdict is not Verdict.NOT_REPLAYED}
    assert _different(figures) == replayed


@pytest.mark.parametrize(("received", "verdict"), [(3, "explained"), (4, "DIFFERENT"), (1, "DIFFERENT")])
def test_luxembourg_is_explained_only_by_the_sum_of_both_numbers(pilot: Pilot, received: int, verdict: str) -> None:
    figures = {**_figures(pilot), "in_2020.requests.receiver.LU": received}

    line = next(line for line in compare(read_report(), figures) if line.id == "in_2020.requests.receiver.LU")

    assert line.verdict == verdict


def test_a_defect_explains_no_figure_outside_of_it(pilot: Pilot) -> None:
    """The shares of senders add up to 99 %, and yet each of them has to be as printed."""
    figures = {**_figures(pilot), "until_2019.notifications.sender.IT": 70}

    assert _different(compare(read_report(), figures)) == {"until_2019.notifications.sender.IT"}


def test_data_hidden_too_late_are_noticed(pilot: Pilot) -> None:
    figures = {**_figures(pilot), "retention.block_after": 7}

    assert _different(compare(read_report(), figures)) == {"retention.block_after"}


def test_a_country_with_more_authorities_than_the_report_says_is_noticed(pilot: Pilot) -> None:
    figures = {**_figures(pilot), "registry.request.FR": 6}

    assert _different(compare(read_report(), figures)) == {"registry.usual.maximum"}


def test_each_defect_is_told_with_what_the_nodes_say_of_it(pilot: Pilot) -> None:
    findings = {line.id: line.finding for line in examine_defects(read_report(), _figures(pilot))}

    assert findings == {
        "luxembourg_twice": "Here it received 3, and all receivers together 16 of 16.",
        "appropriate_66": "66 %: but 18 of 26 = 69.2 %",
        "survey_truncated": "55 %: 10 of 18 = 55.6 %, cut off; 61 %: 16 of 26 = 61.5 %, cut off",
        "request_statuses_91": (
            "74 + 9 + 8 = 91 %. Here they are 135 of 149; the other 14: "
            "6 accepted, 3 answered, 3 awaiting acceptance, 2 more information asked."
        ),
        "notification_senders_99": "58 + 35 + 4 + 2 = 99 %. Here they are 105 of 106; the other 1: 1 ES.",
        "durations_98": "94 + 4 = 98 %. Here they are 104 of 106; the other 2: 2 until compliance.",
    }


@pytest.mark.parametrize(("share", "verdict"), [(61, "not replayed"), (62, "not replayed"), (64, "DIFFERENT")])
def test_a_surveys_share_may_be_cut_off_or_rounded_but_not_wrong(share: int, verdict: str) -> None:
    """16 of 26 are 61.5 %; a wrong share counts only while no defect names it."""
    report = read_report()
    figures = tuple(
        _with_value(each, share) if each.id == "survey_2019.users.share" else each for each in report.figures
    )
    changed = Report(source=report.source, figures=figures, defects=())

    line = next(line for line in compare(changed, {}) if line.id == "survey_2019.users.share")

    assert line.verdict == verdict


def test_a_share_without_its_number_must_be_some_number_of_those_asked() -> None:
    report = read_report()
    figures = tuple(_with_value(each, 53) if each.id == "survey_2017.positive" else each for each in report.figures)
    changed = Report(source=report.source, figures=figures, defects=())

    line = next(line for line in compare(changed, {}) if line.id == "survey_2017.positive")

    assert (line.verdict, line.note) == (Verdict.DIFFERENT, "but no number of 18 gives it")


def _with_value(figure: ReportFigure, value: int) -> ReportFigure:
    return figure.model_copy(update={"value": value})


def test_printed_figures_find_ours_by_name() -> None:
    assert our_name("until_2019.requests.closed") == "until_2019.requests.status.closed"
    assert our_name("until_2019.requests.share.refused") == "until_2019.requests.status.refused"
    assert our_name("in_2020.requests.status.closed") == "in_2020.requests.shown.closed"
    assert our_name("in_2020.requests.receiver.LU.again") == "in_2020.requests.receiver.LU"
    assert our_name("registry.request") == "registry.request"


def test_another_historys_figures_are_compared_by_kind() -> None:
    nodes = {"until_2019.requests.sender.DE": 3, "until_2019.requests.sender.IT": 1, "until_2019.exchanges": 4}
    file = {**nodes, "until_2019.requests.sender.IT": 2}

    [total, senders] = follow(nodes, file)

    assert (total.name, total.verdict) == ("until_2019", Verdict.EQUAL)
    assert (senders.name, senders.verdict, senders.differing) == (
        "until_2019.requests.sender",
        Verdict.DIFFERENT,
        ("IT",),
    )
