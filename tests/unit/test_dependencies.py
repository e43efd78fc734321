"""Every package that we name is justified, and every file that is installed is known by its hash."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("run", "test")

_ENTRY = re.compile(r"^([a-z0-9.-]+)==(\S+)((?: ;[^\\]*)? \\\n(?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}(?= |\n)")


def named(group: str) -> set[str]:
    """The packages that pyproject.toml names to run a node, or to test it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = project["project"]["dependencies"] if group == "run" else project["dependency-groups"]["test"]
    return {normal(re.split(r"[\s\[<>=!~;]", name)[0]) for name in names}


def justified(group: str) -> list[str]:
    """The packages of one table of docs/dependencies.md."""
    heading = {"run": "## To run a node", "test": "## To test it"}[group]
    section = (ROOT / "docs" / "dependencies.md").read_text().split(heading)[1].split("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if "|" in line]
    assert all(len(row) == 3 and all(row) for row in rows), f"a row under {heading!r} is not complete"
    return [row[0] for row in rows[2:]]


def locked(group: str) -> dict[str, str]:
    """Package -> version in a lock."""
    text = (ROOT / f"requirements/{group}.lock").read_text()
    return {normal(name): version for name, version, _ in _ENTRY.findall(text)}


def normal(name: str) -> str:
    """One spelling of a package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("group", LOCKS)
def test_every_package_that_we_name_is_justified_once_and_no_other_is(group: str) -> None:
    rows = justified(group)

    assert sorted(map(normal, rows)) == sorted(named(group))


@pytest.mark.parametrize("group", LOCKS)
def test_a_lock_pins_every_package_that_we_name(group: str) -> None:
    assert named("run") | named(group) <= locked(group).keys()


def test_the_lock_for_tests_holds_all_that_a_node_runs_on() -> None:
    # ./imi counts an environment made for tests as one that a node can run in.
    assert locked("run").items() <= locked("test").items()


@pytest.mark.parametrize("group", LOCKS)
def test_a_lock_is_nothing_but_pinned_packages_with_hashes(group: str) -> None:
    text = (ROOT / f"requirements/{group}.lock").read_text()

    without_entries = _ENTRY.sub("", text)
    hashes = [_HASH.findall(entry) for _, _, entry in _ENTRY.findall(text)]

    assert [line for line in without_entries.splitlines() if line.strip() and not line.lstrip().startswith("#")] == []
    assert all(hashes), "a package without a SHA-256 hash"
    assert sum(map(len, hashes)) == text.count("--hash="), "a hash that is not SHA-256"


@pytest.mark.parametrize("group", LOCKS)
def test_a_lock_names_no_place_to_fetch_from(group: str) -> None:
    text = (ROOT / f"requirements/{group}.lock").read_text()

    assert re.findall(r"\w+://\S+|--\w*index\S*|--find-links\S*|\s@\s", text) == []
