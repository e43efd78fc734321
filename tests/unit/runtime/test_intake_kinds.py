"""What peers sent besides steps: pieces of files, figures, receipts; each only from whom it may come."""

import pytest

from node.crypto import base64url
from node.handlers.access import OWN_ACCOUNT_ALONE
from schemas.messages import Chunk, Receipts, StatisticsReport
from schemas.refusal import Refusal
from schemas.statistics import StatisticsRow
from tests.unit.runtime.desks import Desk, Town, opened

CANARY = "Canary-Erika-Mustermann"


async def answer(desk: Desk, peer: Desk) -> list[Receipts]:
    """What a desk says to a peer now, unread by the peer."""
    await desk.post()
    arrivals = [arrival for envelope in peer.letters() for arrival in peer.receiver.open(envelope)]
    return [statement for statement in opened(arrivals) if isinstance(statement, Receipts)]


async def test_pieces_of_a_file_are_kept_sealed_before_the_step_that_names_them(town: Town) -> None:
    case = "ECOM-REQ-DE-2026-000001"
    pieces = [
        Chunk(
            id=town.DE.seat.new_id(),
            sender="DE",
            at=town.clock.now(),
            to={"CY": number},
            exchange=case,
            attachment="h" * 43,
            index=number - 1,
            count=2,
        )
        for number in (1, 2)
    ]
    envelopes = [
        town.DE.sealed("CY", town.DE.signed(piece, {"data": base64url.encode(CANARY.encode())})) for piece in pieces
    ]

    await town.CY.take_in(*envelopes, *envelopes)

    assert await town.CY.rows("SELECT exchange_id, idx, count FROM chunks ORDER BY idx") == [(case, 0, 2), (case, 1, 2)]
    [(data,)] = await town.CY.rows("SELECT data FROM chunks WHERE idx = 0")
    assert CANARY.encode() not in data
    [receipts] = await answer(town.CY, town.DE)
    assert [entry.outcome for entry in receipts.entries if entry.message == pieces[0].id] == ["delivered"]


@pytest.mark.parametrize(("index", "count", "said"), [(2, 2, {"data": "x"}), (0, 1, {"data": 7}), (0, 1, {"x": "y"})])
async def test_a_piece_that_is_none_is_refused(town: Town, index: int, count: int, said: dict[str, object]) -> None:
    piece = Chunk(
        id=town.DE.seat.new_id(),
        sender="DE",
        at=town.clock.now(),
        to={"CY": 1},
        exchange="ECOM-REQ-DE-2026-000001",
        attachment="h" * 43,
        index=index,
        count=count,
    )

    await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(piece, said)))

    assert await town.CY.quarantined() == [Refusal.MALFORMED]
    assert await town.CY.counts("chunks") == 0


def _report(desk: Desk, to: str, opened_by: str, reported_as: str) -> StatisticsReport:
    row = StatisticsRow(
        area="e_commerce",
        procedure="request",
        year=2026,
        opened_by=opened_by,
        addressed_to="CY" if opened_by != "CY" else "DE",
        status="closed",
        blocked=False,
        facts={},
        reported_as=reported_as,
        count=99,
    )
    now = desk.seat.clock.now()
    return StatisticsReport(id=desk.seat.new_id(), sender=desk.node, at=now, to={to: 1}, as_of=now, rows=(row,))


@pytest.mark.parametrize(
    ("to", "opened_by", "reported_as", "code"),
    [
        ("EC", "DE", "opened", None),
        ("EC", "CY", "received", None),
        ("EC", "CY", "opened", Refusal.MALFORMED),
        ("EC", "DE", "received", Refusal.MALFORMED),
        ("CY", "DE", "opened", Refusal.NOT_YOUR_STEP),
    ],
    ids=["what it opened", "what it received", "another's figures", "what another received", "not to the Commission"],
)
async def test_statistics_are_taken_by_the_commission_and_about_the_sender_only(
    town: Town, to: str, opened_by: str, reported_as: str, code: Refusal | None
) -> None:
    report = _report(town.DE, to, opened_by, reported_as)

    await town.desks[to].take_in(town.DE.sealed(to, town.DE.signed(report)))

    assert await town.desks[to].quarantined() == ([code] if code else [])
    assert await town.desks[to].counts("reports") == (0 if code else 1)


async def test_a_receipt_for_other_content_than_ours_closes_nothing(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.DE.post()
    [entry] = (await town.DE.copy(case)).history
    said = {"message": entry.message, "hash": "x" * 43, "outcome": "delivered"}
    receipts = Receipts.model_validate(
        {"id": town.CY.seat.new_id(), "sender": "CY", "at": town.clock.now(), "to": "DE", "entries": (said,)}
    )

    await town.DE.take_in(town.CY.sealed("DE", town.CY.signed(receipts)))

    assert await town.DE.outbox() == {"published": 1}
    assert await town.DE.counts("receipts") == 0


async def test_a_third_node_can_not_sign_for_the_recipient(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.DE.post()
    [entry] = (await town.DE.copy(case)).history
    said = {"message": entry.message, "hash": entry.hash, "outcome": "delivered"}
    receipts = Receipts.model_validate(
        {"id": town.EC.seat.new_id(), "sender": "EC", "at": town.clock.now(), "to": "DE", "entries": (said,)}
    )

    await town.DE.take_in(town.EC.sealed("DE", town.EC.signed(receipts)))

    assert await town.DE.outbox() == {"published": 1}


async def test_word_that_a_step_was_opened_is_repeated_byte_for_byte(town: Town) -> None:
    """It was lost: the next time that the step is opened, or comes again, it is told again."""
    case = await town.DE.open("CY")
    await town.DE.post()
    [letter] = town.CY.letters()
    await town.CY.take_in(letter)
    assert await town.CY.runtime.note_opened(case, OWN_ACCOUNT_ALONE) == 1
    [_, (first,)] = await town.CY.rows("SELECT jws FROM signals ORDER BY id")
    await town.CY.post()
    town.DE.letters()

    assert await town.CY.runtime.note_opened(case, OWN_ACCOUNT_ALONE) == 0
    assert await town.CY.rows("SELECT jws FROM signals") == [(first,)]
    await town.CY.post()
    town.DE.letters()
    await town.CY.take_in(letter)
    await town.carry()

    [delivery] = (await town.DE.view(case)).steps[0].deliveries
    assert (delivery.state, delivery.opened_at is not None) == ("delivered", True)
    assert await town.CY.counts("receipts") == 2
