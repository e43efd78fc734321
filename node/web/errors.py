"""Errors as problem details (RFC 9457): what is wrong, which field, what to do."""

import logging
import sqlite3
from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from node.crypto.trust import TrustError
from node.handlers.access import Denied
from node.handlers.exchanges.desk import NotOnDesk
from node.handlers.persons.requests import SecondPersonNeeded
from node.handlers.registers.register import RegisterRefused
from node.handlers.search.searching import Unsearchable
from node.runtime import DirectoryExpired, Refused
from node.runtime.actors import UnknownUser
from node.runtime.reading import Unknown
from node.runtime.register import UnknownAuthority
from schemas.api import FieldProblem, Problem
from schemas.mistakes import mistakes
from schemas.refusal import Refusal

Handler = Callable[[Request, Exception], Awaitable[Response]]

_UNAUTHORIZED = 401
_FORBIDDEN = 403
_NOT_FOUND = 404
_CONFLICT = 409
_UNPROCESSABLE = 422
_UNAVAILABLE = 503

log = logging.getLogger(__name__)


def _answer(problem: Problem) -> Response:
    return Response(problem.model_dump_json(), problem.status, media_type="application/problem+json")


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refused):
        raise error
    return _answer(
        Problem(
            title="The step is not possible.",
            status=_CONFLICT if error.code is Refusal.NO_MEANING else _UNPROCESSABLE,
            detail=error.detail,
            code=error.code,
            problems=tuple(FieldProblem(field=each.field, message=each.message) for each in error.problems),
        )
    )


async def _invalid(_: Request, error: Exception) -> Response:
    if not isinstance(error, ValidationError):
        raise error
    problems = tuple(FieldProblem(field=each.field or "body", message=each.message) for each in mistakes(error))
    detail = "; ".join(f"{each.field}: {each.message}" for each in problems)
    return _answer(
        Problem(title="The request is not understood.", status=_UNPROCESSABLE, detail=detail, problems=problems)
    )


async def _denied(_: Request, error: Exception) -> Response:
    if not isinstance(error, Denied):
        raise error
    return _answer(
        Problem(title="You have not the right to it.", status=_FORBIDDEN, detail=str(error), code=f"no_{error.right}")
    )


async def _stranger(_: Request, error: Exception) -> Response:
    return _answer(Problem(title="Nobody knows you here.", status=_UNAUTHORIZED, detail=str(error), code="no_user"))


async def _not_on_desk(_: Request, error: Exception) -> Response:
    return _answer(Problem(title="The desk is not like that.", status=_CONFLICT, detail=str(error), code="not_on_desk"))


async def _second_person(_: Request, error: Exception) -> Response:
    return _answer(
        Problem(title="It takes two persons.", status=_FORBIDDEN, detail=str(error), code="second_person_needed")
    )


async def _unchanged(_: Request, error: Exception) -> Response:
    return _answer(
        Problem(title="The register was not changed.", status=_CONFLICT, detail=str(error), code="register_refused")
    )


async def _unknown(_: Request, error: Exception) -> Response:
    return _answer(Problem(title="Not found.", status=_NOT_FOUND, detail=str(error)))


async def _untrusted(_: Request, error: Exception) -> Response:
    return _answer(Problem(title="The document is not trusted.", status=_UNPROCESSABLE, detail=str(error)))


async def _unsearchable(_: Request, error: Exception) -> Response:
    return _answer(Problem(title="It can't be searched for in this way.", status=_UNPROCESSABLE, detail=str(error)))


async def _expired(_: Request, error: Exception) -> Response:
    return _answer(
        Problem(title="The directory has expired.", status=_UNAVAILABLE, detail=str(error), code="directory_expired")
    )


async def _store(_: Request, error: Exception) -> Response:
    log.error("store.failed", extra={"reason": str(error)})
    detail = f"the node can't use its store ({error}); nothing has changed. Is the disk full?"
    return _answer(Problem(title="The store failed.", status=_UNAVAILABLE, detail=detail, code="store_failed"))


async def _http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _answer(Problem(title=error.detail, status=error.status_code))


HANDLERS: dict[type[Exception] | int, Handler] = {
    Refused: _refused,
    Denied: _denied,
    UnknownUser: _stranger,
    NotOnDesk: _not_on_desk,
    SecondPersonNeeded: _second_person,
    ValidationError: _invalid,
    RegisterRefused: _unchanged,
    Unknown: _unknown,
    UnknownAuthority: _unknown,
    TrustError: _untrusted,
    Unsearchable: _unsearchable,
    DirectoryExpired: _expired,
    sqlite3.OperationalError: _store,
    HTTPException: _http,
}
