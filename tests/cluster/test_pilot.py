"""The pilot as a visitor runs it: node processes over a private RabbitMQ, with a small history."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from node.sandbox.cluster import CHECKOUT
from node.sandbox.pilot import run
from node.sandbox.pilot.judgement import Outcome
from tests.cluster.existing import environments_of_nodes, existing_rabbit
from tests.small_history import small_history, write_small_history

PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything of a run lies in a folder under this one."""
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr("tempfile.tempdir", None)
    return place


def test_a_small_history_through_processes_gives_its_own_figures(
    tmp_path: Path, own_place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pilot = small_history()
    figures_file = tmp_path / "figures.json"

    status = run(json_file=figures_file, cases=write_small_history(tmp_path / "cases.json"))

    printed = capsys.readouterr()
    assert status == 0, printed
    outcome = Outcome.model_validate_json(figures_file.read_bytes())
    assert (outcome.cases, outcome.nodes) == (len(pilot.cases), 4)
    assert outcome.steps == sum(len(case.events) for case in pilot.cases)
    assert outcome.memory is not None
    assert outcome.memory.processes >= 4
    assert outcome.judgement.faults == ()
    figures = outcome.judgement.figures
    assert figures["until_2019.requests.sender.DE"] == 2
    assert figures["until_2019.requests.shown.blocked"] == 2
    assert figures["in_2020.notifications.status.closed"] == 1
    assert (figures["retention.block_after"], figures["retention.delete_after"]) == (6, 3)
    assert "Every figure is equal or explained" in printed.out
    _assert_nothing_left(own_place)


async def test_on_a_broker_that_runs_already_it_takes_a_place_of_its_own_and_gives_it_back(
    tmp_path: Path, own_place: Path
) -> None:
    figures_file = tmp_path / "figures.json"
    arguments = ["--cases", str(write_small_history(tmp_path / "cases.json")), "--json", str(figures_file)]
    async with existing_rabbit(tmp_path / "broker") as existing:
        status, printed, nodes = _pilot([*arguments, "--broker", existing.address], existing.environment, own_place)

    assert status == 0, printed
    assert "making a virtual host" in printed
    assert "Every figure is equal or explained" in printed
    assert Outcome.model_validate_json(figures_file.read_bytes()).cases == len(small_history().cases)
    assert len(nodes) >= 4
    assert not any(existing.password.encode() in variables for variables in nodes)
    assert existing.password not in printed
    _assert_nothing_left(own_place)


def test_an_address_of_a_broker_that_cant_be_used_is_refused_with_the_form_it_takes(
    tmp_path: Path, own_place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = write_small_history(tmp_path / "cases.json")

    status = run(json_file=None, cases=cases, broker="amqp://guest:guest@localhost")

    refused = capsys.readouterr().err
    assert status == 2
    assert "An AMQP address is not enough" in refused
    assert "https://USER@HOST:15671" in refused
    _assert_nothing_left(own_place)


def _pilot(arguments: list[str], environment: Mapping[str, str], place: Path) -> tuple[int, str, list[bytes]]:
    """Run the command; returns its status, all that it printed, and the environments of the nodes it had started."""
    with subprocess.Popen(
        [sys.executable, "-m", "node", "pilot", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **environment, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "replaying" in line:
                break
        nodes = environments_of_nodes(place)
        printed += process.stdout.read()
    return process.returncode, printed, nodes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_process_and_no_folder(
    tmp_path: Path, own_place: Path, number: signal.Signals
) -> None:
    cases = write_small_history(tmp_path / "cases.json")
    program = "import sys; from pathlib import Path; from node.sandbox.pilot import run; "
    program += "sys.exit(run(json_file=None, cases=Path(sys.argv[1])))"
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", program, str(cases)], stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "replaying" in line:
                break
        assert _processes_in(own_place)
        process.send_signal(number)
        process.stdout.read()

    assert process.returncode == 130
    _assert_nothing_left(own_place)


def _processes_in(place: Path) -> list[str]:
    """The commands of all processes that mention or work in a folder."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
            if str(place) in command or str(place) in str((folder / "cwd").readlink()):
                found.append(command)
        except OSError:  # it has ended, or belongs to another user
            continue
    return found


def _assert_nothing_left(place: Path) -> None:
    assert [*place.iterdir()] == []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while living := _processes_in(place):
        assert time.monotonic() < deadline, living
        time.sleep(0.05)
