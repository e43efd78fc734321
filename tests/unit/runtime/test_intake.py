"""What peers sent: once, in order, or it waits, or it is refused with a signed receipt."""

from collections.abc import Sequence

import pytest

from node.crypto import jws
from node.crypto.envelope import OpenedStatement
from node.crypto.jws import unverified_payload
from node.crypto.statement import PURPOSE, Packed
from node.runtime.intake import Arrival
from node.store import outbox
from schemas.messages import Receipts, Resend, Step
from schemas.refusal import Refusal
from tests.unit.runtime.desks import Desk, Town, opened

CANARY = "Canary-Erika-Mustermann"


async def letter(desk: Desk) -> bytes:
    """Publish what is due, and take the one envelope that it came to."""
    await desk.post()
    [peer] = [name for name in desk.town.desks if name != desk.node and len(desk.town.exchange.inbox(name))]
    [envelope] = desk.town.desks[peer].letters()
    return envelope


def steps(arrivals: Sequence[Arrival]) -> list[Step]:
    return [
        arrival.statement
        for arrival in arrivals
        if isinstance(arrival, OpenedStatement) and isinstance(arrival.statement, Step)
    ]


async def answer(desk: Desk, peer: Desk) -> list[Receipts]:
    """What a desk says to a peer now, unread by the peer."""
    await desk.post()
    arrivals = [arrival for envelope in peer.letters() for arrival in peer.receiver.open(envelope)]
    return [statement for statement in opened(arrivals) if isinstance(statement, Receipts)]


async def test_a_repetition_has_no_effect_and_gets_the_same_receipt_byte_for_byte(town: Town) -> None:
    await town.DE.open("CY")
    envelope = await letter(town.DE)
    await town.CY.take_in(envelope)
    [first] = await town.CY.rows("SELECT jws FROM signals")
    await town.CY.post()
    before = await town.CY.counts("statements"), await town.CY.counts("ledger")

    await town.CY.take_in(envelope)

    assert await town.CY.rows("SELECT jws FROM signals") == [first]
    assert (await town.CY.counts("statements"), await town.CY.counts("ledger")) == before
    assert await town.CY.quarantined() == []


async def test_a_repetition_within_one_group_has_one_effect(town: Town) -> None:
    case = await town.DE.open("CY")
    envelope = await letter(town.DE)

    await town.CY.take_in(envelope, envelope, envelope)
    await town.carry()

    assert len((await town.CY.copy(case)).history) == 1
    assert await town.DE.outbox() == {"delivered": 1}


async def test_the_same_id_with_other_content_is_refused_and_the_first_stays(town: Town) -> None:
    case = await town.DE.open("CY")
    [original] = steps(await town.CY.take_in(await letter(town.DE)))
    await town.carry()
    forged = original.model_copy(update={"digests": (), "to": {"CY": 2}})

    await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(forged, {"subject": "other"})))

    [receipts] = await answer(town.CY, town.DE)
    assert [(entry.outcome, entry.code) for entry in receipts.entries] == [("refused", Refusal.OTHER_CONTENT)]
    assert await town.CY.quarantined() == [Refusal.OTHER_CONTENT]
    assert (await town.CY.copy(case)).history[0].hash != receipts.entries[0].hash
    assert await town.DE.outbox() == {"delivered": 1}


async def test_other_content_under_a_known_id_does_not_stop_the_stream(town: Town) -> None:
    await town.DE.open("CY")
    [original] = steps(await town.CY.take_in(await letter(town.DE)))
    forged = original.model_copy(update={"digests": (), "to": {"CY": 2}})
    follower = original.model_copy(
        update={
            "id": town.DE.seat.new_id(),
            "to": {"CY": 3},
            "exchange": "ECOM-REQ-DE-2026-000777",
            "authority": town.authority("DE"),
            "digests": (),
        }
    )
    form = town.DE.intention("send", country_of_establishment="CY").form

    await town.CY.take_in(
        town.DE.sealed("CY", town.DE.signed(follower, form)),
        town.DE.sealed("CY", town.DE.signed(forged, {"subject": "other"})),
    )

    assert (await town.CY.copy("ECOM-REQ-DE-2026-000777")).state == "awaiting_acceptance"
    assert await town.CY.quarantined() == [Refusal.OTHER_CONTENT]


async def test_a_gap_is_waited_for_asked_for_and_filled(town: Town) -> None:
    cases = [await town.DE.open("CY") for _ in range(3)]
    rows = await outbox.by_numbers(town.DE.seat.store.read, "CY", [(1, 3)])
    await town.DE.post()
    [envelope] = town.CY.letters()
    bundle = town.CY.receiver.open(envelope)
    assert len(rows) == len(bundle) == 3

    await town.CY.runtime.receive([bundle[2], bundle[0]])

    assert await town.CY.counts("exchanges") == 1
    assert await town.CY.counts("waiting") == 1
    await town.CY.runtime.tick()
    assert await town.CY.counts("signals") == 1  # the receipt: nothing is asked for before a while has gone by
    town.wall.advance(seconds=3)
    await town.CY.runtime.tick()
    await town.CY.post()
    asked = opened([arrival for each in town.DE.letters() for arrival in await town.DE.take_in(each)])
    assert [s.missing for s in asked if isinstance(s, Resend)] == [((2, 2),)]
    await town.carry()
    assert [(await town.CY.copy(case)).state for case in cases] == ["awaiting_acceptance"] * 3
    assert await town.CY.counts("waiting") == 0
    assert await town.DE.outbox() == {"delivered": 3}


async def test_more_gaps_than_one_request_may_name_are_asked_for_in_part(town: Town) -> None:
    for _ in range(500):
        await town.DE.open("CY")
    await town.DE.post()
    bundle = [arrival for envelope in town.CY.letters() for arrival in town.CY.receiver.open(envelope)]
    await town.CY.runtime.receive(bundle[1::2])
    town.wall.advance(seconds=3)

    await town.settle()

    assert await town.CY.counts("exchanges") == 500
    assert await town.DE.outbox() == {"delivered": 500}


async def test_a_statement_too_far_ahead_is_refused_and_taken_once_the_gap_is_filled(town: Town) -> None:
    case = await town.DE.open("CY")
    [original] = steps(town.CY.receiver.open(await letter(town.DE)))
    far = original.model_copy(update={"to": {"CY": 20_000}, "digests": ()})
    packed = town.DE.signed(far, town.DE.intention("send", country_of_establishment="CY").form)

    await town.CY.take_in(town.DE.sealed("CY", packed))

    [receipts] = await answer(town.CY, town.DE)
    assert receipts.entries[0].code is Refusal.TOO_FAR_AHEAD
    assert await town.CY.counts("exchanges") == 0
    assert await town.CY.counts("waiting") == 0
    town.wall.advance(seconds=31)
    await town.carry()
    assert (await town.CY.copy(case)).state == "awaiting_acceptance"


async def test_after_a_refusal_that_was_overtaken_a_repetition_gets_the_receipt_that_holds(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.DE.open("CY")
    second = await town.DE.open("CY")
    await town.DE.post()
    first_arrival, second_arrival = town.CY.receiver.open(*town.CY.letters())
    with monkeypatch.context() as patch:
        patch.setattr("node.runtime.intake.MAX_AHEAD", 0)
        await town.CY.runtime.receive([second_arrival])
    assert await town.CY.quarantined() == [Refusal.TOO_FAR_AHEAD]
    await town.CY.runtime.receive([first_arrival, second_arrival])
    await answer(town.CY, town.DE)

    await town.CY.runtime.receive([second_arrival])

    [receipts] = await answer(town.CY, town.DE)
    [entry] = (await town.DE.copy(second)).history
    assert [each.outcome for each in receipts.entries if each.message == entry.message] == ["delivered"]


async def test_an_answer_waits_for_the_question_it_builds_on(town: Town) -> None:
    """The Commission hears Cyprus's comments before the amendment that they are about."""
    case = await town.DE.open("CY", "notification")
    await town.carry()
    await town.EC.act("open", case, procedure="notification")
    await town.carry()
    await town.DE.act("amend", case, procedure="notification")
    await town.DE.post()
    late = town.EC.letters()
    await town.CY.take_in(*town.CY.letters())
    for _ in range(3):
        await town.CY.act("comment", case, procedure="notification")
    await town.CY.post()

    await town.EC.take_in(*town.EC.letters())
    assert (await town.EC.view(case)).exchange.state == "open_for_comments"
    assert await town.EC.rows("SELECT reason, count(*) FROM waiting GROUP BY reason") == [("exchange", 3)]
    await town.EC.take_in(*late)
    await town.carry()

    copies = [await desk.copy(case) for desk in (town.DE, town.CY, town.EC)]
    assert [entry.step for entry in copies[2].history] == ["send", "open", "amend", "comment", "comment", "comment"]
    assert copies[0].seen == copies[1].seen == copies[2].seen
    assert await town.EC.quarantined() == []
    assert await town.CY.rows("SELECT DISTINCT outcome FROM receipts") == [("delivered",)]
    assert await town.CY.outbox() == {"delivered": 6}


async def test_a_step_that_claims_to_have_seen_a_stranger_is_refused_instead_of_waiting_for_ever(town: Town) -> None:
    await town.DE.open("CY")
    [original] = steps(town.CY.receiver.open(await letter(town.DE)))
    seen = {"FR": {"sequence": 3, "hash": "x" * 43}}
    strange = Step.model_validate(original.model_dump() | {"seen": seen, "digests": ()})

    await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(strange, {"subject": "x"})))

    assert await town.CY.quarantined() == [Refusal.NOT_A_PARTY]
    assert await town.CY.counts("waiting") == 0


async def test_a_step_under_another_version_of_the_declaration_is_refused(town: Town) -> None:
    town_areas = dict(town.areas)
    town_areas["e_commerce", 2] = town.area.model_copy(update={"version": 2})
    town.CY.seat.areas = town_areas
    case = await town.DE.open("CY")
    await town.carry()
    await town.DE.act("withdraw", case)
    [original] = steps(town.CY.receiver.open(await letter(town.DE)))
    form = town.DE.intention("withdraw", case).form
    other = original.model_copy(update={"version": 2, "digests": ()})

    await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(other, form)))

    assert await town.CY.quarantined() == [Refusal.UNKNOWN_AREA]
    assert (await town.CY.copy(case)).state == "awaiting_acceptance"


async def test_a_refusal_closes_the_senders_row_with_its_code_and_the_stream_goes_on(town: Town) -> None:
    town.CY.seat.areas = {}
    case = await town.DE.open("CY")
    await town.DE.open("CY")

    await town.carry()

    [delivery] = (await town.DE.view(case)).steps[0].deliveries
    assert delivery.state == "refused"
    assert delivery.code is Refusal.UNKNOWN_AREA
    assert delivery.help.startswith("This node does not have that version")
    assert await town.DE.outbox() == {"refused": 2}
    assert await town.CY.quarantined() == [Refusal.UNKNOWN_AREA] * 2


async def test_a_statement_that_is_refused_on_opening_does_not_stop_the_stream(town: Town) -> None:
    await town.DE.open("CY")
    second = await town.DE.open("CY")
    rows = await outbox.by_numbers(town.DE.seat.store.read, "CY", [(1, 2)])
    await town.DE.post()
    [envelope] = town.CY.letters()
    good = town.CY.receiver.open(envelope)[1]

    later = unverified_payload(rows[0].jws).replace(b'"kind":"step"', b'"kind":"later"')
    await town.CY.take_in(town.DE.sealed("CY", Packed(jws.sign(later, town.DE.seat.keyring.current, PURPOSE))))
    await town.CY.runtime.receive([good])

    assert await town.CY.quarantined() == [Refusal.UNKNOWN_KIND]
    assert (await town.CY.copy(second)).state == "awaiting_acceptance"
    assert await town.CY.counts("waiting") == 0


async def test_what_came_too_early_is_sent_again_until_its_turn_has_come(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("node.runtime.intake.MAX_AHEAD", 0)
    cases = [await town.DE.open("CY") for _ in range(2)]
    await town.DE.post()
    _, early = town.CY.receiver.open(*town.CY.letters())
    await town.CY.runtime.receive([early])
    await town.carry()
    assert await town.CY.quarantined() == [Refusal.TOO_FAR_AHEAD]
    assert await town.DE.outbox() == {"published": 2}

    town.wall.advance(seconds=31)
    await town.carry()

    assert [(await town.CY.copy(case)).state for case in cases] == ["awaiting_acceptance"] * 2
    assert await town.DE.outbox() == {"delivered": 2}


async def test_a_statement_that_we_fail_at_is_refused_kept_and_passed_by(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await town.DE.open("CY")
    second = await town.DE.open("CY")
    serve = type(town.CY.seat).area

    def area(seat: object, name: str, version: int) -> object:
        del seat, name, version
        raise ZeroDivisionError

    await town.DE.post()
    bundle = town.CY.receiver.open(*town.CY.letters())
    with monkeypatch.context() as patch:
        patch.setattr(type(town.CY.seat), "area", area)
        await town.CY.receiver.take_in(bundle[:1])
    assert type(town.CY.seat).area is serve
    await town.CY.receiver.take_in(bundle[1:])
    await town.carry()

    assert await town.CY.quarantined() == [Refusal.NOT_PROCESSED]
    [delivery] = (await town.DE.view(first)).steps[0].deliveries
    assert (delivery.state, delivery.code) == ("refused", Refusal.NOT_PROCESSED)
    assert (await town.CY.copy(second)).state == "awaiting_acceptance"


async def test_an_envelope_that_makes_opening_fail_is_set_aside(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> object:
        raise RecursionError

    monkeypatch.setattr("node.workers.receive.open_envelope", fail)

    await town.CY.take_in(b"anything")

    assert await town.CY.quarantined() == [Refusal.NOT_PROCESSED]


async def test_quarantine_receipts_and_ledger_hold_nothing_of_what_was_said(town: Town) -> None:
    """Wrong answers, unknown fields, whole letters: refused, and nothing of their content is kept in clear."""
    await town.DE.open("CY", subject=CANARY)
    envelope = await letter(town.DE)
    [original] = steps(town.CY.receiver.open(envelope))
    form = town.DE.intention("send", country_of_establishment="CY").form
    forms: tuple[dict[str, object], ...] = (
        {**form, "subject": CANARY * 40},
        {**form, CANARY: CANARY},
        {**form, "service_category": CANARY},
        {**form, "links": [{CANARY: CANARY, "link_kind": CANARY}]},
        {"subject": CANARY},
    )
    for number, said in enumerate(forms, start=1):
        bad = original.model_copy(update={"id": town.DE.seat.new_id(), "to": {"CY": number}, "digests": ()})
        await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(bad, said)))
    await town.CY.take_in(envelope[:-1] + bytes([envelope[-1] ^ 1]), envelope.replace(b'"CY"', b'"EC"', 1))

    assert len(await town.CY.quarantined()) == len(forms) + 2
    for table in ("quarantine", "receipt_statements", "receipts", "ledger", "exchanges", "signals", "statements"):
        for row in await town.CY.rows(f"SELECT * FROM {table}"):  # noqa: S608
            assert CANARY.encode() not in b"|".join(_raw(value) for value in row), table


def _raw(value: object) -> bytes:
    """A value, and what stands in its base64 where it is a JWS."""
    text = value if isinstance(value, bytes) else str(value).encode()
    if text.count(b".") == 2 and text.startswith(b"ey"):
        text += unverified_payload(text.decode())
    return text
