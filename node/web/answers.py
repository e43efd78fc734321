"""What every route needs: a request's body within bounds, an answer in JSON."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from schemas.frozen import Frozen

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
