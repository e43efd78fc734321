from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.config import Config
from tests.unit.runtime.desks import Town, TownLife, make_federation


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Config]:
    return make_federation(tmp_path_factory.mktemp("federation"), ("DE", "CY", "EC"))


@pytest.fixture
async def town(tmp_path: Path, federation: dict[str, Config]) -> AsyncIterator[Town]:
    async with TownLife(tmp_path, federation) as town:
        yield town
