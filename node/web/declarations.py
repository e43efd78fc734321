"""The policy areas that a node knows; and at the Commission's node, their publication."""

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime, declarations
from node.web.actors import GuardedRoute, guarded
from node.web.answers import Done, body_of, json_answer
from schemas.policy_area import PolicyArea
from schemas.publication import AreaView, Publishing

_VIEWS: TypeAdapter[list[AreaView]] = TypeAdapter(list[AreaView])
_AREAS: TypeAdapter[list[PolicyArea]] = TypeAdapter(list[PolicyArea])


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""
    seat = runtime.seat

    async def list_areas(_: Request, _actor: Actor) -> Response:
        """Every version of every policy area, with its stage."""
        return json_answer(_VIEWS.dump_json(declarations.views(seat)))

    async def published(_: Request, _actor: Actor) -> Response:
        """The declarations that were published, as they are used; for programs that speak with this node."""
        return json_answer(_AREAS.dump_json([seat.areas[key] for key in sorted(seat.published)]))

    async def show(request: Request, _: Actor) -> Response:
        """One version with its text, the newest one without `version`."""
        number = request.query_params.get("version", "")
        version = int(number) if number.isdecimal() else None
        found = await declarations.declaration_view(seat, request.path_params["area"], version)
        return json_answer(found.model_dump_json())

    async def publish(request: Request, actor: Actor) -> Response:
        """Publish a declaration, or a further stage of one; says how many nodes are told."""
        publishing = Publishing.model_validate_json(await body_of(request))
        return json_answer(Done(count=await runtime.publish_declaration(publishing, actor)).model_dump_json())

    return [
        guarded(runtime, "/api/v1/areas", list_areas, Right.SEE_DECLARATIONS),
        guarded(runtime, "/api/v1/areas", publish, Right.DECLARE, methods=("POST",)),
        guarded(runtime, "/api/v1/areas/published", published, Right.SEE_DECLARATIONS),
        guarded(runtime, "/api/v1/areas/{area}", show, Right.SEE_DECLARATIONS),
    ]
