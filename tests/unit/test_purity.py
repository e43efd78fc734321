"""Decisions and shapes are functions of what they are given: no I/O, no clock, no randomness, no logging.

The contracts on imports say which modules may not be used; this says which names may not, whoever lends them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import node.handlers
import schemas

ROOTS = [Path(package.__path__[0]) for package in (node.handlers, schemas)]
FILES = sorted(file for root in ROOTS for file in root.rglob("*.py"))

FORBIDDEN_MODULES = frozenset(
    {"aio_pika", "aiosqlite", "asyncio", "cryptography", "httpx2", "io", "logging", "multiprocessing", "os", "pathlib"}
    | {"random", "secrets", "select", "shutil", "signal", "socket", "sqlite3", "ssl", "starlette", "subprocess", "sys"}
    | {"tempfile", "threading", "time", "urllib", "uvicorn", "warnings"}
)
FORBIDDEN_CALLS = frozenset({"open", "print", "input", "exec", "eval", "compile", "breakpoint", "__import__"})
FORBIDDEN_METHODS = frozenset({"read_text", "read_bytes", "write_text", "write_bytes", "uuid1", "uuid4", "urandom"})
CLOCKS = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today"})


def impurities(source: str) -> Iterator[str]:
    for part in ast.walk(ast.parse(source)):
        match part:
            case ast.Import(names=names):
                yield from (alias.name for alias in names if alias.name.split(".")[0] in FORBIDDEN_MODULES)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in FORBIDDEN_MODULES:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                yield f"{name}()"
            case ast.Attribute(attr=name) if name in FORBIDDEN_METHODS:
                yield f".{name}"
            case ast.Attribute(attr=name, value=ast.Name(id=owner) | ast.Attribute(attr=owner)) if (
                f"{owner}.{name}" in CLOCKS
            ):
                yield f"{owner}.{name}"
            case ast.AsyncFunctionDef(name=name):
                yield f"async {name}"
            case ast.Global(names=names):
                yield f"global {', '.join(names)}"


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_it_is_pure(file: Path) -> None:
    assert [*impurities(file.read_text(encoding="utf-8"))] == []


IMPURE = {
    "import of a clock": "import time",
    "import of randomness": "from random import choice",
    "import within a function": "def f():\n    import os.path",
    "the machine's time": "from datetime import datetime\nx = datetime.now()",
    "the machine's day, as a value": "from datetime import date\nf = date.today",
    "the machine's time, by the module": "import datetime as d\nx = d.datetime.now()",
    "a file": "open('x')",
    "a word to the terminal": "print('x')",
    "a coroutine": "async def f(): ...",
    "a random name": "import uuid\nx = uuid.uuid4()",
    "state": "def f():\n    global x\n    x = 1",
}


@pytest.mark.parametrize("source", IMPURE.values(), ids=IMPURE)
def test_an_impurity_is_found(source: str) -> None:
    assert [*impurities(source)]


def test_there_is_something_to_look_at() -> None:
    assert {"procedure.py", "convergence.py", "messages.py", "policy_area.py"} <= {file.name for file in FILES}
