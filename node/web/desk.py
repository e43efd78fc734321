"""The desk of an exchange: what is prepared, submitted, released; who handles it; who at home reads it."""

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime
from node.web.actors import GuardedRoute, guarded
from node.web.answers import body_of, json_answer
from schemas.desk import Allocation, DeskLine, Dissemination, Preparation, Prepared, SendingBack

_LINES: TypeAdapter[list[DeskLine]] = TypeAdapter(list[DeskLine])

POST = ("POST",)


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""
    desks = runtime.desks

    async def waiting(_: Request, actor: Actor) -> Response:
        """Steps that are prepared and not taken."""
        return json_answer(_LINES.dump_json(await desks.waiting(actor)))

    async def prepare(request: Request, actor: Actor) -> Response:
        """Keep a step, filled in as far as it is."""
        preparation = Preparation.model_validate_json(await body_of(request))
        return json_answer((await desks.prepare(_case(request), preparation, actor)).model_dump_json())

    async def discard(request: Request, actor: Actor) -> Response:
        """Drop what was prepared of a step."""
        return json_answer((await desks.discard(_case(request), await _step(request), actor)).model_dump_json())

    async def submit(request: Request, actor: Actor) -> Response:
        """Submit a prepared step for approval."""
        return json_answer((await desks.submit(_case(request), await _step(request), actor)).model_dump_json())

    async def withdraw(request: Request, actor: Actor) -> Response:
        """Take a submitted step back."""
        return json_answer((await desks.withdraw(_case(request), await _step(request), actor)).model_dump_json())

    async def send_back(request: Request, actor: Actor) -> Response:
        """Give a submitted step back, with what is to be changed."""
        sending = SendingBack.model_validate_json(await body_of(request))
        return json_answer((await desks.send_back(_case(request), sending, actor)).model_dump_json())

    async def release(request: Request, actor: Actor) -> Response:
        """Take a submitted step; answers with the exchange after it."""
        return json_answer((await desks.release(_case(request), await _step(request), actor)).model_dump_json())

    async def allocate(request: Request, actor: Actor) -> Response:
        """Say who handles the exchange for an authority."""
        allocation = Allocation.model_validate_json(await body_of(request))
        return json_answer((await desks.allocate(_case(request), allocation, actor)).model_dump_json())

    async def disseminate(request: Request, actor: Actor) -> Response:
        """Let further authorities of the own country read a notification."""
        dissemination = Dissemination.model_validate_json(await body_of(request))
        return json_answer((await desks.disseminate(_case(request), dissemination, actor)).model_dump_json())

    one = "/api/v1/exchanges/{id}/desk"
    return [
        guarded(runtime, "/api/v1/desk", waiting, Right.PREPARE, Right.RELEASE),
        guarded(runtime, f"{one}/prepare", prepare, Right.PREPARE, methods=POST),
        guarded(runtime, f"{one}/discard", discard, Right.PREPARE, methods=POST),
        guarded(runtime, f"{one}/submit", submit, Right.PREPARE, methods=POST),
        guarded(runtime, f"{one}/withdraw", withdraw, Right.PREPARE, methods=POST),
        guarded(runtime, f"{one}/send-back", send_back, Right.RELEASE, methods=POST),
        guarded(runtime, f"{one}/release", release, Right.RELEASE, methods=POST),
        guarded(runtime, f"{one}/allocate", allocate, Right.ALLOCATE, Right.TAKE, methods=POST),
        guarded(runtime, f"{one}/disseminate", disseminate, Right.DISSEMINATE, methods=POST),
    ]


def _case(request: Request) -> str:
    return str(request.path_params["id"])


async def _step(request: Request) -> str:
    return Prepared.model_validate_json(await body_of(request)).step
