"""The ledger for those who audit: none of these routes shows what an exchange says."""

from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime
from node.web.actors import GuardedRoute, guarded
from node.web.answers import body_of, json_answer
from schemas.audit import CheckpointView, WhoSaw

_CHECKPOINTS: TypeAdapter[list[CheckpointView]] = TypeAdapter(list[CheckpointView])


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""
    ledgers = runtime.ledgers

    async def who_saw(request: Request, actor: Actor) -> Response:
        """Who read the personal data of exchanges in which words stand; the words travel in the body."""
        await runtime.index()
        asked = WhoSaw.model_validate_json(await body_of(request))
        return json_answer((await ledgers.who_saw(asked, actor)).model_dump_json())

    async def extract(request: Request, actor: Actor) -> Response:
        """The ledger as lines of JSON, from the entry after a number on."""
        after = request.query_params.get("after", "0")
        if not after.isdecimal():
            raise HTTPException(422, "after: the number of an entry")
        lines = await ledgers.extract(actor, int(after))
        return Response("".join(f"{line}\n" for line in lines), media_type="application/x-ndjson")

    async def checkpoints(_: Request, actor: Actor) -> Response:
        """The signed heads of ledgers that this node holds."""
        return json_answer(_CHECKPOINTS.dump_json(await ledgers.checkpoints(actor)))

    return [
        guarded(runtime, "/api/v1/ledger/who-saw", who_saw, Right.AUDIT, methods=("POST",)),
        guarded(runtime, "/api/v1/ledger", extract, Right.AUDIT),
        guarded(runtime, "/api/v1/ledger/checkpoints", checkpoints, Right.AUDIT, Right.OPERATE),
    ]
