"""Runs one node as a process of its own: `python -m node.serve FOLDER`.

It says on standard error, one JSON object a line, what an operator needs to know, and never what a case says.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

import uvloop

from node.app import serve
from node.config import BadConfig, read_config
from node.crypto.keyring import BadKeyring
from node.crypto.trust import TrustError
from node.crypto.wrapping import NoSecret
from node.store.errors import StoreError
from schemas.declaration import BadDeclaration

CANT_RUN = 2
"""The exit status when the node's folder has to be mended first."""

CHATTY = ("aio_pika", "aiormq", "uvicorn", "httpx2", "httpcore2", "asyncio")
"""Libraries of which only warnings go into a node's log."""

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event, and what belongs to it."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        line = {"at": self.formatTime(record), "level": record.levelname.lower(), "event": record.getMessage()}
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info is not None and record.exc_info[0] is not None:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_to_standard_error() -> None:
    """Send what a node has to say to standard error, as JSON lines."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def run(folder: Path) -> int:
    """Run the node of a folder until it is told to stop; returns the exit status."""
    log_to_standard_error()
    try:
        config = read_config(folder)
        uvloop.run(serve(config))
    except (BadConfig, BadKeyring, NoSecret, BadDeclaration, TrustError, StoreError, OSError) as error:
        sys.stderr.write(f"The node of {folder} can't run: {error}\n")
        return CANT_RUN
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(run(Path(sys.argv[1])))
