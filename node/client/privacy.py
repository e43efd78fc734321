"""The rights of persons at a node: blocking early, confirmations, the register of requests, corrections, counts."""

from pydantic import TypeAdapter

from node.client.talk import Talk
from schemas.api import ExchangeView
from schemas.exchange import Exchange
from schemas.privacy import (
    Asking,
    BlockOrder,
    DataRequest,
    DataRequestView,
    Decision,
    PrivacyCounts,
    RectificationOrder,
    RetentionView,
)

_REQUESTS: TypeAdapter[list[DataRequest]] = TypeAdapter(list[DataRequest])
_RETENTION: TypeAdapter[list[RetentionView]] = TypeAdapter(list[RetentionView])


class Privacy:
    """Each call raises Declined where the node does not do it."""

    def __init__(self, talk: Talk) -> None:
        """Ask over this connection."""
        self._talk = talk

    async def block(self, exchange_id: str, authority: str) -> Exchange:
        """Block the personal data of a closed exchange now; the other parties are told."""
        order = BlockOrder(authority=authority).model_dump_json()
        return Exchange.model_validate_json(await self._talk.post(f"/exchanges/{exchange_id}/block", order))

    async def retention(self, exchange_id: str) -> RetentionView:
        """Who has blocked or deleted in an exchange."""
        return RetentionView.model_validate_json(await self._talk.get(f"/exchanges/{exchange_id}/retention"))

    async def unconfirmed(self) -> list[RetentionView]:
        """Exchanges in which a party has not confirmed a week after it was due."""
        return _RETENTION.validate_json(await self._talk.get("/privacy/unconfirmed"))

    async def rectify(self, exchange_id: str, order: RectificationOrder) -> Exchange:
        """Say something about an answer of a step to all parties."""
        path = f"/exchanges/{exchange_id}/rectifications"
        return Exchange.model_validate_json(await self._talk.post(path, order.model_dump_json()))

    async def ask(self, asking: Asking) -> DataRequest:
        """Enter a request into the register."""
        return DataRequest.model_validate_json(await self._talk.post("/privacy/requests", asking.model_dump_json()))

    async def requests(self) -> list[DataRequest]:
        """The register, the newest first, as far as the user has to do with it."""
        return _REQUESTS.validate_json(await self._talk.get("/privacy/requests"))

    async def request(self, number: int) -> DataRequestView:
        """One request, with what is kept sealed of it."""
        return DataRequestView.model_validate_json(await self._talk.get(f"/privacy/requests/{number}"))

    async def decide(self, number: int, decision: Decision) -> DataRequest:
        """Decide about a request."""
        path = f"/privacy/requests/{number}/decision"
        return DataRequest.model_validate_json(await self._talk.post(path, decision.model_dump_json()))

    async def look(self, number: int) -> ExchangeView:
        """Look at blocked data, as was granted; the node writes it down."""
        return ExchangeView.model_validate_json(await self._talk.post(f"/privacy/requests/{number}/look", ""))

    async def counts(self) -> PrivacyCounts:
        """How often what was asked and done."""
        return PrivacyCounts.model_validate_json(await self._talk.get("/privacy/counts"))
