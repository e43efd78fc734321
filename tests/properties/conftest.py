import os

import pytest
from hypothesis import HealthCheck, settings

from node.config import Config
from tests.unit.runtime.desks import make_federation

settings.register_profile(
    "quick",
    max_examples=40,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)
settings.register_profile("long", settings.get_profile("quick"), max_examples=1000)
settings.load_profile(os.environ.get("IMI_PROPERTIES", "quick"))


@pytest.fixture(scope="session")
def federation(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Config]:
    return make_federation(tmp_path_factory.mktemp("federation"), ("DE", "CY", "EC"))
