"""The versions of what an exchange says, as far as somebody may see its content."""

from node.handlers.access import Actor
from node.handlers.exchanges.versions import Said, versions
from node.runtime.reading import exchange_view
from node.runtime.seat import Seat
from schemas.versions import Version


async def versions_of(seat: Seat, exchange_id: str, actor: Actor) -> list[Version]:
    """What an exchange said and says; nothing where its content is blocked or deleted.

    Raises:
        Unknown: there is no such exchange that the actor may know of.
    """
    view = await exchange_view(seat, exchange_id, actor)
    area = seat.area(view.exchange.area, view.exchange.version)
    said = [Said(step.message, step.step, step.at, step.form) for step in view.steps if step.form is not None]
    return list(versions(area, view.exchange.procedure, said))
