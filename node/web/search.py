"""Searching. What is searched for may be personal data, so it travels in the body: addresses end up in logs."""

from starlette.requests import Request
from starlette.responses import Response

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime
from node.web.actors import GuardedRoute, guarded
from node.web.answers import body_of, json_answer, purpose_of
from schemas.search import Query


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""

    async def find(request: Request, actor: Actor) -> Response:
        """Exchanges that meet a query and that the user may know of, the newest first, a page at a time."""
        query = Query.model_validate_json(await body_of(request))
        found = await runtime.find(query, actor, purpose_of(request))
        return json_answer(found.model_dump_json())

    return [guarded(runtime, "/api/v1/search", find, Right.SEARCH, methods=("POST",))]
