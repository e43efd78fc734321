"""Statistics: what a node counts, what was reported to the Commission, and what it finds in the reports."""

from datetime import datetime

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime, statistics
from node.web.actors import GuardedRoute, guarded
from node.web.answers import Done, body_of, json_answer
from schemas.frozen import Frozen
from schemas.identifiers import UtcTime

_TIME: TypeAdapter[datetime] = TypeAdapter(UtcTime)
_YEAR: TypeAdapter[int] = TypeAdapter(int)


class NoCases(Frozen):
    """A year of which a node confirms that it had no case."""

    year: int


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""
    seat = runtime.seat

    def as_of(request: Request) -> datetime:
        text = request.query_params.get("as_of")
        return _TIME.validate_python(text) if text is not None else seat.clock.now()

    async def show(request: Request, _: Actor) -> Response:
        """At the Commission what the nodes reported; elsewhere what the node counts itself."""
        return json_answer((await statistics.view(seat, as_of(request))).model_dump_json())

    async def report(request: Request, actor: Actor) -> Response:
        """Report to the Commission now; says how many exchanges the node opened."""
        told = await runtime.report_statistics(as_of(request), actor)
        return json_answer(
            Done(count=sum(row.count for row in told.rows if row.reported_as == "opened")).model_dump_json()
        )

    async def confirm(request: Request, actor: Actor) -> Response:
        """Confirm that the node took part in no exchange of a year, and report it."""
        told = NoCases.model_validate_json(await body_of(request))
        await runtime.confirm_no_cases(told.year, actor)
        return json_answer(Done(count=0).model_dump_json())

    async def check(request: Request, _: Actor) -> Response:
        """Lay the newest reports side by side: contradictions and silent parties of a year."""
        year = _YEAR.validate_python(request.query_params.get("year", str(as_of(request).year)))
        return json_answer((await statistics.check(seat, as_of(request), year)).model_dump_json())

    return [
        guarded(runtime, "/api/v1/statistics", show, Right.COUNT),
        guarded(runtime, "/api/v1/statistics", report, Right.REPORT, methods=("POST",)),
        guarded(runtime, "/api/v1/statistics/no-cases", confirm, Right.REPORT, methods=("POST",)),
        guarded(runtime, "/api/v1/statistics/check", check, Right.COUNT),
    ]
