"""The desk of a node's exchanges: preparing steps, having them approved, giving exchanges to people."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from node.client.talk import Talk
from schemas.desk import Allocation, Desk, DeskLine, Dissemination, Preparation, Prepared, SendingBack
from schemas.exchange import Exchange

_LINES: TypeAdapter[list[DeskLine]] = TypeAdapter(list[DeskLine])


class DeskClient:
    """Works at the desk; each call raises Declined where the node does not do it."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def waiting(self) -> list[DeskLine]:
        """Steps that are prepared and not taken, as far as the user has to do with them."""
        return _LINES.validate_json(await self._talk.get("/desk"))

    async def prepare(
        self,
        exchange_id: str,
        step: str,
        *,
        authority: str,
        form: Mapping[str, object],
        addressed: str | None = None,
        on_behalf_of: str | None = None,
    ) -> Desk:
        """Keep a step, filled in as far as it is."""
        preparation = Preparation(
            step=step, authority=authority, form=dict(form), addressed=addressed, on_behalf_of=on_behalf_of
        )
        return Desk.model_validate_json(await self._tell(exchange_id, "prepare", preparation.model_dump_json()))

    async def discard(self, exchange_id: str, step: str) -> Desk:
        """Drop what was prepared of a step."""
        return Desk.model_validate_json(await self._of_step(exchange_id, "discard", step))

    async def submit(self, exchange_id: str, step: str) -> Desk:
        """Submit a prepared step for approval."""
        return Desk.model_validate_json(await self._of_step(exchange_id, "submit", step))

    async def withdraw(self, exchange_id: str, step: str) -> Desk:
        """Take a submitted step back."""
        return Desk.model_validate_json(await self._of_step(exchange_id, "withdraw", step))

    async def send_back(self, exchange_id: str, step: str, note: str) -> Desk:
        """Give a submitted step back, with what is to be changed; no personal data in the note."""
        sending = SendingBack(step=step, note=note)
        return Desk.model_validate_json(await self._tell(exchange_id, "send-back", sending.model_dump_json()))

    async def release(self, exchange_id: str, step: str) -> Exchange:
        """Take a submitted step; returns the exchange after it."""
        return Exchange.model_validate_json(await self._of_step(exchange_id, "release", step))

    async def allocate(self, exchange_id: str, authority: str, user: str | None) -> Desk:
        """Say who handles the exchange for an authority; none for nobody in particular."""
        allocation = Allocation(authority=authority, user=user)
        return Desk.model_validate_json(await self._tell(exchange_id, "allocate", allocation.model_dump_json()))

    async def disseminate(self, exchange_id: str, *to: str) -> Desk:
        """Let further authorities of the own country read a notification."""
        return Desk.model_validate_json(
            await self._tell(exchange_id, "disseminate", Dissemination(to=to).model_dump_json())
        )

    async def _of_step(self, exchange_id: str, act: str, step: str) -> bytes:
        return await self._tell(exchange_id, act, Prepared(step=step).model_dump_json())

    async def _tell(self, exchange_id: str, act: str, body: str) -> bytes:
        return await self._talk.post(f"/exchanges/{exchange_id}/desk/{act}", body)
