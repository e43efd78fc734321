"""Says in plain words why a link to RabbitMQ failed, with the remedy: what an operator reads first.

The libraries report one and the same trouble at several depths: a refused certificate may come as an SSL error,
as the cause of a connection error, or as text within one. So the whole chain of causes is looked through.
"""

import ssl
from collections.abc import Iterator

from aiormq.exceptions import (
    AuthenticationError,
    ChannelAccessRefused,
    ChannelNotFoundEntity,
    ConnectionNotAllowed,
    ProbableAuthenticationError,
)

from broker.topology import inbox
from schemas.identifiers import NodeId

_CERTIFICATE_ALERTS = ("UNKNOWN_CA", "BAD_CERTIFICATE", "CERTIFICATE_EXPIRED", "CERTIFICATE_REQUIRED")


def explain(problem: BaseException, *, node: NodeId, address: str) -> str:
    """Turn a failure to connect into one sentence.

    Args:
        problem: what the attempt raised.
        node: the node that tried.
        address: host and port that it tried.
    """
    chain = list(_causes(problem))
    return (
        _certificate_problem(chain, address)
        or _refusal(chain, node, address)
        or _sudden_end(chain, address)
        or _absence(chain, address)
    )


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()  # a chain may bite its own tail, where a library raises one exception twice
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        yield problem
        problem = problem.__cause__ or problem.__context__


def _certificate_problem(chain: list[BaseException], address: str) -> str | None:
    for problem in chain:
        if isinstance(problem, ssl.SSLCertVerificationError):
            return (
                f"The certificate of the broker at {address} is not accepted: {problem.verify_message} "
                "Check the host name and the authority's certificate."
            )
        if any(alert in str(problem).upper().replace(" ", "_") for alert in _CERTIFICATE_ALERTS):
            return (
                f"The broker at {address} refused this node's certificate; "
                "have it issued, or renewed, by the authority that the broker trusts."
            )
        if isinstance(problem, ssl.SSLError) and "WRONG_VERSION_NUMBER" in str(problem):
            return (
                f"What listens at {address} does not speak TLS: another program has taken the broker's port, "
                "or it is the broker's port without TLS."
            )
    return None


def _refusal(chain: list[BaseException], node: NodeId, address: str) -> str | None:
    for problem in chain:
        match problem:
            case ProbableAuthenticationError() | ConnectionNotAllowed():
                return f"The broker at {address} does not know the user {node}, or its password; have {node} admitted."
            case AuthenticationError():
                return f"The broker at {address} does not offer the sign-in method that the address asks for."
            case ChannelAccessRefused():
                return f"The broker at {address} gives {node} no permission for {inbox(node)}; have {node} admitted."
            case ChannelNotFoundEntity():
                return f"The broker at {address} has no inbox {inbox(node)}; have {node} admitted."
            case FileNotFoundError() | PermissionError():
                return f"The file {problem.filename} for the link to the broker can't be read."
            case _:
                continue
    return None


def _sudden_end(chain: list[BaseException], address: str) -> str | None:
    # With TLS 1.3 a refused client learns of it only when it reads; if the connection is reset before, the
    # broker's alert is lost, and the reset is all that there is to tell from.
    if any(isinstance(problem, ConnectionResetError | BrokenPipeError | EOFError) for problem in chain):
        return (
            f"The broker at {address} closed the connection at once; "
            "it may not accept this node's certificate, or is just stopping."
        )
    return None


def _absence(chain: list[BaseException], address: str) -> str:
    if any(isinstance(problem, TimeoutError) for problem in chain):
        return f"The broker at {address} does not answer in time."
    if any(isinstance(problem, OSError) for problem in chain):
        reason = type(chain[-1]).__name__
        return f"The broker at {address} can't be reached ({reason}); is it running, and the way open?"
    return f"The link to the broker at {address} failed: {chain[0]!r}."
