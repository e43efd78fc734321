"""The node's API, as JSON under `/api/v1`.

It is served at the node's local door, a socket in the node's folder: whoever may open that may act for the
node, so there is no sign-in here. No route answers to the network.
"""

from datetime import datetime

from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from broker.port import Broker
from node.runtime import Runtime, reading
from node.runtime.alarms import alarms
from node.runtime.evidence import evidence
from node.store import exchanges, outbox, quarantine, returns, signals, waiting
from node.web.answers import Done, body_of, json_answer
from node.web.errors import HANDLERS
from schemas.api import BrokerView, ExchangeView, NodeStatus, QuarantineView, StatisticsView
from schemas.attachments import MAX_ATTACHMENT_BYTES
from schemas.directory import Directory
from schemas.exchange import Act, Exchange
from schemas.frozen import Frozen
from schemas.identifiers import UtcTime

MAX_PAGE = 500

_EXCHANGES: TypeAdapter[list[Exchange]] = TypeAdapter(list[Exchange])
_QUARANTINE: TypeAdapter[list[QuarantineView]] = TypeAdapter(list[QuarantineView])
_TIME: TypeAdapter[datetime] = TypeAdapter(UtcTime)


class SignedDirectory(Frozen):
    """A directory as its holders signed it, with the roots that lead to them."""

    roots: tuple[str, ...] = ()
    directory: str


class Api:
    """The routes, over one running node."""

    def __init__(self, runtime: Runtime, broker: Broker) -> None:
        """Serve this node."""
        self._runtime = runtime
        self._seat = runtime.seat
        self._broker = broker

    def app(self) -> Starlette:
        """Make the ASGI application."""
        routes = [
            Route("/api/v1/status", self.status),
            Route("/api/v1/exchanges", self.list_exchanges),
            Route("/api/v1/exchanges", self.take_step, methods=["POST"]),
            Route("/api/v1/exchanges/{id}", self.show_exchange),
            Route("/api/v1/exchanges/{id}/opened", self.note_opened, methods=["POST"]),
            Route("/api/v1/exchanges/{id}/evidence", self.export_evidence),
            Route("/api/v1/exchanges/{id}/attachments", self.attach, methods=["POST"]),
            Route("/api/v1/exchanges/{id}/attachments/{hash}", self.download),
            Route("/api/v1/directory", self.show_directory),
            Route("/api/v1/directory", self.publish_directory, methods=["POST"]),
            Route("/api/v1/quarantine", self.list_quarantine),
            Route("/api/v1/statistics", self.show_statistics),
            Route("/api/v1/statistics", self.report_statistics, methods=["POST"]),
            Route("/api/v1/tick", self.tick, methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers=HANDLERS)

    async def status(self, _: Request) -> Response:
        """How the node is."""
        seat, db, health = self._seat, self._seat.store.read, self._broker.health()
        now = seat.clock.now()
        freshness = seat.trust.freshness(now)
        status = NodeStatus(
            node=seat.node,
            at=now,
            ready=health.connected and freshness.value != "expired",
            broker=BrokerView(connected=health.connected, detail=health.detail, rebuilt=health.rebuilt),
            directory_version=seat.trust.directory.version if seat.trust.directory else 0,
            directory=freshness.value,
            outbox=await outbox.counts(db),
            outbox_since=await outbox.oldest_waiting_at(db),
            signals=await signals.count(db) + await returns.count(db),
            waiting=await waiting.counts(db),
            quarantine=await quarantine.count(db),
            alarms=await alarms(seat, db),
        )
        return json_answer(status.model_dump_json())

    async def list_exchanges(self, request: Request) -> Response:
        """Exchanges, the newest first, a page at a time."""
        query = request.query_params
        limit = min(int(query.get("limit", "50")), MAX_PAGE) if query.get("limit", "50").isdecimal() else MAX_PAGE
        found = await exchanges.page(
            self._seat.store.read, state=query.get("state"), after=query.get("after"), limit=limit
        )
        return json_answer(_EXCHANGES.dump_json(found))

    async def take_step(self, request: Request) -> Response:
        """Take a step, in an exchange or to open one; answers with the exchange after it."""
        act = Act.model_validate_json(await body_of(request))
        exchange = await self._runtime.submit(act)
        return json_answer(exchange.model_dump_json(), status=201 if act.exchange is None else 200)

    async def show_exchange(self, request: Request) -> Response:
        """One exchange with its content, history and deliveries."""
        view: ExchangeView = await reading.exchange_view(self._seat, request.path_params["id"])
        return json_answer(view.model_dump_json())

    async def note_opened(self, request: Request) -> Response:
        """The responsible authority has first seen what the other parties sent: tell them, signed."""
        return json_answer(Done(count=await self._runtime.note_opened(request.path_params["id"])).model_dump_json())

    async def export_evidence(self, request: Request) -> Response:
        """The evidence of an exchange, as a ZIP archive."""
        archive = await evidence(self._seat, request.path_params["id"])
        return Response(archive, media_type="application/zip")

    async def attach(self, request: Request) -> Response:
        """Keep a file until a step names it; answers with what the form then says of it."""
        note = {**request.query_params, "type": request.headers.get("content-type", "")}
        kept = await self._runtime.attach(request.path_params["id"], note, await body_of(request, MAX_ATTACHMENT_BYTES))
        return json_answer(kept.model_dump_json(), status=201)

    async def download(self, request: Request) -> Response:
        """A file of an exchange, a piece at a time."""
        pieces = await reading.attachment(self._seat, request.path_params["id"], request.path_params["hash"])
        return StreamingResponse(pieces, media_type="application/octet-stream")

    async def show_directory(self, _: Request) -> Response:
        """The directory in force."""
        directory: Directory | None = self._seat.trust.directory
        return json_answer(directory.model_dump_json() if directory is not None else "null")

    async def publish_directory(self, request: Request) -> Response:
        """Take over a newly signed directory and pass it on to every node."""
        signed = SignedDirectory.model_validate_json(await body_of(request))
        count = await self._runtime.publish_directory(signed.roots, signed.directory)
        return json_answer(Done(count=count).model_dump_json())

    async def list_quarantine(self, _: Request) -> Response:
        """What came and could not be processed."""
        return json_answer(_QUARANTINE.dump_json(await reading.quarantine_view(self._seat)))

    async def show_statistics(self, request: Request) -> Response:
        """At the Commission what the nodes reported; elsewhere what the node counts itself."""
        view: StatisticsView = await reading.statistics_view(self._seat, self._as_of(request))
        return json_answer(view.model_dump_json())

    async def report_statistics(self, request: Request) -> Response:
        """Report to the Commission now."""
        report = await self._runtime.report_statistics(self._as_of(request))
        return json_answer(Done(count=sum(row.count for row in report.rows)).model_dump_json())

    async def tick(self, _: Request) -> Response:
        """Do at once what time has made due; says how many exchanges were blocked or deleted."""
        return json_answer(Done(count=await self._runtime.tick()).model_dump_json())

    def _as_of(self, request: Request) -> datetime:
        text = request.query_params.get("as_of")
        return _TIME.validate_python(text) if text is not None else self._seat.clock.now()
