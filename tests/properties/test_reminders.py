"""Every reminder is given once, whatever the times at which a node looks at the clock."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from node.handlers.dates.deadlines import Reminder, schedule
from node.handlers.dates.due import next_due_at
from node.handlers.dates.notices import looking_from, new_entries, remind
from node.handlers.dates.public_holidays import public_holidays
from schemas.exchange import Exchange
from schemas.notices import Notice
from schemas.policy_area import Deadline, PolicyArea
from tests.unit.handlers.test_deadlines import START, area, case

NODE = "CY"
HORIZON = START + timedelta(days=400)
STEPS = ("send", "forward", "accept", "reply", "return_reply", "ask_information", "give_information", "propose_date")

DEADLINES = st.builds(
    lambda started, settled, period, reminders, escalates, party: Deadline(
        label="Act",
        party=party,
        started_by=tuple(started),
        settled_by=tuple(settled),
        reminders=tuple(reminders),
        escalates_after=escalates,
        **period,
    ),
    st.sets(st.sampled_from(STEPS), min_size=1, max_size=3),
    st.sets(st.sampled_from(STEPS), max_size=3),
    st.one_of(
        st.fixed_dictionaries({"days": st.integers(1, 40), "working_days": st.booleans()}),
        st.fixed_dictionaries({"months": st.integers(1, 4)}),
        st.just({"field": "reply_requested_by"}),
    ),
    st.lists(st.integers(-10, 20), max_size=4),
    st.none() | st.integers(0, 20),
    st.sampled_from(["requesting", "responding"]),
)
DECLARED = st.lists(DEADLINES, max_size=3).map(lambda each: {f"d{number}": one for number, one in enumerate(each)})
HISTORIES = st.lists(
    st.tuples(st.sampled_from(["DE", "CY"]), st.sampled_from(STEPS), st.integers(0, 90)), max_size=4
).map(lambda steps: [("DE", "send", 0), *sorted(steps, key=lambda step: step[2])])
TICKS = st.lists(st.integers(0, 24 * 350), max_size=12, unique=True).map(
    lambda hours: [*(START + timedelta(hours=each) for each in sorted(hours)), HORIZON]
)
FACTS = st.dates(date(2026, 11, 1), date(2027, 6, 1)).map(lambda day: {"reply_requested_by": day.isoformat()})


def planned(exchange: Exchange, declared: PolicyArea) -> list[Reminder]:
    return sorted(
        schedule(exchange, declared, node=NODE, calendar=public_holidays), key=lambda each: (each.at, each.kind)
    )


def matter(each: Reminder | Notice) -> tuple[str, str, str]:
    return (each.kind, each.subject if isinstance(each, Notice) else each.deadline, each.since)


def names(notices: Iterable[Notice]) -> list[tuple[object, ...]]:
    """What the store takes for one and the same."""
    return [(each.exchange, each.kind, each.subject, each.since, each.day) for each in notices]


@given(DECLARED, HISTORIES, FACTS, TICKS)
@settings(max_examples=150, deadline=None)
def test_every_reminder_is_given_once_or_stood_for_by_a_later_one_of_its_tick(
    deadlines: dict[str, Deadline], steps: list[tuple[str, str, int]], facts: dict[str, str], ticks: list[datetime]
) -> None:
    declared = area(**deadlines)
    exchange = case(steps, state="accepted", **facts)
    plan = planned(exchange, declared)

    told: list[tuple[datetime, Notice]] = []
    for now in ticks:
        exchange, notices = remind(exchange, declared, node=NODE, calendar=public_holidays, now=now)
        told += [(now, each) for each in notices]

    assert len(set(names(each for _, each in told))) == len(told)
    for before, now in pairwise([datetime.min.replace(tzinfo=UTC), *ticks]):
        due = [each for each in plan if before < each.at <= now]
        here = [each for at, each in told if at == now]
        assert {matter(each) for each in due} == {matter(each) for each in here}
        for each in here:
            assert each.at == max(one.at for one in due if matter(one) == matter(each))
    assert len({matter(each) for each in plan if each.at <= HORIZON}) <= len(told)


@given(DECLARED, HISTORIES, FACTS)
@settings(max_examples=100, deadline=None)
def test_a_node_that_follows_the_index_gives_each_at_its_time(
    deadlines: dict[str, Deadline], steps: list[tuple[str, str, int]], facts: dict[str, str]
) -> None:
    declared = area(**deadlines)
    exchange = case(steps, state="accepted", **facts)
    plan = planned(exchange, declared)

    told: list[Notice] = []
    while (at := next_due_at(exchange, declared, node=NODE, calendar=public_holidays)) is not None:
        exchange, notices = remind(exchange, declared, node=NODE, calendar=public_holidays, now=at)
        assert notices
        assert {each.at for each in notices} == {at}
        told += notices

    assert sorted((each.at, matter(each)) for each in told) == sorted({(each.at, matter(each)) for each in plan})


@given(DECLARED, HISTORIES, FACTS, TICKS, st.tuples(st.integers(0, 4), st.integers(0, 12)))
@settings(max_examples=150, deadline=None)
def test_no_reminder_of_a_period_is_passed_over_when_the_step_that_begins_it_comes_late(
    deadlines: dict[str, Deadline],
    steps: list[tuple[str, str, int]],
    facts: dict[str, str],
    ticks: list[datetime],
    late: tuple[int, int],
) -> None:
    declared = area(**deadlines)
    known, arrival = late
    whole = case(steps, state="accepted", **facts)
    exchange = whole.model_copy(update={"history": whole.history[: 1 + known]})
    told: list[Notice] = []
    for number, now in enumerate(ticks):
        if number == min(arrival, len(ticks) - 1):
            exchange = looking_from(
                exchange.model_copy(update={"history": whole.history}), new_entries(exchange, whole)
            )
        exchange, notices = remind(exchange, declared, node=NODE, calendar=public_holidays, now=now)
        told += notices

    kept = dict(zip(names(told), told, strict=True))  # as the store does
    for each in planned(whole, declared):
        if each.at <= HORIZON:
            assert any(matter(one) == matter(each) and one.at >= each.at for one in kept.values())
