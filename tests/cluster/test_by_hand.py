"""The guide `docs/guides/by-hand.md`, command by command: real processes, a real RabbitMQ, nothing but the CLI."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.guarded import GuardedProcess

CHECKOUT = Path(__file__).parents[2]
GUIDE = CHECKOUT / "docs" / "guides" / "by-hand.md"
PATIENCE_SECONDS = 120
"""A bound for what must happen sooner or later, so that a failure ends; never a measure of speed."""


class Hand:
    """Types commands, each in the environment of a person whose home is a temporary folder."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self._port = port
        self._variables: list[str] = []
        self._running: list[GuardedProcess] = []
        self._environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(CHECKOUT)}

    def type(self, line: str) -> str:
        """Carry out one line; one that runs on is left running. Gives what was printed."""
        if re.match(r"[A-Z]+=", line):
            self._variables.append(line)
            return ""
        command = line.replace("./imi", f"{sys.executable} -m node").replace("5671", str(self._port))
        if re.match(r"\./imi (broker|node) run ", line):
            log = self.home / f"{len(self._running)}.log"
            program = ["/bin/sh", "-c", f"exec {command}"]
            self._running.append(GuardedProcess(program, folder=CHECKOUT, log=log, environment=self._environment))
            return ""
        return self._until_done(command)

    def settle(self) -> None:
        """Wait until no message of any node is without its receipt: a person types more slowly than that takes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._open_ends():
            assert time.monotonic() < deadline, "messages stay without a receipt"

    def end(self) -> None:
        """End what runs on, the broker last."""
        for process in reversed(self._running):
            process.kill()

    def _until_done(self, command: str) -> str:
        """A node may not be up yet, or not ready: then a person tries again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (done := self._sh(command)).returncode:
            assert "Traceback" not in done.stderr, done.stderr
            assert time.monotonic() < deadline, f"{command}\n{done.stdout}{done.stderr}"
            time.sleep(0.2)
        return done.stdout

    def _open_ends(self) -> bool:
        for node in ("de", "cy", "ec"):
            status = json.loads(self._sh(f"{sys.executable} -m node node status ~/imi-try/{node} --json").stdout)
            if status["outbox"].keys() & {"waiting", "published"} or status["signals"] or status["waiting"]:
                return True
        return False

    def _sh(self, command: str) -> subprocess.CompletedProcess[str]:
        script = "\n".join([*self._variables, command])
        return subprocess.run(
            ["/bin/sh", "-c", script],
            cwd=CHECKOUT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[Hand]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    typist = Hand(tmp_path, port)
    try:
        yield typist
    finally:
        typist.end()


def commands() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_the_guide_carries_an_exchange_from_founding_to_proven_evidence(hand: Hand) -> None:
    printed: dict[str, str] = {}
    for line in commands():
        printed[line] = hand.type(line)
        if line.startswith("./imi exchange"):
            hand.settle()

    def of(part: str) -> str:
        return next(text for line, text in reversed(printed.items()) if part in line)

    assert of("node status ~/imi-try/ec").startswith("The node of the European Commission is ready.\n")
    assert "-000001: Awaiting acceptance. Cyprus is to accept, forward or refuse by " in of("exchange send")
    assert "Awaiting acceptance. CY/coordinator is to accept, forward or refuse by " in of("exchange list ~/imi-try/cy")
    assert ": Accepted. CY/coordinator is to reply as promised by " in of("exchange accept")
    assert of("exchange close").endswith(": Answered and formally closed.\n")
    assert "Answered and formally closed." in of("exchange show ~/imi-try/cy")
    assert re.search(r"delivered to Cyprus on .*, opened on ", of("exchange show ~/imi-try/de"))
    assert of("exchange list ~/imi-try/ec") == "There are no exchanges.\n"
    assert "All keys are traced to the root that you gave" in of("verify ")
    assert of("verify ").endswith("the chain of what each party had seen.\n")
    assert of("--through").endswith("It is on its way to 1 node.\n")
