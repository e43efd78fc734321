"""Counting a history straight from its file."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.areas import load_areas
from node.sandbox.pilot.history import addressing, as_rows, count_cases, count_rows
from schemas.policy_area import PolicyArea
from schemas.statistics import StatisticsRow
from tests.small_history import small_history


@pytest.fixture(scope="module")
def area() -> PolicyArea:
    return load_areas(Path("no such folder"))["e_commerce", 1]


def _stand(area: PolicyArea, at: datetime) -> set[tuple[str, int, str, bool]]:
    rows = as_rows(count_cases(small_history(), area, at))
    assert all(row.count == 1 for row in rows)
    return {(f"{row.procedure} {row.opened_by}-{row.addressed_to}", row.year, row.status, row.blocked) for row in rows}


def test_cases_stand_as_their_steps_so_far_have_left_them(area: PolicyArea) -> None:
    assert _stand(area, datetime(2016, 5, 3, 12, tzinfo=UTC)) == {
        ("request DE-CY", 2016, "awaiting_acceptance", False)  # forwarded counts as that
    }
    assert _stand(area, datetime(2019, 12, 31, 23, 59, tzinfo=UTC)) == {
        ("request DE-CY", 2016, "closed", True),
        ("request IT-CY", 2019, "withdrawn", True),
        ("request DE-IT", 2019, "refused", False),
    }


@pytest.mark.parametrize(("minute", "blocked"), [(59, False), (60, True)])
def test_a_case_is_hidden_to_the_minute_at_the_end_of_a_shorter_month(
    area: PolicyArea, minute: int, *, blocked: bool
) -> None:
    hour, minute = divmod(8 * 60 + minute, 60)

    assert _stand(area, datetime(2017, 2, 28, hour, minute, tzinfo=UTC)) == {("request DE-CY", 2016, "closed", blocked)}


def test_coded_answers_are_counted_where_the_commission_is_a_party(area: PolicyArea) -> None:
    rows = as_rows(count_cases(small_history(), area, datetime(2021, 1, 1, tzinfo=UTC)))

    [notification] = [row for row in rows if row.procedure == "notification"]
    assert notification.facts["duration"] == "permanent"
    assert notification.facts["measure_types"] == "block_access"
    assert notification.facts["conclusion"] == "compatible"
    assert not any(row.facts for row in rows if row.procedure == "request")


def test_rows_that_are_alike_are_counted_together() -> None:
    row = StatisticsRow(
        area="e_commerce",
        procedure="request",
        year=2018,
        opened_by="DE",
        addressed_to="CY",
        status="closed",
        blocked=False,
        facts={},
        count=2,
    )

    [counted] = as_rows(count_rows((row, row.model_copy(update={"count": 3}))))

    assert counted == row.model_copy(update={"count": 5})


def test_the_form_that_opens_a_case_names_the_country_that_it_goes_to(area: PolicyArea) -> None:
    assert addressing(small_history().cases[0], area) == {"country_of_establishment": "CY"}
