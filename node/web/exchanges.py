"""Exchanges: list them, open one, take a step, read, files, evidence; each for the user who asks."""

from datetime import timedelta

from pydantic import TypeAdapter
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.handlers.search.searching import require_state
from node.runtime import Runtime, reading
from node.runtime.evidence import evidence
from node.store import exchanges
from node.web.actors import GuardedRoute, guarded
from node.web.answers import Done, body_of, json_answer
from schemas.attachments import MAX_ATTACHMENT_BYTES
from schemas.exchange import Act, Exchange

MAX_PAGE = 500

_EXCHANGES: TypeAdapter[list[Exchange]] = TypeAdapter(list[Exchange])


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""
    seat = runtime.seat

    async def list_exchanges(request: Request, actor: Actor) -> Response:
        """Exchanges that the user may see, the newest first, a page at a time."""
        return json_answer(_EXCHANGES.dump_json(await _page(runtime, request.query_params, actor)))

    async def take_step(request: Request, actor: Actor) -> Response:
        """Take a step, in an exchange or to open one; answers with the exchange after it."""
        act = Act.model_validate_json(await body_of(request))
        exchange = await runtime.submit(act, actor)
        return json_answer(exchange.model_dump_json(), status=201 if act.exchange is None else 200)

    async def show(request: Request, actor: Actor) -> Response:
        """One exchange with its content, history and deliveries."""
        view = await reading.exchange_view(seat, request.path_params["id"], actor)
        return json_answer(view.model_dump_json())

    async def note_opened(request: Request, actor: Actor) -> Response:
        """The responsible authority has first seen what the other parties sent: tell them, signed."""
        count = await runtime.note_opened(request.path_params["id"], actor)
        return json_answer(Done(count=count).model_dump_json())

    async def export_evidence(request: Request, actor: Actor) -> Response:
        """The evidence of an exchange, as a ZIP archive."""
        archive = await evidence(seat, request.path_params["id"], actor)
        return Response(archive, media_type="application/zip")

    async def attach(request: Request, actor: Actor) -> Response:
        """Keep a file until a step names it; answers with what the form then says of it."""
        note = {**request.query_params, "type": request.headers.get("content-type", "")}
        content = await body_of(request, MAX_ATTACHMENT_BYTES)
        kept = await runtime.attach(request.path_params["id"], note, content, actor)
        return json_answer(kept.model_dump_json(), status=201)

    async def download(request: Request, actor: Actor) -> Response:
        """A file of an exchange, a piece at a time."""
        pieces = await reading.attachment(seat, request.path_params["id"], request.path_params["hash"], actor)
        return StreamingResponse(pieces, media_type="application/octet-stream")

    acting = (Right.OPEN, Right.TAKE, Right.FORWARD, Right.COORDINATE)
    one = "/api/v1/exchanges/{id}"
    return [
        guarded(runtime, "/api/v1/exchanges", list_exchanges, Right.SEE),
        guarded(runtime, "/api/v1/exchanges", take_step, *acting, methods=("POST",)),
        guarded(runtime, one, show, Right.SEE),
        guarded(runtime, f"{one}/opened", note_opened, Right.NOTE_OPENED, methods=("POST",)),
        guarded(runtime, f"{one}/evidence", export_evidence, Right.EXPORT_EVIDENCE),
        guarded(runtime, f"{one}/attachments", attach, Right.ATTACH, methods=("POST",)),
        guarded(runtime, f"{one}/attachments/{{hash}}", download, Right.DOWNLOAD),
    ]


async def _page(runtime: Runtime, query: QueryParams, actor: Actor) -> list[Exchange]:
    seat, db = runtime.seat, runtime.seat.store.read
    given = query.get("limit", "50")
    limit = min(int(given), MAX_PAGE) if given.isdecimal() else MAX_PAGE
    require_state(query.get("state"), seat.areas)
    if query.get("overdue") == "yes":
        yesterday = seat.clock.now().date() - timedelta(days=1)
        return await reading.those_seen(seat, actor, await exchanges.due_until(db, yesterday, limit))

    async def page(after: str | None) -> list[Exchange]:
        return await exchanges.page(db, state=query.get("state"), after=after, limit=limit)

    return await reading.exchanges_seen(seat, actor, page, query.get("after"), limit)
