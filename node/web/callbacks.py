"""The one address of a node that strangers may speak to: where eTranslation brings its answers.

It sends no proof of who it is. What proves an answer is its address, a secret of one job that only eTranslation was
told. Nothing of what comes to any other address is read. Addresses are never logged; answers hold what was translated,
so a proxy before this has to speak TLS and to keep its log free of paths.
"""

from typing import get_args

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from node.runtime.translation_jobs import TranslationJobs
from node.translation.port import AnswerKind, BadAnswer

MOST_BYTES = 30 * 1024 * 1024
"""A document of 20 MB, with room for JSON around it and for longer words."""
MOST_SNIPPET_BYTES = 256 * 1024

_KINDS: dict[str, AnswerKind] = {kind: kind for kind in get_args(AnswerKind)}


def callbacks(jobs: TranslationJobs) -> Starlette:
    """Make the application."""

    async def answered(request: Request) -> Response:
        """Take an answer; 503 asks for it once more, 404 says no more than that there is nothing here."""
        back, kind = request.path_params["back"], _KINDS.get(request.path_params["kind"])
        if kind is None or not jobs.expects(back):
            return Response(status_code=404)
        body = await _body(request, MOST_BYTES if kind == "document" else MOST_SNIPPET_BYTES)
        if body is None:
            return Response(status_code=413)
        try:
            taken = await jobs.arrived(back, kind, dict(request.query_params), body)
        except BadAnswer:
            return Response(status_code=400)
        return Response(status_code=200 if taken else 503)

    return Starlette(routes=[Route("/{back}/{kind}", answered, methods=["POST"])])


async def _body(request: Request, most: int) -> bytes | None:
    read = bytearray()
    try:
        async for piece in request.stream():
            read += piece
            if len(read) > most:
                return None
    except ClientDisconnect:
        return None
    return bytes(read)
