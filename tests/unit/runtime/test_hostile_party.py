"""A party of an exchange that means harm: it has what it was sent, and can do no harm with it elsewhere."""

import pytest

from node.crypto import base64url
from node.crypto import statement as signing
from node.crypto.envelope import OpenedStatement, seal
from node.crypto.statement import Packed
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.runtime import reading
from node.runtime.alarms import alarms
from schemas.messages import Chunk, Receipts, Skip, StatisticsReport, Step
from schemas.refusal import Refusal
from tests.unit.runtime.desks import Desk, Town, opened


async def notified_first(town: Town) -> tuple[str, Step, bytes]:
    """A notification that Cyprus has, and the Commission not yet: its number, the step, the Commission's letter."""
    case = await town.DE.open("CY", "notification")
    await town.DE.post()
    [early, late] = town.CY.letters(), town.EC.letters()
    [step] = opened(await town.CY.take_in(*early))
    assert isinstance(step, Step)
    return case, step, late[0]


def same_id(liar: Desk, step: Step) -> StatisticsReport:
    """A statement of the liar's own that uses the id of another one's."""
    now = liar.seat.clock.now()
    return StatisticsReport(id=step.id, sender=liar.node, at=now, to={"EC": 1}, as_of=now, rows=())


async def test_an_id_that_another_sender_used_first_is_no_reason_to_refuse_the_true_one(town: Town) -> None:
    case, step, letter = await notified_first(town)
    await town.EC.take_in(town.CY.sealed("EC", town.CY.signed(same_id(town.CY, step))))
    assert await town.EC.counts("reports") == 1

    await town.EC.take_in(letter, letter)
    await town.carry()

    assert (await town.EC.copy(case)).state == "sent"
    assert await town.EC.quarantined() == []
    assert await town.DE.outbox() == {"delivered": 2}
    assert [each.state for each in (await town.DE.view(case)).steps[0].deliveries] == ["delivered", "delivered"]


async def test_a_repetition_gets_its_own_receipt_and_not_that_of_another_senders_statement(town: Town) -> None:
    _, step, letter = await notified_first(town)
    await town.EC.take_in(town.CY.sealed("EC", town.CY.signed(same_id(town.CY, step))))
    await town.EC.take_in(letter)
    await town.EC.post()
    for desk in (town.DE, town.CY):
        desk.letters()  # all receipts are lost

    await town.EC.take_in(letter)
    await town.carry()

    assert await town.DE.outbox() == {"delivered": 2}


def posing(liar: Desk, as_sender: str, packed: Packed) -> bytes:
    """An envelope to the Commission under another sender's name: whoever can reach an inbox can make one."""
    key = liar.seat.trust.sealing_key("EC", liar.seat.clock.now())
    return seal([packed], sender=as_sender, recipient="EC", envelope_id=liar.seat.new_id(), key=key)


@pytest.mark.parametrize("other_content", [False, True], ids=["nothing", "other"])
async def test_a_true_statement_with_wrong_content_is_neither_refused_nor_passed_by(
    town: Town, *, other_content: bool
) -> None:
    """Cyprus sends on what Germany signed, without what Germany said: that must not close Germany's row."""
    case, _, letter = await notified_first(town)
    [(jws,)] = await town.CY.rows("SELECT jws FROM statements")
    said = signing.disclose({"subject": "other"}, town.CY.seat.random)[1] if other_content else ()

    await town.EC.take_in(posing(town.CY, "DE", Packed(jws, said)), posing(town.CY, "CY", Packed(jws, said)))

    assert await town.EC.counts("signals") == 0
    assert await town.EC.quarantined() == [Refusal.BAD_DISCLOSURE, Refusal.BAD_SIGNATURE]
    await town.EC.take_in(letter)
    await town.carry()
    assert (await town.EC.copy(case)).state == "sent"
    assert await town.DE.outbox() == {"delivered": 2}


async def test_only_the_sender_may_say_that_a_number_is_passed_by(town: Town) -> None:
    case, step, letter = await notified_first(town)
    skip = Skip(id=town.CY.seat.new_id(), sender="DE", at=town.clock.now(), to="EC", skipped=1, statement=step.id)

    await town.EC.take_in(*(posing(town.CY, sender, town.CY.signed(skip)) for sender in ("DE", "CY")))
    await town.EC.take_in(letter)
    await town.carry()

    assert await town.EC.quarantined() == [Refusal.BAD_SIGNATURE, Refusal.HEADER_MISMATCH]
    assert (await town.EC.copy(case)).state == "sent"


async def test_a_skip_that_comes_early_late_or_again_changes_nothing(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.DE.post()
    [arrival] = town.CY.receiver.open(*town.CY.letters())
    assert isinstance(arrival, OpenedStatement)
    skips = [
        town.DE.signed(
            Skip(
                id=town.DE.seat.new_id(),
                sender="DE",
                at=town.clock.now(),
                to="CY",
                skipped=number,
                statement=arrival.statement.id,
                statement_hash=arrival.hash,
            )
        )
        for number in (1, 2)
    ]

    await town.CY.take_in(town.DE.sealed("CY", skips[1]))
    await town.CY.runtime.receive([arrival])
    await town.CY.take_in(*[town.DE.sealed("CY", skips[0])] * 2)

    assert (await town.CY.copy(case)).state == "awaiting_acceptance"
    assert await town.CY.quarantined() == []
    await town.CY.post()
    said = opened([each for letter in town.DE.letters() for each in town.DE.receiver.open(letter)])
    assert {entry.outcome for each in said if isinstance(each, Receipts) for entry in each.entries} == {"delivered"}


async def test_a_sender_that_tells_two_parties_different_things_under_one_number_is_found_out(town: Town) -> None:
    """Germany signs two amendments with the same number: one for Cyprus, one for the Commission."""
    case = await town.DE.open("CY", "notification")
    await town.carry()
    await town.EC.act("open", case, procedure="notification")
    await town.carry()
    await town.DE.act("amend", case, procedure="notification")
    await town.DE.post()
    [told] = opened([each for letter in town.CY.letters() for each in await town.CY.take_in(letter)])
    town.EC.letters()
    assert isinstance(told, Step)
    other = told.model_copy(update={"id": town.DE.seat.new_id(), "digests": ()})
    form = town.DE.intention("amend", case, procedure="notification").form
    await town.EC.take_in(town.DE.sealed("EC", town.DE.signed(other, form)))
    assert await town.EC.quarantined() == []

    await town.CY.act("comment", case, procedure="notification")
    await town.CY.post()
    await town.EC.take_in(*town.EC.letters())

    assert await town.EC.quarantined() == [Refusal.CONTRADICTED]
    [quarantined] = await reading.quarantine_view(town.EC.seat)
    hashes = [(await desk.copy(case)).seen["DE"].hash for desk in (town.CY, town.EC)]
    assert quarantined.sender == "DE"
    assert all(digest in quarantined.detail for digest in (case, "CY has seen step 2 of DE", *hashes))
    [(detail,)] = await town.EC.rows("SELECT detail FROM ledger WHERE action = 'statements.contradict'")
    assert all(digest in detail for digest in hashes)
    [alarm] = await alarms(town.EC.seat, town.EC.seat.store.read)
    assert alarm.startswith("A sender signed two different things for one place")
    assert (await town.EC.copy(case)).history[-1].step == "comment"

    await town.DE.act("amend", case, procedure="notification")  # it goes on with the story that it told Cyprus
    await town.DE.post()
    await town.EC.take_in(*town.EC.letters())

    [_, (code, detail)] = await town.EC.rows("SELECT code, detail FROM quarantine ORDER BY id")
    assert (code, detail) == (Refusal.CONTRADICTED, "DE's own step before it is another one here")
    assert (await town.EC.copy(case)).history[-1].step == "comment"


async def test_pieces_that_another_party_sent_first_for_the_same_file_do_no_harm(town: Town) -> None:
    """Cyprus has the file already, and sends the Commission others under its name, before Germany's come and after."""
    case = await town.DE.open("CY", "notification")
    await town.carry()
    await town.EC.act("open", case, procedure="notification")
    await town.carry()
    content = town.chance.randbytes(150_000)
    note = await town.DE.runtime.attach(
        case, {"name": "a.bin", "type": "application/octet-stream"}, content, OWN_ACCOUNT_ALONE
    )
    form = town.area.procedures["notification"].steps["amend"].form
    field = next(f.name for f in town.area.forms[form].fields if f.type == "attachments")
    await town.DE.act("amend", case, procedure="notification", form={field: [note.model_dump(mode="json")]})
    [(next_out,)] = await town.CY.rows("SELECT next_out FROM streams WHERE peer = 'EC'")
    others = [
        Chunk(
            id=town.CY.seat.new_id(),
            sender="CY",
            at=town.clock.now(),
            to={"EC": next_out + number},
            exchange=case,
            attachment=note.hash,
            index=number % 2,
            count=2,
        )
        for number in range(4)
    ]
    letters = [town.CY.sealed("EC", town.CY.signed(each, {"data": base64url.encode(b"other")})) for each in others]

    await town.EC.take_in(*letters[:2])
    await town.DE.post()
    await town.EC.take_in(*town.EC.letters())
    await town.EC.take_in(*letters[2:])

    assert await town.EC.quarantined() == []
    assert (await town.EC.copy(case)).history[-1].step == "amend"
    pieces = [piece async for piece in await reading.attachment(town.EC.seat, case, note.hash, OWN_ACCOUNT_ALONE)]
    assert b"".join(pieces) == content
