"""A reason that lacks is asked for before anything is sent; what this node knows of other exchanges decides whether."""

import pytest

from node.handlers.access import OWN_ACCOUNT_ALONE
from node.handlers.refused import Refused
from schemas.exchange import Act
from schemas.refusal import Refusal
from tests.unit.runtime.desks import Town

REASONS = ("no_request_reason", "early_measure_reason")


def without_reasons(town: Town, **form: object) -> Act:
    given = {"country_of_establishment": "CY", "variant": "intention", **form}
    act = town.DE.intention("send", procedure="notification", form=given)
    return act.model_copy(update={"form": {name: act.form[name] for name in act.form if name not in REASONS}})


async def test_a_request_whose_answer_is_overdue_went_before_and_a_fresh_one_did_not(town: Town) -> None:
    request = await town.DE.open("CY", reply_requested_by="2026-12-10")
    await town.carry()

    with pytest.raises(Refused) as caught:
        await town.DE.runtime.submit(without_reasons(town, requests=[request]), OWN_ACCOUNT_ALONE)
    assert caught.value.code is Refusal.BAD_FORM
    assert [problem.field for problem in caught.value.problems] == ["no_request_reason"]
    assert await town.DE.rows("SELECT id FROM exchanges WHERE procedure = 'notification'") == []

    town.clock.advance(days=30)
    sent = await town.DE.runtime.submit(without_reasons(town, requests=[request]), OWN_ACCOUNT_ALONE)
    assert sent.state == "sent"


async def test_a_draft_is_kept_without_any_reason(town: Town) -> None:
    act = without_reasons(town).model_copy(update={"step": "save"})

    draft = await town.DE.runtime.submit(act, OWN_ACCOUNT_ALONE)

    with pytest.raises(Refused, match="You may go on: give the reason here"):
        await town.DE.runtime.submit(act.model_copy(update={"step": "send", "exchange": draft.id}), OWN_ACCOUNT_ALONE)
    assert (await town.DE.copy(draft.id)).state == "draft"


async def test_the_reason_is_asked_for_when_a_draft_is_submitted_for_approval(town: Town) -> None:
    act = without_reasons(town).model_copy(update={"step": "save"})
    draft = await town.DE.runtime.submit(act, OWN_ACCOUNT_ALONE)

    with pytest.raises(Refused, match="You may go on: give the reason here"):
        await town.DE.runtime.desks.submit(draft.id, "send", OWN_ACCOUNT_ALONE)
    reasons = act.model_copy(update={"exchange": draft.id, "form": dict.fromkeys(REASONS, "Children are in danger")})
    await town.DE.runtime.submit(reasons, OWN_ACCOUNT_ALONE)
    await town.DE.runtime.desks.submit(draft.id, "send", OWN_ACCOUNT_ALONE)

    assert (await town.DE.runtime.desks.release(draft.id, "send", OWN_ACCOUNT_ALONE)).state == "sent"
