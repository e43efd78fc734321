"""The script `imi`: what it says before anything is there, what it makes, and what it makes again."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOOR = ROOT / "imi"

# A stand-in for the program: the door is tried here, not what lies behind it.
PROGRAM = "import sys\nprint(sys.argv[1:])\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose locks name no package, so that its set-up needs no network."""
    folder = tmp_path / "a checkout"
    (folder / "node").mkdir(parents=True)
    (folder / "requirements").mkdir()
    shutil.copy(DOOR, folder / "imi")
    (folder / "node" / "__init__.py").touch()
    (folder / "node" / "__main__.py").write_text(PROGRAM)
    (folder / "requirements" / "run.lock").write_text("# no package\n")
    return folder


def start(door: Path, *arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", door, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def commands_in_help() -> set[str]:
    text = start(DOOR, "help").stdout
    return set(re.findall(r"^  ([a-z-]+)  +[A-Z]", text, re.MULTILINE))


@pytest.mark.parametrize("asked", [["help"], ["--help"], ["-h"], [], ["test", "--help"]])
def test_help_is_there_before_anything_is_set_up(checkout: Path, asked: list[str]) -> None:
    before = sorted(checkout.rglob("*"))

    answer = start(checkout / "imi", *asked)

    assert (answer.returncode, answer.stderr) == (0, "")
    assert "./imi COMMAND" in answer.stdout
    assert sorted(checkout.rglob("*")) == before


def test_help_names_the_commands_that_there_are() -> None:
    listing = "import node.cli, typer; print(*typer.main.get_command(node.cli.app).commands)"
    commands = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)

    assert commands_in_help() == {*commands.stdout.split(), "test"}


def test_a_first_start_sets_up_and_a_second_makes_nothing(checkout: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(checkout / "imi")

    first = start(link, "node", "a b", "*", cwd=tmp_path)
    made = {path: path.stat().st_mtime_ns for path in checkout.rglob("*")}
    second = start(checkout / "imi", "node", "", cwd=tmp_path)

    assert (first.returncode, first.stdout) == (0, "['node', 'a b', '*']\n")
    assert first.stderr.count("(once)") == 2
    assert (second.returncode, second.stdout, second.stderr) == (0, "['node', '']\n", "")
    assert {path: path.stat().st_mtime_ns for path in checkout.rglob("*")} == made


def test_a_changed_lock_is_installed_and_a_set_up_that_was_cut_short_begins_anew(checkout: Path) -> None:
    start(checkout / "imi", "node")

    (checkout / "requirements" / "run.lock").write_text("# another\n")
    changed = start(checkout / "imi", "node")
    (checkout / ".venv" / "run.stamp").unlink()
    (checkout / ".imi" / "unfinished").touch()
    repaired = start(checkout / "imi", "node")

    assert changed.returncode == repaired.returncode == 0
    assert "Installing" in changed.stderr
    assert "Making" not in changed.stderr
    assert "Making" in repaired.stderr


def test_a_lock_that_can_not_be_installed_leaves_nothing_that_looks_ready(checkout: Path) -> None:
    (checkout / "requirements" / "run.lock").write_text(f"nowhere==1 --hash=sha256:{'0' * 64}\n")

    failed = start(checkout / "imi", "node", PIP_NO_INDEX="1")

    assert (failed.returncode, failed.stdout) == (2, "")
    assert "could not be installed" in failed.stderr
    assert "No matching distribution found for nowhere==1" in failed.stderr
    assert not list(checkout.glob(".venv/*.stamp"))


def test_without_python_it_says_which_one_to_install(checkout: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cat", "dirname", "mkdir"):
        (tools / name).symlink_to(str(shutil.which(name)))
    shell = str(shutil.which("sh"))

    answer = subprocess.run(
        [shell, checkout / "imi", "node"], env={"PATH": str(tools)}, capture_output=True, text=True, check=False
    )

    assert answer.returncode == 2
    assert answer.stderr.startswith("Python 3.11 or later is missing.")
