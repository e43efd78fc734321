"""Options of the whole suite."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the contract of the broker be tried on a RabbitMQ that runs already.

    Tests that stop or kill their broker go on with a private one, which has to be installed.
    """
    parser.addoption(
        "--broker",
        metavar="URL",
        help="https://USER@HOST[:PORT] of a management API, the password in IMI_BROKER_PASSWORD: the contract of the "
        "port is tested on that RabbitMQ too, in a virtual host of its own",
    )
