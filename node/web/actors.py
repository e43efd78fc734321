"""Who asks, and whether he may come in at all: every route is made here, with the right that it takes.

At the local door the user is named by the header `imi-user`. There is no password at it, because only the node's
own account can open that socket: whoever can is trusted to say for whom he asks. Without the header it is that
account itself which acts. A door to the network signs users in and sets the name itself; it never passes the header
on from outside (docs/decisions/0017).

The right of a route is the first of two questions: whether the user has it for anything at all. Whether he has it
for the exchange or the authority at hand, the runtime asks `node.handlers.access`.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from node.handlers import access
from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime
from node.runtime.actors import actor_named

USER_HEADER = "imi-user"

GuardedHandler = Callable[[Request, Actor], Awaitable[Response]]


class Unguarded(TypeError):
    """A route was made without saying which right it takes."""


class GuardedRoute(Route):
    """A route that nobody passes without one of its rights."""

    def __init__(
        self, runtime: Runtime, path: str, handler: GuardedHandler, rights: Sequence[Right], methods: Sequence[str]
    ) -> None:
        """Use `guarded`."""

        async def endpoint(request: Request) -> Response:
            actor = await actor_of(request, runtime)
            access.require(actor, *rights)
            return await handler(request, actor)

        super().__init__(path, endpoint, methods=list(methods))
        self.rights = tuple(rights)


def guarded(
    runtime: Runtime, path: str, handler: GuardedHandler, *rights: Right, methods: Sequence[str] = ("GET",)
) -> GuardedRoute:
    """Make a route.

    Args:
        runtime: of the node.
        path: with its parameters.
        handler: gets the request and who asks.
        rights: any one of them lets a user in; at least one is named.
        methods: of HTTP.

    Raises:
        Unguarded: no right is named.
    """
    if not rights:
        raise Unguarded(f"{path} names no right; say who may use it")
    return GuardedRoute(runtime, path, handler, rights, methods)


def require_guarded(routes: Iterable[BaseRoute]) -> list[GuardedRoute]:
    """Insist that every route names its right: asked when the application is made, so that none is forgotten.

    Raises:
        Unguarded: a route was not made by `guarded`.
    """
    checked: list[GuardedRoute] = []
    for route in routes:
        if not isinstance(route, GuardedRoute):
            raise Unguarded(f"{getattr(route, 'path', route)} is made without `guarded`")
        checked.append(route)
    return checked


async def actor_of(request: Request, runtime: Runtime) -> Actor:
    """Who asks.

    Raises:
        UnknownUser: the header names nobody whom this node knows.
    """
    return await actor_named(runtime.seat, request.headers.get(USER_HEADER))
