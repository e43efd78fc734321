"""Runs a program that cannot outlive this process, not even when this process is killed.

A small shell starts the program in a session of its own and holds the reading end of a pipe whose writing end
only we have. When we end, in whatever way, the kernel closes the pipe, and the shell kills the whole process
group, with all that the program started. No signal handler, no finaliser and no pid file is relied upon.

All that it started also inherit the writing end of a second pipe, which nobody writes to: once its reading end
is at its end, none of them lives, whoever their parent is by then. Until then ports and files are still theirs.

Waiting is by looking, not by a child watcher: so a process may be started under one event loop and ended under
another.
"""

import asyncio
import os
import select
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

# The program is to get TERM with the group; the shell and its watch stay, to report the end and to kill.
_GUARD = """
trap : TERM
exec 3<&0
"$@" </dev/null 3<&- & program=$!
( trap '' TERM; while read -r _; do :; done; kill -KILL 0 ) <&3 & watch=$!
while kill -0 $program 2>/dev/null; do wait $program; done
kill -KILL $watch
"""
_LOOK_SECONDS = 0.02
_DEATH_SECONDS = 10.0  # the kernel frees a large process within a fraction of it


class GuardedProcess:
    """A program in its own process group, and the pipe that its life hangs on."""

    def __init__(self, command: Sequence[str], *, folder: Path, log: Path, environment: Mapping[str, str]) -> None:
        self._lives, lives = os.pipe()
        with log.open("ab") as output, os.fdopen(lives, "wb"):
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                ["/bin/sh", "-c", _GUARD, "guard", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
                pass_fds=[lives],
            )

    @property
    def group(self) -> int:
        """The process group of the program and all that it started."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the program runs."""
        return self._process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the program and all that it started; does nothing after its end."""
        if self.is_running:
            os.killpg(self._process.pid, number)

    async def terminate(self, patience_seconds: float) -> None:
        """Ask the program to end, and kill it when it has not within this time."""
        self.signal(signal.SIGTERM)
        deadline = asyncio.get_running_loop().time() + patience_seconds
        while self.is_running and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110 - see above
            await asyncio.sleep(_LOOK_SECONDS)
        self.kill()

    def kill(self) -> None:
        """End the program and all that it started at once, even if it is paused; returns when none lives."""
        self.signal(signal.SIGKILL)
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
            self._process.wait()
            select.select([self._lives], [], [], _DEATH_SECONDS)
            os.close(self._lives)
