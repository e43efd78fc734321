"""What every route needs: a request's body within bounds, an answer in JSON."""

from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.audit import Purpose
from schemas.frozen import Frozen

_PURPOSE: TypeAdapter[Purpose] = TypeAdapter(Purpose)

MAX_BODY_BYTES = 8 * 1024 * 1024  # a signed directory has at most half of it


class Done(Frozen):
    """How much was done."""

    count: int


async def body_of(request: Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body, if it is within the limit; the first byte beyond it ends the reading."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > limit:
            raise HTTPException(413, f"more than {limit // 1024 // 1024} MB are not taken; send less")
    return bytes(content)


def json_answer(content: str | bytes, status: int = 200) -> Response:
    """Answer in JSON."""
    return Response(content, status, media_type="application/json")


def purpose_of(request: Request) -> Purpose:
    """Why somebody reads, as the query says (`?purpose=supervision`); to handle the exchange where it says nothing.

    Raises:
        pydantic.ValidationError: it is none of the purposes that there are.
    """
    return _PURPOSE.validate_python(request.query_params.get("purpose", Purpose.HANDLING))
