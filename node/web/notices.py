"""What a user has to do, and what became of the digests that tell it."""

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime
from node.runtime.notices import work_of
from node.store import mails
from node.web.actors import GuardedRoute, guarded
from node.web.answers import json_answer
from schemas.notices import MailView, WorkItem

_WORK: TypeAdapter[list[WorkItem]] = TypeAdapter(list[WorkItem])
_MAILS: TypeAdapter[list[MailView]] = TypeAdapter(list[MailView])


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""

    async def list_work(_: Request, actor: Actor) -> Response:
        """What the user has to do, the most urgent first."""
        return json_answer(_WORK.dump_json(await work_of(runtime.seat, actor)))

    async def list_mails(_: Request, _actor: Actor) -> Response:
        """Digests that wait for the mail server, then those that it took or refused."""
        return json_answer(_MAILS.dump_json(await mails.page(runtime.seat.store.read)))

    working = (Right.NOTE_OPENED, Right.RELEASE, Right.COORDINATE)
    return [
        guarded(runtime, "/api/v1/notices", list_work, *working),
        guarded(runtime, "/api/v1/mails", list_mails, Right.OPERATE),
    ]
