"""What a drill prints, and when it is surprised."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from node.sandbox.drill import run
from node.sandbox.drill.canaries import Canary
from node.sandbox.drill.findings import Finding, Outcome, Place, compared
from node.sandbox.drill.report import COLUMNS, print_outcome
from node.sandbox.drill.stages import Stage
from node.sandbox.drill.traces import CUT_SHORT


def canary(field: str) -> Canary:
    return Canary(f"word of {field}", "request", "DE", "send", field, personal=True, searchable=True, sent=True)


NAME, FILE = canary("name"), canary("file")


def printed(*findings: Finding) -> str:
    told = io.StringIO()
    outcome = Outcome(
        nodes=("DE", "CY"),
        cases=1,
        canaries=2,
        files=3,
        letters=4,
        mebibytes=5,
        answers=6,
        seconds=7,
        findings=findings,
    )
    print_outcome(Console(file=told, width=COLUMNS), outcome)
    return told.getvalue()


def test_what_must_be_there_is_missed_for_each_who_looks() -> None:
    finding = compared(Stage.CLOSED, Place.READERS, {NAME, FILE}, {NAME, FILE}, {NAME}, node="DE")

    assert (finding.seen, finding.surplus, finding.missing) == (2, (), ("request, DE send: file",))
    assert not finding.as_expected


def test_what_must_not_be_there_is_named_without_its_word() -> None:
    finding = compared(Stage.BLOCKED, Place.READERS, (), {NAME}, ())

    assert (finding.surplus, finding.as_expected) == (("request, DE send: name",), False)
    assert NAME.word not in finding.model_dump_json()


def test_a_piece_of_a_canary_counts_only_where_none_belongs() -> None:
    assert not compared(Stage.BLOCKED, Place.FILES, (), {CUT_SHORT}).as_expected
    assert compared(Stage.CLOSED, Place.READERS, {NAME}, {NAME, CUT_SHORT}).as_expected


def test_the_table_and_the_verdict_say_where_the_surprise_is() -> None:
    told = printed(
        compared(Stage.CLOSED, Place.READERS, {NAME}, {NAME}, node="DE"),
        compared(Stage.BLOCKED, Place.READERS, (), {NAME}, node="CY"),
        Finding(stage=Stage.DELETED, place=Place.SEALED, node="CY", expected=0, seen=9),
    )

    rows = {line.split("  ")[0]: line.split()[-3:] for line in told.splitlines() if line.startswith(tuple(Place))}
    assert rows[Place.READERS][-2:] == ["1", "1!0"]
    assert rows[Place.SEALED][-1] == "9!0"
    assert "2 surprises:" in told
    assert f"CY: {Place.READERS} ({Stage.BLOCKED})" in told
    assert "must not be there: request, DE send: name" in told
    assert "9 pieces of what was sealed there are still on the disk" in told
    assert max(map(len, told.splitlines())) <= COLUMNS


def test_without_a_surprise_it_says_so() -> None:
    assert "Every canary is where it must be, and nowhere else." in printed(
        compared(Stage.CLOSED, Place.READERS, {NAME}, {NAME}, node="DE"), compared(Stage.BLOCKED, Place.READERS, (), ())
    )


def test_a_place_for_the_findings_that_is_not_there_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(json_file=tmp_path / "nowhere" / "findings.json") == 2
    assert "there is no folder for it" in capsys.readouterr().err
