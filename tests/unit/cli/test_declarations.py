"""Policy areas on the command line, against two nodes that run without a broker: what is published waits."""

import json
import os
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broker.guarded import GuardedProcess
from node.areas import BUILT_IN
from node.cli import main
from node.config import Config
from node.sandbox.cluster import CHECKOUT
from node.sandbox.federation import found

PATIENCE_SECONDS = 60
NAME = "craft_cards"
TEXT = (
    (BUILT_IN / "professional_qualifications.toml")
    .read_text()
    .replace('area = "professional_qualifications"', f'area = "{NAME}"')
    .replace('code = "PQ"', 'code = "CRAFT"')
)

Imi = Callable[..., tuple[int, str, str]]


def running(config: Config) -> GuardedProcess:
    process = GuardedProcess(
        [sys.executable, "-m", "node", "node", "run", str(config.folder)],
        folder=config.folder,
        log=config.folder / "log",
        environment={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not config.socket.exists():
        assert process.is_running, (config.folder / "log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """The Commission's node and Germany's, and that of Cyprus, which does not run; nor does their broker."""
    place = tmp_path_factory.mktemp("areas")
    configs = found(place, ("DE", "CY", "EC"), at=datetime.now(UTC), broker="amqps://localhost:1")
    processes = [running(configs[node]) for node in ("DE", "EC")]
    yield {node: config.folder for node, config in configs.items()}
    for process in processes:
        process.kill()


@pytest.fixture
def imi(capsys: pytest.CaptureFixture[str]) -> Imi:
    def run(*arguments: object) -> tuple[int, str, str]:
        status = main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_a_policy_area_is_published_shown_and_listed(imi: Imi, nodes: dict[str, Path], tmp_path: Path) -> None:
    file = tmp_path / "craft.toml"
    file.write_text(TEXT)
    ec = nodes["EC"]

    status, out, _ = imi("area", "publish", ec, file, "--stage", "consult")
    assert (status, out.splitlines()[-1]) == (0, "It is on its way to 2 nodes.")
    assert out.startswith(f"{NAME}, version 1: consultation since {datetime.now(UTC):%Y-%m-%d} ")
    assert "No exchange can begin with it now." in imi("area", "show", ec, NAME)[1]
    status, out, _ = imi("area", "publish", ec, file, "--stage", "in_force", "--since", "2999-01-01")
    assert (status, out.splitlines()[0]) == (0, f"{NAME}, version 1: in force from 2999-01-01 00:00 UTC on.")
    by = ("--to", "DE", "--area", NAME)
    assert imi("exchange", "draft", ec, "information", *by)[2] == (
        f"{NAME}, version 1, is not in force but in consultation; it will be from 2999-01-01 00:00 UTC on\n"
    )
    listed = imi("area", "list", ec)[1]
    assert "consultation; in force from 2999-01-01 00:00 UTC" in listed
    assert listed.count("installed here") == 3
    assert imi("area", "show", ec, NAME, "--text")[1] == TEXT
    views = {each["area"]: each for each in json.loads(imi("area", "list", ec, "--json")[1])}
    assert (views[NAME]["stage"], views[NAME]["is_open"]) == ("consultation", False)
    assert tomllib.loads(imi("exchange", "form", "information", "--area", NAME, "--node", ec)[1]).keys() >= {"subject"}


def test_what_came_with_the_program_has_no_text_of_its_own(imi: Imi, nodes: dict[str, Path]) -> None:
    shown = imi("area", "show", nodes["DE"], "services")[1]

    assert "Exchanges can begin with it." in shown
    assert "Notification of an intended measure" in shown
    assert imi("area", "show", nodes["DE"], "services", "--text")[1].startswith("# It came with the program")


def test_mistakes_are_explained(imi: Imi, nodes: dict[str, Path], tmp_path: Path) -> None:
    file = tmp_path / "craft.toml"
    file.write_text(TEXT.replace('form = "reply"', 'form = "unknown"'))

    assert imi("area", "publish", nodes["EC"], file, "--stage", "retired")[0] == 2
    status, _, err = imi("area", "publish", nodes["EC"], file, "--stage", "in_force")
    assert (status, "the form unknown is not declared" in err) == (1, True)
    status, _, err = imi("area", "publish", nodes["DE"], file, "--stage", "in_force")
    assert (status, err) == (1, "only the Commission publishes declarations, and this node is DE\n")
    assert imi("area", "show", nodes["DE"], "taxes")[2] == "this node does not have taxes\n"
    assert (
        imi("area", "show", nodes["DE"], "services", "--version", 7)[2]
        == "this node does not have services, version 7\n"
    )


def test_the_guidance_begins_a_draft(imi: Imi, nodes: dict[str, Path], tmp_path: Path) -> None:
    file = tmp_path / "guidance.toml"
    assert imi("guidance", "--answer", "establishment=own_country", "--form", file)[0] == 0
    by = ("--authority", "DE/consumer-protection")

    status, out, _ = imi("exchange", "draft", nodes["DE"], "request", "--to", "CY", "--form", file, *by)

    assert status == 0
    case = out.partition(":")[0]
    shown = json.loads(imi("exchange", "show", nodes["DE"], case, "--json")[1])
    assert "online_services/1 establishment=own_country G1" in json.dumps(shown)
