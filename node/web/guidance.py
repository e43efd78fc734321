"""Which mechanism is the right one: the next question, or the recommendation. Nothing of it is kept here."""

from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from node.areas import guidance_table
from node.handlers.access import Actor
from node.handlers.guidance import BadAnswer, next_question, outcome
from node.handlers.rights import Right
from node.runtime import Runtime
from node.web.actors import GuardedRoute, guarded
from node.web.answers import body_of, json_answer
from schemas.guidance import GuidanceStep

_ANSWERS: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])


def routes(runtime: Runtime) -> list[GuardedRoute]:
    """The routes; they need nothing of the node."""
    table = guidance_table()

    async def advise(request: Request, _: Actor) -> Response:
        """The question that comes next after the answers in the body, or the recommendation."""
        answers = _ANSWERS.validate_json(await body_of(request))
        try:
            question = next_question(table, answers)
            step = GuidanceStep(question=question) if question else GuidanceStep(outcome=outcome(table, answers))
        except BadAnswer as error:
            raise HTTPException(422, str(error)) from error
        return json_answer(step.model_dump_json())

    return [guarded(runtime, "/api/v1/guidance", advise, Right.ASK_GUIDANCE, methods=("POST",))]
