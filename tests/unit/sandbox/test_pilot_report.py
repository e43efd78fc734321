"""What a run prints, how it shows its progress, and what it measures."""

import io
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from node.sandbox.pilot.checks import Check
from node.sandbox.pilot.command import CANT_RUN, run
from node.sandbox.pilot.comparison import compare, examine_defects, read_report
from node.sandbox.pilot.following import follow
from node.sandbox.pilot.judgement import Judgement, Outcome
from node.sandbox.pilot.progress import progress
from node.sandbox.pilot.report import COLUMNS, print_outcome
from node.sandbox.pilot.usage import Memory, Stage, Stopwatch, memory_of
from tests.small_history import CONTENT


def _outcome(judgement: Judgement, *, memory: Memory | None = None) -> Outcome:
    return Outcome(
        cases=5,
        steps=14,
        nodes=4,
        ready_seconds=1.5,
        memory=memory,
        total_seconds=9.0,
        stages=(Stage(name="starting 4 nodes", seconds=1.5), Stage(name="replaying the history", seconds=7.5)),
        judgement=judgement,
    )


def _against_report() -> Judgement:
    report = read_report()
    return Judgement(
        figures={},
        comparison=tuple(compare(report, {})),
        defects=tuple(examine_defects(report, {})),
        following=(),
        checks=(Check(claim="nothing was lost", holds=False, detail="DE: outbox {'published': 1}"),),
    )


def _following(nodes: dict[str, int]) -> Judgement:
    followed = follow(nodes, {"until_2019.requests.sender.DE": 3})
    return Judgement(figures=nodes, comparison=(), defects=(), following=tuple(followed), checks=())


def _printed(outcome: Outcome) -> str:
    console = Console(file=io.StringIO(), width=COLUMNS)
    print_outcome(console, outcome)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_report_and_ours_stand_side_by_side_on_100_columns() -> None:
    lines = _printed(_outcome(_against_report())).splitlines()

    assert max(map(len, lines)) <= COLUMNS
    assert any(line.split() == ["6", "Requests", "2013", "to", "2019", "149", "0", "DIFFERENT"] for line in lines)
    assert any("Luxembourg stands among" in line for line in lines)
    assert any(line.startswith("FAILS") and "nothing was lost" in line for line in lines)


def test_what_nothing_explains_is_listed_at_the_end() -> None:
    outcome = _outcome(_against_report())

    text = _printed(outcome).rpartition("differences that nothing explains:")[2]

    assert "figure until_2019.requests\n" in text
    assert "check: nothing was lost\n" in text
    assert len(text.strip().splitlines()) == len(outcome.judgement.faults)


def test_another_history_is_put_beside_its_file() -> None:
    text = _printed(_outcome(_following({"until_2019.requests.sender.DE": 2})))

    assert "in the file: DE 3" in text
    assert "figures until_2019.requests.sender: DE" in text


def test_a_run_without_faults_says_so() -> None:
    memory = Memory(proportional_mib=100.4, resident_mib=230, processes=8)

    text = _printed(_outcome(_following({"until_2019.requests.sender.DE": 3}), memory=memory))

    assert "Every figure is equal or explained" in text
    assert "100 MiB together (PSS; RSS 230 MiB)" in text
    assert "1.5 s after the first of them was started" in text


def test_without_a_terminal_progress_is_a_line_a_stage_and_a_year() -> None:
    console = Console(file=io.StringIO(), width=COLUMNS)

    with progress(console, 3) as shown:
        shown.say("replaying the history")
        for month, year in ((5, 2016), (6, 2016), (1, 2018)):
            shown.step(datetime(year, month, 1, tzinfo=UTC))

    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().splitlines() == [
        "- replaying the history",
        "  2016: after 0 of 3 steps",
        "  2018: after 2 of 3 steps",
    ]


def test_on_a_terminal_progress_is_a_bar_that_goes_away() -> None:
    console = Console(file=io.StringIO(), width=COLUMNS, force_terminal=True)

    with progress(console, 2) as shown:
        shown.say("replaying the history")
        shown.step(datetime(2016, 5, 1, tzinfo=UTC))

    assert isinstance(console.file, io.StringIO)
    assert "1 of 2 steps" in console.file.getvalue()
    assert console.file.getvalue().endswith("\x1b[2K")


def test_memory_is_added_up_over_the_processes_of_the_groups() -> None:
    own = memory_of([os.getpgid(0)])

    assert own is not None
    assert own.processes >= 1
    assert 1 < own.proportional_mib <= own.resident_mib


def test_memory_of_no_process_is_unknown() -> None:
    assert memory_of([]) is None


def test_stages_follow_each_other_without_a_gap() -> None:
    watch = Stopwatch()
    for name in ("first", "second"):
        watch.begin(name)

    assert [stage.name for stage in watch.stages()] == ["first", "second"]
    assert all(stage.seconds >= 0 for stage in watch.stages())


# What can't be run


def test_a_missing_file_of_cases_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(json_file=None, cases=tmp_path / "none.json") == CANT_RUN
    assert "none.json" in capsys.readouterr().err


def test_a_folder_for_the_figures_that_is_not_there_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(json_file=tmp_path / "none" / "out.json", cases=None) == CANT_RUN
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cases": []}, "it has no case"),
        ({"registry": {**CONTENT["registry"], "XX": []}}, "XX is no country of the federation"),
    ],
)
def test_a_history_that_can_not_be_played_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, object], message: str
) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({**CONTENT, **change}))

    assert run(json_file=None, cases=file) == CANT_RUN
    assert message in capsys.readouterr().err


def test_a_history_that_outlives_the_root_of_trust_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [*others, last] = CONTENT["cases"]
    late = {**last, "events": [*last["events"][:-1], {**last["events"][-1], "at": "2026-02-02T09:00Z"}]}
    file = tmp_path / "cases.json"
    file.write_text(json.dumps({**CONTENT, "cases": [*others, late]}))

    assert run(json_file=None, cases=file) == CANT_RUN
    assert "at most 9 years" in capsys.readouterr().err
