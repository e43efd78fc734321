"""A guarded program ends when it is told to, and when we are killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from broker.guarded import GuardedProcess

PATIENCE_SECONDS = 30

PARENT = """
import os, pathlib, signal, sys
from broker.guarded import GuardedProcess
here = pathlib.Path(sys.argv[1])
command = ["/bin/sh", "-c", "sleep 1000 & echo $! > child; echo $$ > program; wait"]
GuardedProcess(command, folder=here, log=here / "log", environment=os.environ)
while not (here / "program").exists() or not (here / "program").read_text():
    pass
os.kill(os.getpid(), signal.SIGKILL)
"""


def start(script: str, folder: Path) -> GuardedProcess:
    log = folder / "log"
    return GuardedProcess(["/bin/sh", "-c", script], folder=folder, log=log, environment=os.environ)


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def written(file: Path) -> int | None:
    return int(file.read_text()) if file.exists() and file.read_text().strip() else None


def runs(pid: int) -> bool:
    """Say whether a process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_program_and_its_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.run([sys.executable, "-c", PARENT, str(tmp_path)], check=False, cwd=Path.cwd())
    assert parent.returncode == -signal.SIGKILL

    for name in ("program", "child"):
        pid = written(tmp_path / name)
        assert pid is not None
        until(lambda pid=pid: not runs(pid))  # type: ignore[misc]


def test_kill_ends_a_program_that_ignores_signals_or_is_paused(tmp_path: Path) -> None:
    process = start("trap '' TERM INT; echo $$ > program; while :; do sleep 1; done", tmp_path)
    until(lambda: written(tmp_path / "program") is not None)
    process.signal(signal.SIGSTOP)

    process.kill()

    pid = written(tmp_path / "program")
    assert pid is not None
    until(lambda: not runs(pid))
    assert not process.is_running


async def test_terminate_lets_a_program_end_in_good_order(tmp_path: Path) -> None:
    process = start("trap 'echo orderly > end; exit' TERM; echo $$ > program; while :; do sleep 0.01; done", tmp_path)
    until(lambda: written(tmp_path / "program") is not None)

    await process.terminate(PATIENCE_SECONDS)

    assert (tmp_path / "end").read_text() == "orderly\n"
    assert not process.is_running


async def test_terminate_kills_a_program_that_will_not_end(tmp_path: Path) -> None:
    process = start("trap '' TERM; echo $$ > program; while :; do sleep 0.01; done", tmp_path)
    until(lambda: written(tmp_path / "program") is not None)

    await process.terminate(0.1)

    assert not process.is_running


def test_a_program_that_ends_by_itself_is_seen_to_have_ended_and_leaves_no_guard(tmp_path: Path) -> None:
    process = start("echo said", tmp_path)

    until(lambda: not process.is_running)

    process.kill()
    assert (tmp_path / "log").read_text() == "said\n"
