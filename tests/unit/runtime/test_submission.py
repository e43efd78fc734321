"""Acts of users: many with one commit, a refused one leaves nothing, drafts are kept and resumed."""

import asyncio
import math
import sqlite3

import pytest

from node.handlers.access import OWN_ACCOUNT_ALONE
from node.runtime import DirectoryExpired, Refused
from node.runtime.evidence import evidence
from node.runtime.working_set import WorkingSet
from schemas.exchange import Act, Exchange
from schemas.refusal import Refusal
from tests.unit.runtime.desks import Desk, Town

TABLES = ("exchanges", "statements", "outbox", "data_keys", "streams", "ledger", "drafts", "signals", "serials")


async def everything(desk: Desk) -> dict[str, int]:
    return {table: await desk.counts(table) for table in TABLES}


async def together(desk: Desk, *acts: Act) -> list[Exchange | BaseException]:
    return await asyncio.gather(*(desk.runtime.submit(act, OWN_ACCOUNT_ALONE) for act in acts), return_exceptions=True)


def request(town: Town, **form: object) -> Act:
    return town.DE.intention("send", form={"country_of_establishment": "CY", **form})


async def test_many_acts_at_once_get_numbers_without_gap_in_stream_and_cases(town: Town) -> None:
    outcomes = await together(town.DE, *[request(town) for _ in range(450)])

    cases = [outcome.id for outcome in outcomes if isinstance(outcome, Exchange)]
    assert sorted(cases) == [f"ECOM-REQ-DE-2026-{number:06d}" for number in range(1, 451)]
    numbers = [number for (number,) in await town.DE.rows("SELECT number FROM outbox ORDER BY number")]
    assert numbers == list(range(1, 451))


BAD_ACTS = {
    "a mandatory field is missing": {"subject": ""},
    "a field is not of the form": {"no_such_field": "x"},
    "a field has a name that statements use themselves": {"kind": "x"},
    "a number is none": {"confidential": math.nan},
    "half of a character": {"subject": "\ud800"},
    "the own country": {"country_of_establishment": "DE"},
    "no country": {"country_of_establishment": "XX"},
    "a country whose node is not in the directory": {"country_of_establishment": "FR"},
}


@pytest.mark.parametrize("form", BAD_ACTS.values(), ids=BAD_ACTS)
async def test_one_refused_act_does_not_take_the_others_with_it(town: Town, form: dict[str, object]) -> None:
    good = request(town)
    bad = good.model_copy(update={"form": {**good.form, **form}})

    first, refused, last = await together(town.DE, good, bad, good)

    assert isinstance(first, Exchange)
    assert isinstance(refused, Refused)
    assert isinstance(last, Exchange)
    assert [first.id[-6:], last.id[-6:]] == ["000001", "000002"]


@pytest.mark.parametrize("form", BAD_ACTS.values(), ids=BAD_ACTS)
async def test_a_refused_act_leaves_nothing(town: Town, form: dict[str, object]) -> None:
    good = request(town)
    before = await everything(town.DE)

    with pytest.raises(Refused) as caught:
        await town.DE.runtime.submit(good.model_copy(update={"form": {**good.form, **form}}), OWN_ACCOUNT_ALONE)

    assert caught.value.detail
    assert await everything(town.DE) == before


async def test_an_act_that_fails_by_a_fault_of_ours_fails_alone(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fault(Exception):
        pass

    keep = WorkingSet.change

    def change(work: WorkingSet, exchange: Exchange) -> None:
        if exchange.facts.get("service_category") == "dating":
            raise Fault
        keep(work, exchange)

    monkeypatch.setattr(WorkingSet, "change", change)
    good, bad = request(town), request(town, service_category="dating")

    outcomes = await together(town.DE, good, bad, good)

    assert [type(outcome) for outcome in outcomes] == [Exchange, Fault, Exchange]
    assert await town.DE.counts("statements") == 2
    assert await town.DE.counts("outbox") == 2


async def test_a_crash_within_the_transaction_leaves_nothing_and_the_next_act_succeeds(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await everything(town.DE)

    async def full(_: WorkingSet) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(WorkingSet, "save", full)
        with pytest.raises(sqlite3.OperationalError):
            await town.DE.open("CY")

    assert await everything(town.DE) == before
    assert (await town.DE.open("CY")).endswith("000001")


async def test_a_caller_who_gives_up_does_not_take_the_others_with_him(town: Town) -> None:
    tasks = [asyncio.create_task(town.DE.runtime.submit(request(town), OWN_ACCOUNT_ALONE)) for _ in range(5)]
    await asyncio.sleep(0)
    tasks[0].cancel()

    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert all(isinstance(outcome, Exchange) for outcome in outcomes[1:])


async def test_a_step_that_is_not_possible_changes_nothing(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.carry()
    before = await town.CY.copy(case)

    with pytest.raises(Refused) as caught:
        await town.CY.act("reply", case)

    assert caught.value.code is Refusal.NO_MEANING
    assert "Awaiting acceptance" in caught.value.detail
    assert await town.CY.copy(case) == before


async def test_an_unknown_authority_and_one_of_another_country_are_refused_with_a_remedy(town: Town) -> None:
    for authority, words in (("DE/nobody", "imi authority find"), ("CY/coordinator", "is not an authority of this")):
        with pytest.raises(Refused, match=words) as caught:
            await town.DE.runtime.submit(request(town).model_copy(update={"authority": authority}), OWN_ACCOUNT_ALONE)
        assert caught.value.code is Refusal.NOT_A_PARTY


async def test_a_form_that_fits_in_no_envelope_is_refused_with_a_remedy_and_the_node_goes_on(town: Town) -> None:
    long = ["".join(town.chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=1900)) for _ in range(200)]
    before = await everything(town.DE)

    with pytest.raises(Refused, match="attachment") as caught:
        await town.DE.open("CY", service_addresses=long)

    assert caught.value.code is Refusal.TOO_LARGE
    assert await everything(town.DE) == before
    await town.DE.open("CY")
    await town.carry()
    assert await town.DE.outbox() == {"delivered": 1}


async def test_a_draft_is_saved_resumed_and_sent(town: Town) -> None:
    draft = (
        await town.DE.runtime.submit(bare(town, "save", subject="First", guidance_reason="Because"), OWN_ACCOUNT_ALONE)
    ).id
    await town.DE.runtime.submit(
        bare(town, "save", draft, subject="Second", country_of_establishment="CY"), OWN_ACCOUNT_ALONE
    )
    kept = await town.DE.view(draft)
    assert kept.draft == {"subject": "Second", "guidance_reason": "Because", "country_of_establishment": "CY"}
    assert await town.DE.counts("outbox") == 0

    await town.DE.act("send", draft, subject="Third", country_of_establishment="CY")
    await town.carry()

    sent = await town.DE.view(draft)
    assert sent.draft is None
    assert sent.steps[0].form is not None
    assert sent.steps[0].form["subject"] == "Third"
    assert await town.DE.copy(draft) == await town.CY.copy(draft)
    assert await town.DE.counts("drafts") == 0


async def test_an_answer_that_is_cleared_in_a_draft_is_gone(town: Town) -> None:
    draft = (
        await town.DE.runtime.submit(bare(town, "save", subject="First", guidance_reason="Because"), OWN_ACCOUNT_ALONE)
    ).id

    await town.DE.runtime.submit(bare(town, "save", draft, guidance_reason=""), OWN_ACCOUNT_ALONE)

    assert (await town.DE.view(draft)).draft == {"subject": "First"}


async def test_a_draft_of_december_is_sent_in_january(town: Town) -> None:
    draft = (await town.DE.runtime.submit(bare(town, "save", subject="First"), OWN_ACCOUNT_ALONE)).id
    town.clock.advance(days=60)

    await town.DE.act("send", draft, country_of_establishment="CY")
    await town.carry()

    assert await town.DE.outbox() == {"delivered": 1}
    assert await town.DE.copy(draft) == await town.CY.copy(draft)


async def test_a_discarded_draft_says_nothing_any_more_and_its_periods_run(town: Town) -> None:
    draft = (await town.DE.runtime.submit(bare(town, "save", subject="First"), OWN_ACCOUNT_ALONE)).id

    after = await town.DE.runtime.submit(bare(town, "discard", draft), OWN_ACCOUNT_ALONE)

    assert after.state == "discarded"
    assert after.closed_at == town.clock.now()
    assert (await town.DE.view(draft)).draft is None
    assert await town.DE.counts("drafts") == 0
    assert (await town.DE.view(draft)).next_due_at is not None


async def test_a_forwarding_names_an_authority_of_the_own_country(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.carry()

    forwarding = town.CY.intention("forward", case, authority="CY/coordinator", addressed="CY/consumer-protection")
    await town.CY.runtime.submit(forwarding, OWN_ACCOUNT_ALONE)
    await town.carry()

    assert (await town.DE.copy(case)).authorities["responding"] == "CY/consumer-protection"
    with pytest.raises(Refused):
        await town.CY.runtime.submit(forwarding.model_copy(update={"addressed": "DE/coordinator"}), OWN_ACCOUNT_ALONE)


async def test_nothing_is_said_by_a_directory_that_has_expired_but_drafts_are_kept(town: Town) -> None:
    town.clock.advance(days=30 * 365)

    with pytest.raises(DirectoryExpired, match="from the Commission"):
        await town.DE.open("CY")

    await town.DE.runtime.submit(bare(town, "save", subject="First"), OWN_ACCOUNT_ALONE)
    assert await town.DE.counts("drafts") == 1


def bare(town: Town, step: str, exchange: str | None = None, **form: object) -> Act:
    return Act(step=step, authority=town.authority("DE"), exchange=exchange, form=form)


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"reply_requested_by": "tomorrow"}, "reply_requested_by: takes a date: 2026-11-24"),
        ({"country_of_establishment": "ZZ"}, "country_of_establishment: takes the EU code of a country of the federat"),
        ({"country_of_establishment": "DE"}, "DE is your own country"),
        ({"country_of_establishment": "FR"}, r"no active node of France \(FR\): nobody would get it"),
        ({"colour": "red"}, "colour: this form has no such field"),
    ],
)
async def test_what_a_draft_says_has_to_be_right_as_far_as_it_goes(
    town: Town, answers: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        await town.DE.runtime.submit(bare(town, "save", **answers), OWN_ACCOUNT_ALONE)

    assert await town.DE.counts("drafts") == 0


async def test_there_is_no_evidence_of_a_draft(town: Town) -> None:
    draft = (await town.DE.runtime.submit(bare(town, "save", subject="First"), OWN_ACCOUNT_ALONE)).id

    with pytest.raises(Refused, match=f"nothing of {draft} is sent yet"):
        await evidence(town.DE.seat, draft, OWN_ACCOUNT_ALONE)
