"""Finds RabbitMQ on this machine, or says what is missing and how to get it."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

# Debian's /usr/sbin/rabbitmq-server changes to the user rabbitmq and so can't run privately: the script behind
# it comes first.
_SERVER_FOLDERS = ("/usr/lib/rabbitmq/bin", "/opt/homebrew/opt/rabbitmq/sbin", "/usr/local/opt/rabbitmq/sbin")
_EPMD_PATTERNS = ("/usr/lib/erlang/erts-*/bin/epmd", "/usr/lib64/erlang/erts-*/bin/epmd")


class RabbitMissing(Exception):
    """RabbitMQ, or the Erlang that it runs on, is not installed; the message says how to install it."""


class Installation(BaseModel):
    """The programs that a private broker is started from."""

    model_config = ConfigDict(frozen=True)

    server: Path
    epmd: Path
    """Erlang's port mapper, without which no RabbitMQ starts."""


def find_rabbitmq(search_path: str | None = None, server_folders: Iterable[str] = _SERVER_FOLDERS) -> Installation:
    """Look for RabbitMQ where Debian and Homebrew put it, then along the search path.

    Args:
        search_path: as in the environment's PATH, which it is by default.
        server_folders: where to look first.

    Raises:
        RabbitMissing: it is not there.
    """
    search_path = os.environ.get("PATH", os.defpath) if search_path is None else search_path
    server = shutil.which("rabbitmq-server", path=os.pathsep.join([*server_folders, search_path]))
    if server is None:
        raise RabbitMissing("RabbitMQ is not installed; on Debian and Ubuntu: apt-get install rabbitmq-server")
    epmd = shutil.which("epmd", path=search_path) or _first_match(_EPMD_PATTERNS)
    if epmd is None:
        raise RabbitMissing("Erlang's epmd is missing; on Debian and Ubuntu: apt-get install erlang-base")
    return Installation(server=Path(server), epmd=Path(epmd))


def _first_match(patterns: Iterable[str]) -> str | None:
    found = (str(path) for pattern in patterns for path in sorted(Path("/").glob(pattern.lstrip("/"))))
    return next(found, None)
