"""The examples of `docs/guides/integration-tests.md` run as they stand there."""

import asyncio
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "integration-tests.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("source", EXAMPLES, ids=lambda source: re.findall(r"async def (\w+)", source)[0])
def test_the_example_runs(source: str) -> None:
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(source, str(GUIDE), "exec"), names)  # noqa: S102  our own guide

    [story] = [each for each in names.values() if inspect.iscoroutinefunction(each) and each.__module__ == "example"]
    asyncio.run(story())


def test_there_are_two() -> None:
    assert len(EXAMPLES) == 2
