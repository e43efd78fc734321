"""The node's API, as JSON under `/api/v1`.

It is served at the node's local door, a socket in the node's folder that only the node's own account can open: so
there is no sign-in here, and a user is who that account says it is (`node.web.actors`). Every route names the right
that it takes; one that does not is found when the application is made. No route answers to the network.
"""

from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from broker.port import Broker
from node.handlers.access import Actor
from node.handlers.exchanges.translation_words import engine_sentences
from node.handlers.rights import Right
from node.runtime import Runtime, reading
from node.runtime.alarms import alarms
from node.store import outbox, quarantine, returns, signals, waiting
from node.web import (
    declarations,
    desk,
    exchanges,
    guidance,
    ledger,
    links,
    notices,
    privacy,
    register,
    search,
    statistics,
    translations,
)
from node.web.actors import guarded, require_guarded
from node.web.answers import Done, body_of, json_answer
from node.web.errors import HANDLERS
from schemas.api import BrokerView, NodeStatus, QuarantineView
from schemas.directory import Directory
from schemas.frozen import Frozen

_QUARANTINE: TypeAdapter[list[QuarantineView]] = TypeAdapter(list[QuarantineView])


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
        runtime = self._runtime
        routes = [
            guarded(runtime, "/api/v1/status", self.status, Right.SEE_STATUS),
            guarded(runtime, "/api/v1/directory", self.show_directory, Right.SEE_DIRECTORY),
            guarded(runtime, "/api/v1/directory", self.publish_directory, Right.OPERATE, methods=("POST",)),
            guarded(runtime, "/api/v1/quarantine", self.list_quarantine, Right.OPERATE),
            guarded(runtime, "/api/v1/tick", self.tick, Right.OPERATE, methods=("POST",)),
            guarded(runtime, "/api/v1/keys/roll", self.roll_keys, Right.OPERATE, methods=("POST",)),
            *exchanges.routes(runtime),
            *desk.routes(runtime),
            *ledger.routes(runtime),
            *links.routes(runtime),
            *notices.routes(runtime),
            *search.routes(runtime),
            *privacy.routes(runtime),
            *register.routes(runtime),
            *statistics.routes(runtime),
            *guidance.routes(runtime),
            *declarations.routes(runtime),
            *translations.routes(runtime),
        ]
        return Starlette(routes=require_guarded(routes), exception_handlers=HANDLERS)

    async def status(self, _: Request, actor: Actor) -> Response:
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
            translation=tuple(engine_sentences(await self._runtime.translations.status(actor))),
            alarms=await alarms(seat, db),
        )
        return json_answer(status.model_dump_json())

    async def show_directory(self, _: Request, _actor: Actor) -> Response:
        """The directory in force."""
        directory: Directory | None = self._seat.trust.directory
        return json_answer(directory.model_dump_json() if directory is not None else "null")

    async def publish_directory(self, request: Request, actor: Actor) -> Response:
        """Take over a newly signed directory and pass it on to every node."""
        signed = SignedDirectory.model_validate_json(await body_of(request))
        count = await self._runtime.publish_directory(signed.roots, signed.directory, actor)
        return json_answer(Done(count=count).model_dump_json())

    async def list_quarantine(self, _: Request, _actor: Actor) -> Response:
        """What came and could not be processed."""
        return json_answer(_QUARANTINE.dump_json(await reading.quarantine_view(self._seat)))

    async def tick(self, _: Request, _actor: Actor) -> Response:
        """Do at once what time has made due; says how many exchanges were blocked or deleted."""
        return json_answer(Done(count=await self._runtime.tick()).model_dump_json())

    async def roll_keys(self, _: Request, actor: Actor) -> Response:
        """Put everything under a new store key; says how much that was."""
        return json_answer(Done(count=await self._runtime.keys.roll(actor)).model_dump_json())
