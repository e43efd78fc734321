"""The demo as a visitor meets it: what it prints, how it ends, and that nothing of it remains.

Each demo is a process of its own, with the test's folder as the system's place for temporary files. Whatever the
demo starts inherits that, so that the test finds every process and every file that is left.
"""

import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from node.sandbox.demo import CANT_START, FAILED, STOPPED
from node.sandbox.stage import COLUMNS
from node.sandbox.story import DEMO_STORY
from tests.apertium import NEEDED
from tests.cluster.existing import environments_of_nodes, existing_rabbit
from tests.rabbit import PATIENCE_SECONDS

ONCE = "run(once=True, broker=None)"
STAYING = "run(once=False, broker=None)"
IN_PROCESS = "run(once=True, broker='in-process')"
CHECKOUT = Path(__file__).parents[2]

STEP = re.compile(r"^  \d\d:\d\d:\d\d  ([A-Z]{2}) → ([A-Z, ]+?)  +(.+?)  +([A-Z]{2})\.sign\.\S+  (.+)$", re.MULTILINE)
"""Time, sender, recipients, what was done, whose key, receipts."""

REQUEST = ["request sent", "accepted, reply by", "answered: adequate measures", "reply assessed", "formally closed"]
NOTIFICATION = ["urgent notification sent", "opened for comments", "comment by", "assessed: compatible", "formally"]


class Running:
    """A demo that runs, and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str], output: IO[str]) -> None:
        self.process = process
        self._output = output
        self.printed = ""

    def until(self, text: str) -> str:
        """Read on until a text has been printed; returns what came since the last call."""
        since = len(self.printed)
        while text not in self.printed[since:]:
            line = self._output.readline()
            assert line, f"the demo ended before it printed {text!r}:\n{self.printed}"
            self.printed += line
        return self.printed[since:]

    def end(self) -> int:
        """Read to the end; returns the exit status."""
        self.printed += self._output.read()
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def demo(call: str, place: Path, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start a demo by a call of `run`, whose temporary files go to a place."""
    program = f"import sys; from pathlib import Path; from node.sandbox.demo import run; sys.exit({call})"
    variables = {**os.environ, **(environment or {}), "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(place)}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=variables,
    ) as process:
        assert process.stdout is not None
        try:
            yield Running(process, process.stdout)
        finally:
            process.kill()


def processes_of(place: Path) -> list[str]:
    """The command lines of all processes that know a place: from their environment or their arguments."""
    return [
        command.replace(b"\0", b" ").decode(errors="replace")
        for process in Path("/proc").glob("[0-9]*")
        if os.fsencode(place) in (command := _read(process / "cmdline")) + _read(process / "environ")
    ]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return b""


def assert_nothing_left(place: Path) -> None:
    assert processes_of(place) == []
    assert [*place.iterdir()] == []


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_two_demos_at_once_play_both_stories_on_rabbitmq_and_leave_nothing(tmp_path: Path) -> None:
    with demo(ONCE, tmp_path) as one, demo(ONCE, tmp_path) as other:
        one.until("starting a private RabbitMQ")
        other.until("starting a private RabbitMQ")
        statuses = [one.end(), other.end()]

    assert statuses == [0, 0], one.printed + other.printed
    for printed in (one.printed, other.printed):
        assert_both_stories(printed)
    assert_nothing_left(tmp_path)


def assert_both_stories(printed: str) -> None:
    steps = STEP.findall(printed)
    said = [says for _, _, says, _, _ in steps]
    expected = REQUEST + NOTIFICATION
    assert [text for text, says in zip(expected, said, strict=True) if not says.startswith(text)] == []
    for sender, recipients, says, signer, receipts in steps:
        assert signer == sender, says
        assert [receipt.split()[0] for receipt in receipts.split(", ")] == recipients.split(", "), says
    assert all({sender, recipients} == {"DE", "CY"} for sender, recipients, *_ in steps[: len(REQUEST)])
    assert {recipients for sender, recipients, *_ in steps if sender == "IT"} == {"CY, EC"}
    assert "    es  El bloqueo impide que otros ahorristas" in printed, f"is {NEEDED} installed?"
    assert "Translated from Italian into Spanish by apertium" in printed
    assert "The Commission's node holds 1 exchange, ECOM-NOT-IT-" in printed
    assert "Checked offline by the root that Cyprus pinned, all of them hold" in printed


def test_without_rabbitmq_it_says_so_in_one_line_and_runs_in_one_process(tmp_path: Path) -> None:
    call = "run(once=True, broker=None, find_rabbitmq=lambda: find_rabbitmq(search_path='', server_folders=()))"
    missing = f"exec('from broker.installation import find_rabbitmq') or {call}"

    with demo(missing, tmp_path) as running:
        status = running.end()

    assert status == 0, running.printed
    assert (
        "RabbitMQ is not installed: the nodes run in this one process, over an in-process broker.\n" in running.printed
    )
    assert_both_stories(running.printed)
    assert_nothing_left(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_rabbitmq_starts_ends_it_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with demo(ONCE, tmp_path) as running:
        running.until("starting a private RabbitMQ")
        until(lambda: any("epmd" in command for command in processes_of(tmp_path)))
        running.process.send_signal(number)
        status = running.end()

    assert status == STOPPED + number, running.printed
    assert "Traceback" not in running.printed
    assert_nothing_left(tmp_path)


def test_a_signal_in_the_middle_of_a_story_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    with demo(ONCE, tmp_path) as running:
        running.until("request sent")
        running.process.send_signal(signal.SIGTERM)
        running.process.send_signal(signal.SIGINT)  # impatience does no harm
        status = running.end()

    assert status in (STOPPED + signal.SIGTERM, STOPPED + signal.SIGINT), running.printed
    assert_nothing_left(tmp_path)


def test_a_visitor_kills_a_node_and_the_broker_and_ends_it_with_ctrl_c(tmp_path: Path) -> None:
    with demo(STAYING, tmp_path) as running:
        suggested = running.until("Ctrl-C ends the demo")
        node, broker = re.findall(r"^  (kill -9 .+)$", suggested, re.MULTILINE)
        subprocess.run(["sh", "-c", node], check=True)
        returned = running.until("It is back")
        subprocess.run(["sh", "-c", broker], check=True)
        running.until("all nodes are connected to it")
        running.process.send_signal(signal.SIGINT)
        status = running.end()

    assert "Cyprus's node has died" in returned
    assert "with all 2 exchanges" in returned
    assert status == 0, running.printed
    assert_nothing_left(tmp_path)


def test_a_demo_that_is_killed_leaves_nothing_either(tmp_path: Path) -> None:
    with demo(STAYING, tmp_path) as running:
        running.until("Ctrl-C ends the demo")
        assert len([command for command in processes_of(tmp_path) if "node.serve" in command]) >= 4
        running.process.kill()
        running.process.wait()

    until(lambda: not processes_of(tmp_path))
    assert [*tmp_path.iterdir()] == []


def test_a_step_that_fails_ends_it_with_the_reason(tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text(DEMO_STORY.read_text().replace('satisfied = "satisfied"', 'satisfied = "delighted"'))
    place = tmp_path / "temporary"
    place.mkdir()

    with demo(f"run(once=True, broker='in-process', story=Path({str(story)!r}))", place) as running:
        status = running.end()

    assert status == FAILED
    assert "The demo failed: Germany could not take the step 'check'" in running.printed
    assert "satisfied: takes one of satisfied, partly, not_satisfied" in running.printed
    assert_nothing_left(place)


def test_a_story_with_a_mistake_is_refused_before_anything_starts(tmp_path: Path) -> None:
    story = tmp_path / "story.toml"
    story.write_text(DEMO_STORY.read_text().replace('procedure = "notification"', 'procedure = "request"'))

    with demo(f"run(once=True, broker=None, story=Path({str(story)!r}))", tmp_path) as running:
        status = running.end()

    assert status == CANT_START
    assert "one request and one notification" in running.printed
    assert [*tmp_path.iterdir()] == [story]


def test_an_address_of_a_broker_that_cant_be_used_is_refused_with_the_form_it_takes(tmp_path: Path) -> None:
    with demo("run(once=True, broker='amqp://guest:guest@localhost')", tmp_path) as running:
        status = running.end()

    assert status == CANT_START
    assert "An AMQP address is not enough" in running.printed
    assert "https://USER@HOST:15671" in running.printed
    assert_nothing_left(tmp_path)


async def test_on_a_broker_that_runs_already_it_takes_a_place_of_its_own_and_gives_it_back(tmp_path: Path) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    async with existing_rabbit(tmp_path / "broker") as existing:
        with demo(f"run(once=True, broker={existing.address!r})", place, existing.environment) as running:
            making = running.until("making a virtual host of its own")
            running.until("request sent")
            nodes = environments_of_nodes(place)
            status = running.end()

    assert re.search(r": imi-trial-[0-9a-f]{8}$", making, re.MULTILINE)
    assert status == 0, running.printed
    assert_both_stories(running.printed)
    assert len(nodes) >= 4
    assert not any(existing.password.encode() in variables for variables in nodes)
    assert existing.password not in running.printed
    assert_nothing_left(place)


def test_piped_it_prints_no_colours_and_no_line_is_wider_than_the_screen(tmp_path: Path) -> None:
    with demo(IN_PROCESS, tmp_path) as running:
        running.end()

    assert "\x1b" not in running.printed
    wide = [line for line in running.printed.splitlines() if len(line) > COLUMNS and str(tmp_path) not in line]
    assert wide == []


def test_on_a_terminal_it_prints_in_colour(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    program = f"import sys; from node.sandbox.demo import run; sys.exit({IN_PROCESS})"
    variables = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    variables |= {"TERM": "xterm-256color", "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(tmp_path)}
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        with subprocess.Popen([sys.executable, "-c", program], stdout=theirs, env=variables) as process:
            os.close(theirs)
            printed = b"".join(iter(lambda: _read_terminal(terminal), b""))
        status = process.wait()

    assert status == 0
    assert re.search(rb"\x1b\[36mDE\.sign\.", printed)
    assert_nothing_left(tmp_path)


def _read_terminal(terminal: IO[bytes]) -> bytes:
    try:
        return terminal.read(4096)
    except OSError:  # how Linux says that nobody holds the other side any more
        return b""


def test_a_reader_that_goes_away_ends_it_and_nothing_is_left(tmp_path: Path) -> None:
    with demo(IN_PROCESS, tmp_path) as running:
        running.until("Four nodes")
        assert running.process.stdout is not None
        running.process.stdout.close()
        status = running.process.wait(PATIENCE_SECONDS)

    assert status != 0
    assert_nothing_left(tmp_path)
