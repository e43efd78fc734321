from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.store.database import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path / "node.db")
    yield opened
    await opened.close()
