from tests.unit.runtime.conftest import federation, town

__all__ = ["federation", "town"]
