"""Links of exchanges, the versions of what they say, and new drafts copied from them; each for the user who asks."""

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime
from node.runtime.copying import copy_into
from node.web.actors import GuardedRoute, guarded
from node.web.answers import Done, body_of, json_answer, purpose_of
from schemas.links import CopyOrder, LinkOrder, LinkView
from schemas.versions import Version

_LINKS: TypeAdapter[list[LinkView]] = TypeAdapter(list[LinkView])
_VERSIONS: TypeAdapter[list[Version]] = TypeAdapter(list[Version])


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""

    async def show(request: Request, actor: Actor) -> Response:
        """The links of an exchange."""
        return json_answer(_LINKS.dump_json(await runtime.links.of(request.path_params["id"], actor)))

    async def note(request: Request, actor: Actor) -> Response:
        """Note a link; nobody else is told."""
        order = LinkOrder.model_validate_json(await body_of(request))
        await runtime.links.note(request.path_params["id"], order.other, order.kind, actor)
        return json_answer(Done(count=1).model_dump_json(), status=201)

    async def copy(request: Request, actor: Actor) -> Response:
        """Begin a draft with what an exchange says; answers with the draft."""
        order = CopyOrder.model_validate_json(await body_of(request))
        draft = await copy_into(runtime, request.path_params["id"], order.procedure, order.authority, actor)
        return json_answer(draft.model_dump_json(), status=201)

    async def versions(request: Request, actor: Actor) -> Response:
        """The versions of what an exchange says, with what changed between them."""
        found = await runtime.readings.versions(request.path_params["id"], actor, purpose_of(request))
        return json_answer(_VERSIONS.dump_json(found))

    one = "/api/v1/exchanges/{id}"
    return [
        guarded(runtime, f"{one}/links", show, Right.SEE),
        guarded(runtime, f"{one}/links", note, Right.PREPARE, methods=("POST",)),
        guarded(runtime, f"{one}/copies", copy, Right.OPEN, methods=("POST",)),
        guarded(runtime, f"{one}/versions", versions, Right.SEE),
    ]
