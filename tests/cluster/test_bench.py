"""The benchmark as a visitor runs it, so short that its figures say nothing: only that it measures what it says."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from node.sandbox.bench import CANT_RUN, Figures, run
from node.sandbox.cluster import CHECKOUT
from tests.cluster.existing import existing_rabbit

ROUNDS = 2


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where everything of a run lies."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def test_it_measures_on_a_private_broker_and_leaves_nothing(tmp_path: Path, place: Path) -> None:
    status, printed = _bench("broker=None", tmp_path / "figures.json", place, {})

    assert status == 0, printed
    assert "one private RabbitMQ" in printed
    _assert_measured(tmp_path / "figures.json")
    assert [*place.iterdir()] == []


async def test_on_a_broker_that_runs_already_it_takes_a_place_of_its_own_and_gives_it_back(
    tmp_path: Path, place: Path
) -> None:
    async with existing_rabbit(tmp_path / "broker") as existing:
        status, printed = _bench(f"broker={existing.address!r}", tmp_path / "figures.json", place, existing.environment)

    assert status == 0, printed
    assert "making a virtual host of its own" in printed
    assert "a RabbitMQ that runs already" in printed
    assert existing.password not in printed
    _assert_measured(tmp_path / "figures.json")


def test_an_address_of_a_broker_that_cant_be_used_is_refused_with_the_form_it_takes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = run(broker="amqp://guest:guest@localhost")

    refused = capsys.readouterr().err
    assert status == CANT_RUN
    assert "An AMQP address is not enough" in refused
    assert "https://USER@HOST:15671" in refused


def _bench(broker: str, figures: Path, place: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    program = "import sys; from pathlib import Path; from node.sandbox.bench import run; "
    program += f"sys.exit(run(json_file=Path({str(figures)!r}), rounds={ROUNDS}, count=12, raw_count=20, {broker}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment, "PYTHONPATH": str(CHECKOUT), "TMPDIR": str(place), "COLUMNS": "120"},
    )
    return done.returncode, done.stdout + done.stderr


def _assert_measured(file: Path) -> None:
    figures = Figures.model_validate_json(file.read_bytes())
    every = (figures.receipted_per_second, figures.full_form_per_second, figures.raw_per_second, figures.ratios)
    assert [len(rates) for rates in every] == [ROUNDS] * len(every)
    assert all(rate > 0 for rates in every for rate in rates)
    assert 0 < figures.latency_p50_ms <= figures.latency_p99_ms
