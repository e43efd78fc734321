"""What time alone brings about: blocking and deletion, on every copy, down to the bytes."""

from pathlib import Path

import pytest

from node.handlers.access import OWN_ACCOUNT_ALONE, Denied
from node.runtime import Refused, reading
from node.runtime.evidence import evidence
from node.store import compaction, outbox
from schemas.messages import Skip
from schemas.refusal import Refusal
from tests.unit.runtime.desks import Desk, Town

CANARY = "Canary Erika Mustermann"


async def closed(town: Town) -> str:
    """A notification that came to its formal closure, with a canary in it."""
    case = await town.DE.open("CY", "notification", subject=CANARY, provider_name=CANARY)
    await town.carry()
    await town.DE.act("close", case, procedure="notification")
    await town.carry()
    return case


async def everywhere(town: Town) -> None:
    for desk in town.desks.values():
        await desk.runtime.tick()


def bytes_of(desk: Desk) -> bytes:
    """All that lies on the disk of a node's store."""
    place = Path(desk.seat.store.path)
    return b"".join(file.read_bytes() for file in sorted(place.parent.glob(f"{place.name}*")))


async def test_content_is_seen_until_blocking_and_by_nobody_after_it(town: Town) -> None:
    case = await closed(town)
    town.clock.advance(days=180)
    await everywhere(town)
    assert all([(await desk.view(case)).steps[0].form is not None for desk in town.desks.values()])

    town.clock.advance(days=2)
    await everywhere(town)

    for desk in town.desks.values():
        view = await desk.view(case)
        assert view.exchange.blocked_at == town.clock.now()
        assert [step.form for step in view.steps] == [None, None]
        assert view.exchange.state == "closed"
        assert ".disclosures" not in str(await evidence(desk.seat, case, OWN_ACCOUNT_ALONE))


async def test_after_deletion_no_byte_of_key_or_content_is_left_on_any_disk(town: Town) -> None:
    case = await closed(town)
    traces: dict[str, list[bytes]] = {}
    for node, desk in town.desks.items():
        [(wrapped,)] = await desk.rows("SELECT wrapped FROM data_keys WHERE exchange_id = ?", case)
        sealed = [blob for (blob,) in await desk.rows("SELECT disclosures FROM statements WHERE disclosures NOT NULL")]
        traces[node] = [wrapped, *sealed]
        assert all(trace in bytes_of(desk) for trace in traces[node])

    town.clock.advance(days=3 * 365 + 1)
    await everywhere(town)

    for node, desk in town.desks.items():
        assert (await desk.copy(case)).deleted_at == town.clock.now()
        assert await desk.counts("data_keys") == 0
        assert not [trace for trace in traces[node] if trace in bytes_of(desk)]


async def test_a_compaction_that_a_node_owes_when_it_stops_is_made_at_its_next_start(town: Town) -> None:
    await closed(town)
    town.clock.advance(days=10)
    await closed(town)
    town.clock.advance(days=3 * 365 - 5)
    await town.DE.runtime.tick()  # deletes the first, and compacts
    assert await compaction.owed(town.DE.seat.store.read) is None
    town.clock.advance(days=10)
    await town.DE.runtime.tick()  # deletes the other on the same day of real time
    assert await compaction.owed(town.DE.seat.store.read) is not None

    await town.restart("DE")
    await town.DE.runtime.tick()

    assert await compaction.owed(town.DE.seat.store.read) is None


async def test_no_personal_data_lie_open_in_the_store_at_any_time(town: Town) -> None:
    await closed(town)
    await town.DE.act("save", procedure="request", subject=CANARY, country_of_establishment="CY")

    for desk in town.desks.values():
        assert CANARY.encode() not in bytes_of(desk)


async def test_the_ledger_and_the_receipts_outlive_the_content(town: Town) -> None:
    case = await closed(town)
    receipts = await town.DE.counts("receipts")

    town.clock.advance(days=3 * 365 + 1)
    await everywhere(town)

    actions = [action for (action,) in await town.DE.rows("SELECT action FROM ledger WHERE subject = ?", case)]
    assert actions == ["step.send", "step.close", "personal_data.blocked", "personal_data.deleted"]
    assert await town.DE.counts("receipts") == receipts == 4
    assert len((await town.DE.view(case)).steps) == 2


@pytest.mark.parametrize(("days", "kept"), [(190, True), (4 * 365, False)], ids=["blocked", "deleted"])
async def test_a_step_that_comes_after_blocking_or_deletion_takes_effect_and_shows_nothing(
    town: Town, *, days: int, kept: bool
) -> None:
    case = await town.DE.open("CY", "notification")
    await town.carry()
    await town.EC.act("open", case, procedure="notification")
    await town.carry()
    await town.CY.act("comment", case, procedure="notification", comment_text=CANARY)
    await town.CY.post()
    late = town.DE.letters()
    await town.DE.act("close", case, procedure="notification")
    town.clock.advance(days=days)
    await town.DE.runtime.tick()

    await town.DE.take_in(*late)

    view = await town.DE.view(case)
    assert [step.step for step in view.steps] == ["send", "open", "close", "comment"]
    assert {step.form is None for step in view.steps} == {True}
    [(sealed,)] = await town.DE.rows("SELECT disclosures FROM statements ORDER BY seq DESC LIMIT 1")
    assert (sealed is not None) == kept
    assert await town.DE.rows("SELECT DISTINCT ring FROM data_keys") == ([("blocked",)] if kept else [])
    assert await town.DE.quarantined() == []
    town.clock.advance(days=4 * 365)
    await town.DE.runtime.tick()
    assert await town.DE.counts("data_keys") == 0


async def test_a_letter_that_is_blocked_before_it_was_delivered_is_refused_and_the_stream_goes_on(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.DE.act("withdraw", case)
    town.clock.advance(days=190)
    await town.DE.runtime.tick()
    other = await town.DE.open("CY")

    await town.carry()

    assert await town.DE.outbox() == {"refused": 2, "delivered": 2}
    assert (await town.CY.copy(other)).state == "awaiting_acceptance"
    assert await town.CY.quarantined() == [Refusal.WITHHELD] * 2
    [delivery] = (await town.DE.view(case)).steps[0].deliveries
    assert (delivery.state, delivery.code) == ("refused", Refusal.WITHHELD)


async def test_word_that_a_letter_is_withheld_is_repeated_until_it_is_signed_for(town: Town) -> None:
    await town.DE.open("CY")
    await town.DE.act("withdraw", (await town.DE.rows("SELECT id FROM exchanges"))[0][0])
    town.clock.advance(days=190)
    await town.DE.runtime.tick()
    other = await town.DE.open("CY")
    await town.DE.post()
    town.CY.letters()  # all is lost
    town.wall.advance(seconds=31)
    await town.DE.post()
    await town.CY.take_in(*town.CY.letters())
    await town.CY.post()
    town.DE.letters()  # the receipts too

    town.wall.advance(seconds=31)
    await town.carry()

    assert await town.DE.outbox() == {"refused": 2, "delivered": 2}
    assert (await town.CY.copy(other)).state == "awaiting_acceptance"


async def test_what_waits_for_other_steps_goes_with_the_content(town: Town) -> None:
    case = await town.DE.open("CY", "notification")
    await town.carry()
    await town.EC.act("open", case, procedure="notification")
    await town.EC.post()
    town.DE.letters()
    await town.CY.take_in(*town.CY.letters())
    await town.CY.act("comment", case, procedure="notification")
    await town.CY.post()
    await town.DE.take_in(*town.DE.letters())
    assert await town.DE.counts("waiting") == 1
    await town.DE.act("close", case, procedure="notification")

    town.clock.advance(days=4 * 365)
    await town.DE.runtime.tick()

    assert await town.DE.counts("waiting") == 0


async def test_no_file_is_added_to_a_closed_exchange(town: Town) -> None:
    case = await closed(town)

    with pytest.raises(Refused, match="formally closed"):
        await town.DE.runtime.attach(case, {"name": "a.pdf", "type": "application/pdf"}, b"x", OWN_ACCOUNT_ALONE)


async def test_a_file_travels_in_pieces_and_is_gone_after_deletion(town: Town) -> None:
    content = town.chance.randbytes(250_000)
    draft = (await town.DE.act("save", country_of_establishment="CY")).id
    note = await town.DE.runtime.attach(
        draft, {"name": "proof.bin", "type": "application/octet-stream"}, content, OWN_ACCOUNT_ALONE
    )
    field = next(f.name for f in town.area.forms["request"].fields if f.type == "attachments")
    await town.DE.act("send", draft, country_of_establishment="CY", form={field: [note.model_dump(mode="json")]})
    await town.carry()
    with pytest.raises(Denied, match="once your side has accepted"):
        await reading.attachment(town.CY.seat, draft, note.hash, OWN_ACCOUNT_ALONE)

    await town.CY.act("accept", draft)
    await town.carry()
    pieces = [piece async for piece in await reading.attachment(town.CY.seat, draft, note.hash, OWN_ACCOUNT_ALONE)]
    assert b"".join(pieces) == content

    await town.DE.act("withdraw", draft)
    await town.carry()
    town.clock.advance(days=4 * 365)
    await everywhere(town)
    for desk in (town.DE, town.CY):
        assert await desk.counts("chunks") == 0
        with pytest.raises(reading.Unknown):
            await reading.attachment(desk.seat, draft, note.hash, OWN_ACCOUNT_ALONE)


async def test_a_step_that_names_a_file_that_did_not_come_is_refused_without_naming_it(town: Town) -> None:
    draft = (await town.DE.act("save", country_of_establishment="CY")).id
    note = await town.DE.runtime.attach(
        draft, {"name": f"{CANARY}.pdf", "type": "application/pdf"}, b"x" * 10, OWN_ACCOUNT_ALONE
    )
    field = next(f.name for f in town.area.forms["request"].fields if f.type == "attachments")
    await town.DE.act("send", draft, country_of_establishment="CY", form={field: [note.model_dump(mode="json")]})
    chunk, step = await outbox.by_numbers(town.DE.seat.store.read, "CY", [(1, 2)])
    await town.DE.post()
    _, opened = town.CY.receiver.open(*town.CY.letters())

    skip = Skip(
        id=town.DE.seat.new_id(), sender="DE", at=town.clock.now(), to="CY", skipped=1, statement=chunk.message_id
    )
    await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(skip)))
    await town.CY.runtime.receive([opened])

    assert await town.CY.quarantined() == [Refusal.WITHHELD, Refusal.BAD_FORM]
    assert step.number == 2
    assert CANARY.encode() not in bytes_of(town.CY)


async def test_pieces_of_a_file_whose_exchange_is_never_opened_are_gone_after_thirty_days(town: Town) -> None:
    draft = (await town.DE.act("save", country_of_establishment="CY")).id
    note = await town.DE.runtime.attach(
        draft, {"name": "a.pdf", "type": "application/pdf"}, b"x" * 10, OWN_ACCOUNT_ALONE
    )
    field = next(f.name for f in town.area.forms["request"].fields if f.type == "attachments")
    await town.DE.act("send", draft, country_of_establishment="CY", form={field: [note.model_dump(mode="json")]})
    await town.DE.post()
    piece, _ = town.CY.receiver.open(*town.CY.letters())
    await town.CY.runtime.receive([piece])
    [(sealed,)] = await town.CY.rows("SELECT data FROM chunks")

    for days, left in ((29, 1), (2, 0)):
        town.clock.advance(days=days)
        town.wall.advance(days=days)
        for desk in (town.DE, town.CY):
            await desk.runtime.tick()
        assert await town.CY.counts("chunks") == await town.CY.counts("data_keys") == left

    assert sealed not in bytes_of(town.CY)
    assert await town.DE.counts("chunks") == 1
    assert await town.CY.rows("SELECT action, subject FROM ledger") == [("files.forgotten", draft)]


async def test_a_file_of_a_step_that_still_waits_stays(town: Town) -> None:
    draft = (await town.DE.act("save", country_of_establishment="CY")).id
    note = await town.DE.runtime.attach(
        draft, {"name": "a.pdf", "type": "application/pdf"}, b"x" * 10, OWN_ACCOUNT_ALONE
    )
    field = next(f.name for f in town.area.forms["request"].fields if f.type == "attachments")
    await town.DE.act("send", draft, country_of_establishment="CY", form={field: [note.model_dump(mode="json")]})
    await town.DE.open("CY")
    await town.DE.post()
    piece, step, _ = town.CY.receiver.open(*town.CY.letters())
    await town.CY.runtime.receive([step])
    town.clock.advance(days=31)
    town.wall.advance(days=31)
    await town.CY.runtime.tick()

    await town.CY.runtime.receive([piece])

    assert (await town.CY.copy(draft)).state == "awaiting_acceptance"
