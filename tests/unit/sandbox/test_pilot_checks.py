"""A small history through real nodes in this process; then each check is shown something that is wrong."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from node.sandbox.cases import Pilot
from node.sandbox.cluster import Arrangement, Cluster, cluster
from node.sandbox.federation import Validity
from node.sandbox.pilot.checks import Check, check_ending, check_snapshot
from node.sandbox.pilot.figures import periods_of
from node.sandbox.pilot.judgement import judge
from node.sandbox.pilot.observation import Ending, Snapshot, observe_ending, take_snapshot
from node.sandbox.pilot.replay import NotDelivered, Replay, StepDeclined, authorities_of
from schemas.api import ExchangeView, QuarantineView
from schemas.exchange import Exchange
from schemas.policy_area import PolicyArea
from schemas.refusal import Refusal
from tests.small_history import small_history

START = datetime(2016, 5, 1, tzinfo=UTC)
END = datetime(2021, 1, 1, tzinfo=UTC)

AGREE = "each case is at its parties and nowhere else, and all copies agree"
NO_REQUEST = "the Commission's node holds no request"
HIDDEN = "personal data are hidden on the day, 6 months after formal closure, on every copy"
DELETED = "they are deleted on the day, 3 years after formal closure, on every copy"
NOT_LOST = "nothing was lost: each message has the signed receipt of its recipient"
ADMISSIBLE = "nothing that came was inadmissible"
FOLLOWS = "2021-01-01 00:00: the signed statistics follow the history, row by row"
TOLD = "2021-01-01 00:00: the Commission was told what each node counts itself"
RECEIVED = "2021-01-01 00:00: each node received what the others report to have sent to it"


class Played(NamedTuple):
    """What a replay came to."""

    pilot: Pilot
    area: PolicyArea
    snapshots: Sequence[Snapshot]
    ending: Ending
    numbers: Mapping[str, str]
    steps: Sequence[datetime]

    @property
    def last(self) -> Snapshot:
        return self.snapshots[-1]


def _nodes(pilot: Pilot, folder: Path) -> AbstractAsyncContextManager[Cluster]:
    lasting = timedelta(days=3000)
    return cluster(
        *pilot.registry,
        "EC",
        arrangement=Arrangement.IN_PROCESS,
        seed=1,
        start=START,
        authorities=authorities_of(pilot),
        validity=Validity(lasting, lasting, lasting),
        folder=folder,
    )


async def _play(pilot: Pilot, folder: Path) -> Played:
    steps = list[datetime]()
    async with _nodes(pilot, folder) as nodes:
        replay = Replay(nodes, pilot, steps.append)
        snapshots = []
        for period in periods_of(pilot):
            await replay.play_until(period.as_of)
            snapshots.append(await take_snapshot(nodes, period.as_of))
        ending = await observe_ending(nodes, snapshots[-1])
        return Played(pilot, nodes.area, snapshots, ending, replay.numbers, steps)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return asyncio.run(_play(small_history(), tmp_path_factory.mktemp("pilot")))


def _failing(checks: Sequence[Check]) -> dict[str, str]:
    return {check.claim: check.detail for check in checks if not check.holds}


def _failing_snapshot(played: Played, snapshot: Snapshot) -> dict[str, str]:
    return _failing(check_snapshot(snapshot, played.pilot, played.area))


def _failing_ending(played: Played, *, last: Snapshot | None = None, ending: Ending | None = None) -> dict[str, str]:
    return _failing(check_ending(last or played.last, ending or played.ending, played.pilot, played.area))


def _copies_with(played: Played, node: str, label: str, **update: object) -> Snapshot:
    """The last snapshot with one copy changed, at one node."""
    number = played.numbers[label]
    changed = [copy.model_copy(update=update) if copy.id == number else copy for copy in played.last.copies[node]]
    return replace(played.last, copies={**played.last.copies, node: changed})


def _views_with(played: Played, node: str, label: str, **update: object) -> Ending:
    """What was read at the end with one copy changed, at one node."""

    def changed(view: ExchangeView) -> ExchangeView:
        if view.exchange.id != played.numbers[label]:
            return view
        return view.model_copy(update={"exchange": view.exchange.model_copy(update=update)})

    views = [changed(view) for view in played.ending.views[node]]
    return replace(played.ending, views={**played.ending.views, node: views})


def _copy(played: Played, node: str, label: str) -> Exchange:
    return next(copy for copy in played.last.copies[node] if copy.id == played.numbers[label])


# What happened


def test_every_step_is_taken_on_its_day_and_in_order(played: Played) -> None:
    assert played.steps == sorted(event.at for case in played.pilot.cases for event in case.events)
    for case in played.pilot.cases:
        for party in case.parties:
            copy = _copy(played, party, case.id)
            assert [(entry.step, entry.sender, entry.at) for entry in copy.history] == [
                (event.step, event.by, event.at) for event in case.events
            ]


def test_the_authority_that_a_case_was_forwarded_to_goes_on_with_it(played: Played) -> None:
    steps = {entry.step: entry.authority for entry in _copy(played, "DE", "R001").history}

    assert (steps["forward"], steps["accept"]) == ("CY/authority-01", "CY/authority-02")


def test_data_are_hidden_and_deleted_to_the_minute_on_every_copy(played: Played) -> None:
    for node in ("DE", "CY"):
        copy = _copy(played, node, "R001")
        assert copy.blocked_at == datetime(2017, 2, 28, 9, tzinfo=UTC)
        assert copy.deleted_at == datetime(2019, 8, 31, 9, tzinfo=UTC)


def test_a_notification_names_the_request_that_it_follows(played: Played) -> None:
    [view] = [view for view in played.ending.views["EC"] if view.exchange.id == played.numbers["N001"]]

    assert view.steps[0].form is not None
    assert view.steps[0].form["requests"] == [played.numbers["R001"]]


def test_a_sound_run_has_no_fault_and_its_figures_follow_the_file(played: Played) -> None:
    found = judge(played.pilot, played.area, played.snapshots, played.ending, against_report=False)

    assert found.faults == ()
    assert found.comparison == ()
    assert found.figures["until_2019.requests"] == 3
    assert found.figures["in_2020.notifications.sender.DE"] == 1
    assert found.figures["until_2019.requests.shown.blocked"] == 2
    assert found.figures["retention.block_after"] == 6
    assert found.figures["registry.both"] == 4


def test_another_history_is_not_the_reports(played: Played) -> None:
    found = judge(played.pilot, played.area, played.snapshots, played.ending, against_report=True)

    assert "figure until_2019.requests" in found.faults
    assert not any(fault.startswith(("check", "figures")) for fault in found.faults)


# What would be noticed


def test_a_report_that_hides_a_case_is_noticed(played: Played) -> None:
    reported = {**played.last.reported, "DE": played.last.reported["DE"][1:]}

    assert set(_failing_snapshot(played, replace(played.last, reported=reported))) == {FOLLOWS, TOLD, RECEIVED}


def test_a_node_that_never_got_a_case_is_noticed(played: Played) -> None:
    number = played.numbers["R004"]
    copies = {**played.last.copies, "CY": [copy for copy in played.last.copies["CY"] if copy.id != number]}
    last = replace(played.last, copies=copies)

    assert _failing_snapshot(played, last) == {RECEIVED: "from DE to CY"}
    assert _failing_ending(played, last=last) == {AGREE: f"CY has no copy of {number}"}


@pytest.mark.parametrize("update", [{"state": "accepted"}, {"closed_at": END}, {"history": ()}])
def test_copies_that_differ_are_noticed(played: Played, update: dict[str, object]) -> None:
    last = _copies_with(played, "CY", "R004", **update)

    assert _failing_ending(played, last=last)[AGREE] == f"{played.numbers['R004']} differs between CY, DE"


def test_a_request_at_the_commission_is_noticed(played: Played) -> None:
    request = _copy(played, "DE", "R004")
    copies = {**played.last.copies, "EC": [*played.last.copies["EC"], request]}

    assert _failing_ending(played, last=replace(played.last, copies=copies)) == {
        NO_REQUEST: request.id,
        AGREE: f"{request.id} is at EC, which is no party",
    }


@pytest.mark.parametrize("blocked_at", [None, datetime(2019, 9, 5, 9, tzinfo=UTC)])
def test_a_copy_that_was_not_hidden_on_its_day_is_noticed(played: Played, blocked_at: datetime | None) -> None:
    ending = _views_with(played, "CY", "R002", blocked_at=blocked_at)

    assert _failing_ending(played, ending=ending) == {HIDDEN: f"{played.numbers['R002']} at CY"}


def test_content_that_can_still_be_read_is_noticed(played: Played) -> None:
    def readable(view: ExchangeView) -> ExchangeView:
        steps = tuple(step.model_copy(update={"form": {"grounds": ["cons"]}}) for step in view.steps)
        return view.model_copy(update={"steps": steps})

    views = {**played.ending.views, "IT": [readable(view) for view in played.ending.views["IT"]]}

    assert set(_failing_ending(played, ending=replace(played.ending, views=views))) == {HIDDEN}


def test_content_that_was_hidden_too_early_is_noticed(played: Played) -> None:
    ending = _views_with(played, "DE", "R004", blocked_at=END)

    assert set(_failing_ending(played, ending=ending)) == {HIDDEN}


def test_a_copy_that_was_not_deleted_is_noticed(played: Played) -> None:
    ending = _views_with(played, "DE", "R001", deleted_at=None)

    assert _failing_ending(played, ending=ending) == {DELETED: f"{played.numbers['R001']} at DE"}


def test_a_message_without_a_receipt_is_noticed(played: Played) -> None:
    status = played.ending.statuses["IT"].model_copy(update={"outbox": {"delivered": 4, "published": 1}})
    ending = replace(played.ending, statuses={**played.ending.statuses, "IT": status})

    assert _failing_ending(played, ending=ending) == {NOT_LOST: "IT: outbox {'published': 1}, early {}, signals 0"}


def test_something_in_quarantine_is_noticed(played: Played) -> None:
    held = QuarantineView(
        id=1,
        at=END,
        last_at=END,
        repeats=0,
        code=Refusal.MALFORMED,
        help="",
        sender=None,
        message_id=None,
        detail="",
        size=1,
    )
    ending = replace(played.ending, quarantine={**played.ending.quarantine, "CY": [held]})

    assert _failing_ending(played, ending=ending) == {ADMISSIBLE: f"CY: {Refusal.MALFORMED}"}


# Histories that can't be played


async def test_a_step_that_the_declaration_does_not_have_names_case_and_step(tmp_path: Path) -> None:
    pilot = small_history()
    first = pilot.cases[0]
    events = (first.events[0], first.events[1].model_copy(update={"step": "close", "addressed": None}))
    broken = pilot.model_copy(update={"cases": (first.model_copy(update={"events": events}),)})

    async with _nodes(broken, tmp_path) as nodes:
        with pytest.raises(StepDeclined, match="case R001, step close of CY"):
            await Replay(nodes, broken, lambda _: None).play_until(END)


async def test_a_recipient_that_does_not_sign_is_named(tmp_path: Path) -> None:
    pilot = small_history()

    async with _nodes(pilot, tmp_path) as nodes:
        await nodes["CY"].stop()
        with pytest.raises(NotDelivered, match=r"case R001 \(ECOM-REQ-DE-2016-000001\), step send of DE: CY"):
            await Replay(nodes, pilot, lambda _: None, patience_seconds=0.1).play_until(END)
