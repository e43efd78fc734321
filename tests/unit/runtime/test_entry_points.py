"""Every way into a node asks who comes, and denies by default: all routes, and all that the runtime does for a user."""

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from starlette.responses import Response
from starlette.routing import Route

from node.handlers.access import OWN_ACCOUNT, OWN_ACCOUNT_ALONE, Actor, Denied
from node.handlers.exchanges.procedure import Refused
from node.handlers.rights import OPERATING, Right
from node.runtime import Runtime
from node.runtime.reading import Unknown
from node.web.actors import USER_HEADER, Unguarded, guarded, require_guarded
from node.web.api import Api
from schemas.api import Problem
from schemas.desk import Allocation, Dissemination, Preparation, SendingBack
from schemas.exchange import Act
from schemas.people import Grant, User
from schemas.privacy import Asking, BlockOrder, Detail, RectificationOrder
from schemas.privacy import Decision as PrivacyDecision
from schemas.publication import Publishing
from schemas.refusal import Refusal
from schemas.register import AddUser, AuthorityQuery, GrantRole, RevokeRole, UserLeaves
from schemas.search import Query
from tests.unit.runtime.desks import Desk, Town

DE = "DE/consumer-protection"
CASE = "ECOM-REQ-DE-2026-000001"
MESSAGE = "01931000-0000-7000-8000-000000000000"
AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ADMINISTRATOR = Grant(authority="DE/coordinator", role="administrator")
HANDLER = Grant(authority=DE, role="handler")
TABLES = (
    "exchanges",
    "statements",
    "outbox",
    "drafts",
    "desks",
    "chunks",
    "ledger",
    "users",
    "own_authorities",
    "privacy_requests",
)


async def staffed(desk: Desk) -> None:
    """Open a case and register users: an administrator, one who has lost every role, one who has left."""
    assert await desk.open("CY") == CASE
    await desk.runtime.registers.change(
        [
            AddUser(user="root", name="Root", grants=(ADMINISTRATOR,)),
            AddUser(user="stripped", name="Stripped", grants=(HANDLER,)),
            AddUser(user="gone", name="Gone", grants=(HANDLER,)),
            RevokeRole(user="stripped", grant=HANDLER),
            UserLeaves(user="gone"),
        ],
        OWN_ACCOUNT_ALONE,
    )


@pytest.fixture
async def api(town: Town) -> AsyncIterator[tuple[httpx2.AsyncClient, list[tuple[str, str, tuple[Right, ...]]]]]:
    """Give the API of a node with users, and all that it answers to: method, path, rights."""
    await staffed(town.DE)
    app = Api(town.DE.runtime, town.DE.broker).app()
    values = {"id": CASE, "hash": "x" * 43, "number": "1"}
    entries = [
        (method, re.sub(r"{(\w+)(:\w+)?}", lambda found: values.get(found[1], "x"), route.path), route.rights)
        for route in require_guarded(app.routes)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://node") as http:
        yield http, entries


async def test_every_route_denies_who_has_no_right_and_does_not_know_strangers(
    town: Town, api: tuple[httpx2.AsyncClient, list[tuple[str, str, tuple[Right, ...]]]]
) -> None:
    http, entries = api
    before = {table: await town.DE.counts(table) for table in TABLES}
    assert len(entries) > 30

    async def ask(method: str, path: str, user: str | None) -> int:
        headers = {USER_HEADER: user} if user is not None else {}
        answer = await http.request(method, path, headers=headers, content=b"{}")
        if answer.is_error:
            assert Problem.model_validate_json(answer.content).detail, f"{method} {path} says why"
        return answer.status_code

    for method, path, rights in entries:
        assert await ask(method, path, "stripped") == 403, f"{method} {path} for a user without any role"
        assert await ask(method, path, "gone") == 401, f"{method} {path} for a user who has left"
        assert await ask(method, path, "stranger") == 401, f"{method} {path} for nobody"
        if not OPERATING & set(rights):
            assert await ask(method, path, None) == 403, f"{method} {path} for the node's own account"
    assert {table: await town.DE.counts(table) for table in TABLES} == before


async def test_a_route_can_not_be_made_without_a_right(town: Town) -> None:
    async def handler(_request: object, _actor: Actor) -> Response:
        return Response()

    async def bare(_request: object) -> Response:
        return Response()

    with pytest.raises(Unguarded, match="names no right"):
        guarded(town.DE.runtime, "/api/v1/open", handler)
    with pytest.raises(Unguarded, match="without `guarded`"):
        require_guarded([Route("/api/v1/open", bare)])


NODE_OWN = {
    "receive",
    "tick",
    "index",
    "greet",
    "take_over_directory",
    *(f"translations.{name}" for name in ("recall", "split", "take", "settle", "arrived")),
}
"""What the node does of itself: no user asks for it."""

ACT = Act(step="accept", authority=DE, exchange=CASE)
CALLS: dict[str, tuple[object, ...]] = {
    "submit": (ACT,),
    "find": (Query(),),
    "attach": (CASE, {}, b"x"),
    "note_opened": (CASE,),
    "report_statistics": (AT,),
    "confirm_no_cases": (2025,),
    "publish_directory": ((), ""),
    "publish_declaration": (Publishing(text="", stage="in_force"),),
    "desks.waiting": (),
    "desks.prepare": (CASE, Preparation(step="close", authority=DE)),
    "desks.discard": (CASE, "close"),
    "desks.submit": (CASE, "close"),
    "desks.withdraw": (CASE, "close"),
    "desks.send_back": (CASE, SendingBack(step="close", note="Too short.")),
    "desks.release": (CASE, "close"),
    "desks.allocate": (CASE, Allocation(authority=DE, user="stripped")),
    "desks.disseminate": (CASE, Dissemination(to=(DE,))),
    "registers.change": ([GrantRole(user="stripped", grant=HANDLER)],),
    "registers.publish": (),
    "registers.find": (AuthorityQuery(),),
    "registers.authority": (DE,),
    "registers.own": (),
    "registers.opening": ("e_commerce", "request"),
    "registers.users": (),
    "privacy.block": (CASE, BlockOrder(authority=DE)),
    "privacy.retention": (CASE,),
    "privacy.unconfirmed": (),
    "privacy.ask": (Asking(kind="access", authority=DE, detail=Detail()),),
    "privacy.decide": (1, PrivacyDecision(granted=True)),
    "privacy.requests": (),
    "privacy.request": (1,),
    "privacy.look": (1,),
    "privacy.rectify": (CASE, RectificationOrder(authority=DE, about=MESSAGE, act="erases", field="subject")),
    "privacy.counts": (),
    "links.of": (CASE,),
    "links.note": (CASE, CASE, "relates_to"),
    "translations.status": (),
    "translations.retry": (),
}
"""Arguments for each of them, the actor left out."""


def entry_points(runtime: Runtime) -> dict[str, Callable[..., Awaitable[object]]]:
    """Every public coroutine function of the runtime and of its parts."""
    parts: dict[str, Any] = {"": runtime}
    parts |= {f"{name}.": part for name, part in vars(runtime).items() if not name.startswith("_") and name != "seat"}
    return {
        f"{prefix}{name}": getattr(part, name)
        for prefix, part in parts.items()
        for name, _ in inspect.getmembers(type(part), inspect.iscoroutinefunction)
        if not name.startswith("_")
    }


async def test_all_that_the_runtime_does_for_a_user_names_the_user(town: Town) -> None:
    found = entry_points(town.DE.runtime)

    assert found.keys() - NODE_OWN == CALLS.keys()
    for name in CALLS:
        assert "actor" in inspect.signature(found[name]).parameters, f"{name} does not ask who acts"


@pytest.mark.parametrize("name", CALLS)
async def test_the_runtime_denies_who_has_no_right(town: Town, name: str) -> None:
    await staffed(town.DE)
    before = {table: await town.DE.counts(table) for table in TABLES}
    stripped = Actor(User(id="stripped", name="Stripped", since=AT))

    for actor in (stripped, OWN_ACCOUNT) if name not in _OPERATED else (stripped,):
        with pytest.raises((Denied, Refused, Unknown)) as caught:
            await entry_points(town.DE.runtime)[name](*CALLS[name], actor=actor)
        if isinstance(caught.value, Refused):  # the answer for an exchange that there is not
            assert caught.value.code is Refusal.UNKNOWN_EXCHANGE
    assert {table: await town.DE.counts(table) for table in TABLES} == before


_OPERATED = {
    "report_statistics",
    "confirm_no_cases",
    "publish_directory",
    "registers.publish",
    "registers.find",
    "registers.authority",
    "registers.own",
    "translations.status",
    "translations.retry",
}
"""What the node's own account does once there are users."""
