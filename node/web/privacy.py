"""The rights of persons: blocking early, who has confirmed, the register of requests, corrections, counts."""

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime
from node.web.actors import GuardedRoute, guarded
from node.web.answers import body_of, json_answer
from schemas.privacy import Asking, BlockOrder, DataRequest, Decision, RectificationOrder, RetentionView

_REQUESTS: TypeAdapter[list[DataRequest]] = TypeAdapter(list[DataRequest])
_RETENTION: TypeAdapter[list[RetentionView]] = TypeAdapter(list[RetentionView])

POST = ("POST",)


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""
    return [*_of_exchanges(runtime), *_of_the_register(runtime)]


def _of_exchanges(runtime: Runtime) -> list[GuardedRoute]:
    privacy = runtime.privacy

    async def block(request: Request, actor: Actor) -> Response:
        """Block the personal data of an exchange now; answers with the exchange after it."""
        order = BlockOrder.model_validate_json(await body_of(request))
        return json_answer((await privacy.block(_case(request), order, actor)).model_dump_json())

    async def retention(request: Request, actor: Actor) -> Response:
        """Who has blocked or deleted in one exchange."""
        return json_answer((await privacy.retention(_case(request), actor)).model_dump_json())

    async def unconfirmed(_: Request, actor: Actor) -> Response:
        """Exchanges in which a party has not confirmed in time."""
        return json_answer(_RETENTION.dump_json(await privacy.unconfirmed(actor)))

    async def rectify(request: Request, actor: Actor) -> Response:
        """Say something about an answer of a step."""
        order = RectificationOrder.model_validate_json(await body_of(request))
        return json_answer((await privacy.rectify(_case(request), order, actor)).model_dump_json(), status=201)

    one = "/api/v1/exchanges/{id}"
    return [
        guarded(runtime, f"{one}/block", block, Right.BLOCK, methods=POST),
        guarded(runtime, f"{one}/retention", retention, Right.SEE),
        guarded(runtime, f"{one}/rectifications", rectify, Right.RECTIFY, Right.ASK_ABOUT_DATA, methods=POST),
        guarded(runtime, "/api/v1/privacy/unconfirmed", unconfirmed, Right.SEE),
    ]


def _of_the_register(runtime: Runtime) -> list[GuardedRoute]:
    privacy = runtime.privacy

    async def requests(_: Request, actor: Actor) -> Response:
        """The register of requests."""
        return json_answer(_REQUESTS.dump_json(await privacy.requests(actor)))

    async def ask(request: Request, actor: Actor) -> Response:
        """Enter a request."""
        asking = Asking.model_validate_json(await body_of(request))
        return json_answer((await privacy.ask(asking, actor)).model_dump_json(), status=201)

    async def show(request: Request, actor: Actor) -> Response:
        """One request."""
        return json_answer((await privacy.request(_number(request), actor)).model_dump_json())

    async def decide(request: Request, actor: Actor) -> Response:
        """Decide about a request."""
        decision = Decision.model_validate_json(await body_of(request))
        return json_answer((await privacy.decide(_number(request), decision, actor)).model_dump_json())

    async def look(request: Request, actor: Actor) -> Response:
        """Look at blocked data, as was granted."""
        return json_answer((await privacy.look(_number(request), actor)).model_dump_json())

    async def counts(_: Request, actor: Actor) -> Response:
        """How often."""
        return json_answer((await privacy.counts(actor)).model_dump_json())

    register = "/api/v1/privacy"
    ask_or_decide = (Right.ASK_ABOUT_DATA, Right.DECIDE_ABOUT_DATA)
    return [
        guarded(runtime, f"{register}/requests", requests, Right.SEE_DATA_REQUESTS),
        guarded(runtime, f"{register}/requests", ask, Right.ASK_ABOUT_DATA, methods=POST),
        guarded(runtime, f"{register}/requests/{{number:int}}", show, Right.SEE_DATA_REQUESTS),
        guarded(runtime, f"{register}/requests/{{number:int}}/decision", decide, *ask_or_decide, methods=POST),
        guarded(runtime, f"{register}/requests/{{number:int}}/look", look, Right.SEE_PERSONAL, methods=POST),
        guarded(runtime, f"{register}/counts", counts, Right.COUNT, Right.AUDIT, Right.SEE_DATA_REQUESTS),
    ]


def _case(request: Request) -> str:
    return str(request.path_params["id"])


def _number(request: Request) -> int:
    return int(request.path_params["number"])
