"""The register: own authorities and users, and the authorities of all countries."""

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime
from node.web.actors import GuardedRoute, guarded
from node.web.answers import Done, body_of, json_answer
from schemas.people import User
from schemas.register import CHANGES, AuthorityQuery

_USERS: TypeAdapter[list[User]] = TypeAdapter(list[User])
_NAMES: TypeAdapter[list[str]] = TypeAdapter(list[str])
_QUERY: TypeAdapter[AuthorityQuery] = TypeAdapter(AuthorityQuery)

_CHANGING = (Right.VALIDATE, Right.GIVE_ACCESS, Right.MANAGE_USERS, Right.SEE_REGISTER)
"""Whoever sees the register may change something in it: when the own absences are."""


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""
    registers = runtime.registers

    async def own(_: Request, actor: Actor) -> Response:
        """The own register."""
        return json_answer((await registers.own(actor)).model_dump_json())

    async def opening(request: Request, actor: Actor) -> Response:
        """The authorities for which the actor may open an exchange of a procedure."""
        area, procedure = (request.query_params.get(name, "") for name in ("area", "procedure"))
        return json_answer(_NAMES.dump_json(await registers.opening(area, procedure, actor)))

    async def change(request: Request, actor: Actor) -> Response:
        """Make changes, all or none."""
        wanted = CHANGES.validate_json(await body_of(request))
        return json_answer(Done(count=await registers.change(wanted, actor)).model_dump_json())

    async def users(_: Request, actor: Actor) -> Response:
        """The users that the actor may see."""
        return json_answer(_USERS.dump_json(await registers.users(actor)))

    async def publish(_: Request, actor: Actor) -> Response:
        """Tell all other nodes now."""
        return json_answer(Done(count=await registers.publish(actor)).model_dump_json())

    async def find(request: Request, actor: Actor) -> Response:
        """Authorities of any country, with the national coordinators."""
        query = _QUERY.validate_strings(dict(request.query_params))
        return json_answer((await registers.find(query, actor)).model_dump_json())

    async def show(request: Request, actor: Actor) -> Response:
        """One authority of any country."""
        name = f"{request.path_params['node']}/{request.path_params['name']}"
        return json_answer((await registers.authority(name, actor)).model_dump_json())

    return [
        guarded(runtime, "/api/v1/register", own, Right.SEE_REGISTER),
        guarded(runtime, "/api/v1/register/opening", opening, Right.OPEN),
        guarded(runtime, "/api/v1/register", change, *_CHANGING, methods=("POST",)),
        guarded(runtime, "/api/v1/register/publication", publish, Right.VALIDATE, Right.OPERATE, methods=("POST",)),
        guarded(runtime, "/api/v1/users", users, Right.SEE_USERS),
        guarded(runtime, "/api/v1/authorities", find, Right.SEE_REGISTER),
        guarded(runtime, "/api/v1/authorities/{node}/{name}", show, Right.SEE_REGISTER),
    ]
