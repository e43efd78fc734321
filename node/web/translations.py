"""Translation: what the node's engines can do, trying again, and a hint which language a text is in."""

from starlette.requests import Request
from starlette.responses import Response

from node.handlers.access import Actor
from node.handlers.rights import Right
from node.runtime import Runtime
from node.runtime.translations import suggest
from node.web.actors import GuardedRoute, guarded
from node.web.answers import Done, body_of, json_answer
from schemas.translation import Draft, Suggestion


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes, over one running node."""

    async def status(_: Request, actor: Actor) -> Response:
        """What can be translated here, and what is on its way; null where nothing is."""
        found = await runtime.translations.status(actor)
        return json_answer(found.model_dump_json() if found is not None else "null")

    async def retry(_: Request, actor: Actor) -> Response:
        """Try again what has no translation."""
        return json_answer(Done(count=await runtime.translations.retry(actor)).model_dump_json())

    async def language(request: Request, _actor: Actor) -> Response:
        """Suggest the language of a text; nothing of it is kept."""
        draft = Draft.model_validate_json(await body_of(request))
        return json_answer(Suggestion(language=await suggest(draft.text)).model_dump_json())

    return [
        guarded(runtime, "/api/v1/translation", status, Right.SEE_STATUS),
        guarded(runtime, "/api/v1/translation/retry", retry, Right.OPERATE, methods=("POST",)),
        guarded(runtime, "/api/v1/language", language, Right.ASK_GUIDANCE, methods=("POST",)),
    ]
