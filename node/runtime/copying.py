"""A new draft from an exchange: what both forms ask is filled in, and the source is named."""

from node.handlers.access import Actor
from node.handlers.exchanges import copying
from node.handlers.refused import Refused
from node.handlers.rights import Right
from node.runtime import Runtime, reading
from schemas.exchange import Act, Exchange
from schemas.policy_area import Procedure
from schemas.refusal import Refusal


async def copy_into(runtime: Runtime, exchange_id: str, procedure: str, authority: str, actor: Actor) -> Exchange:
    """Begin a draft of a procedure with what an exchange of another one says, and return it.

    Args:
        runtime: of the node.
        exchange_id: of the source; its content must still be there to be seen.
        procedure: of the draft, in the same policy area.
        authority: prepares the draft.
        actor: who asks.

    Raises:
        Unknown: there is no such exchange that the actor may know of.
        Denied: the actor may not see it whole, or not open exchanges.
        Refused: it can't be copied; the message says why.
    """
    seat = runtime.seat
    await reading.case_seen(seat, exchange_id, actor, Right.SEE_PERSONAL)
    view = await runtime.readings.view(exchange_id, actor, kind="copy")
    area = seat.newest_area(view.exchange.area)
    copying.require_copying(area, view.exchange, procedure, seat.node)
    content = next((step.form for step in view.steps), None)
    if content is None:
        raise Refused(
            Refusal.NO_MEANING, f"the personal data of {exchange_id} are blocked or deleted: nothing is copied"
        )
    declared = area.procedures[procedure]
    act = Act(
        step=_drafting(declared),
        authority=authority,
        area=area.area,
        procedure=procedure,
        form=copying.copied(area, view.exchange, content, procedure),
    )
    return await runtime.submit(act, actor)


def _drafting(procedure: Procedure) -> str:
    """The local step that keeps a draft of the opening form."""
    form = procedure.steps[procedure.opening].form
    for name, rule in procedure.steps.items():
        if rule.local and not rule.opens and rule.form == form and procedure.initial in rule.sources:
            return name
    raise Refused(Refusal.NO_MEANING, "this procedure has no drafts, so that nothing can be copied into one")
