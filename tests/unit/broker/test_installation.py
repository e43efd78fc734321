"""Whether RabbitMQ is there, and what to do when it is not."""

from pathlib import Path

import pytest

from broker.installation import RabbitMissing, find_rabbitmq


def program(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_folder_of_the_distribution_comes_before_the_search_path(tmp_path: Path) -> None:
    behind = program(tmp_path / "lib", "rabbitmq-server")
    program(tmp_path / "bin", "rabbitmq-server")
    epmd = program(tmp_path / "bin", "epmd")

    found = find_rabbitmq(str(tmp_path / "bin"), [str(tmp_path / "lib")])

    assert (found.server, found.epmd) == (behind, epmd)


def test_a_missing_rabbitmq_comes_with_the_command_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(RabbitMissing, match="apt-get install rabbitmq-server"):
        find_rabbitmq(str(tmp_path), [])
