"""Each kind of trouble has its own sentence, however deep the library buried it."""

import socket
import ssl
from itertools import pairwise

import pytest
from aiormq.exceptions import (
    AMQPConnectionError,
    AuthenticationError,
    ChannelAccessRefused,
    ChannelNotFoundEntity,
    ConnectionNotAllowed,
    ProbableAuthenticationError,
)

from broker.diagnosis import explain


def within(outer: Exception, *inner: BaseException) -> Exception:
    """Chain exceptions as `raise ... from` does, the outermost first."""
    links: list[BaseException] = [outer, *inner]
    for above, below in pairwise(links):
        above.__cause__ = below
    return outer


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (within(AMQPConnectionError(), ssl.SSLError(1, "tlsv1 alert unknown ca")), "refused this node's certificate"),
        (within(AMQPConnectionError(), ssl.SSLError(1, "sslv3 alert certificate expired")), "or renewed"),
        (within(AMQPConnectionError(), ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")), "another program has taken"),
        (within(AMQPConnectionError(), ConnectionResetError(104, "reset")), "closed the connection at once"),
        (ProbableAuthenticationError("ACCESS_REFUSED"), "does not know the user DE"),
        (ConnectionNotAllowed("access to vhost refused"), "does not know the user DE"),
        (AuthenticationError("PLAIN", "EXTERNAL"), "does not offer the sign-in method"),
        (ChannelAccessRefused("ACCESS_REFUSED"), "no permission for inbox.DE"),
        (ChannelNotFoundEntity("NOT_FOUND"), "no inbox inbox.DE"),
        (within(AMQPConnectionError(), ConnectionRefusedError(111, "refused")), "can't be reached (ConnectionRefused"),
        (within(AMQPConnectionError(), socket.gaierror(-2, "unknown")), "can't be reached (gaierror)"),
        (TimeoutError(), "does not answer in time"),
        (FileNotFoundError(2, "No such file", "/keys/link.pem"), "/keys/link.pem"),
        (ValueError("a bug"), "ValueError('a bug')"),
    ],
)
def test_trouble_is_told_in_a_sentence_of_its_own(problem: Exception, sentence: str) -> None:
    told = explain(problem, node="DE", address="broker.example:5671")

    assert sentence in told
    assert told.endswith((".", "?"))


def test_a_chain_of_causes_that_bites_its_tail_ends() -> None:
    first, second = AMQPConnectionError("a"), AMQPConnectionError("b")
    first.__cause__, second.__cause__ = second, first

    assert "broker.example:5671" in explain(first, node="DE", address="broker.example:5671")
