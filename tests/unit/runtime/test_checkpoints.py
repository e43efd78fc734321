"""The ledger can't be rewritten unseen: peers hold signed heads of it (line 4)."""

import json
from collections.abc import Callable

import pytest

from node.ceremony.federation import DIRECTORY_FILE, ROOT_FILE
from node.crypto import ledger as chain
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.runtime.trust import keep_pinned
from node.verify import verify_ledger
from node.verify.ledger import hashed
from schemas.extract import LINE, ExtractEntry
from schemas.messages import Checkpoint
from tests.unit.runtime.desks import Desk, Town

Lines = list[str]


async def lived(town: Town) -> tuple[Lines, list[str]]:
    """Let DE live for some days; returns its ledger as lines, and what its peers hold of it."""
    trust = town.DE.config.trust
    async with town.DE.seat.store.transaction() as db:
        await keep_pinned(db, root_of(town.DE), (trust / DIRECTORY_FILE).read_text(), town.clock.now())
    for _ in range(4):
        await town.DE.open("CY")
        await town.carry()
        town.clock.advance(days=1)
        await town.DE.runtime.tick()
        await town.carry()
    held = await town.CY.rows("SELECT jws FROM checkpoints WHERE node = 'DE' ORDER BY entries")
    return await town.DE.runtime.ledgers.extract(OWN_ACCOUNT_ALONE), [jws for (jws,) in held]


def root_of(desk: Desk) -> str:
    return (desk.config.trust / ROOT_FILE).read_text()


def verdict(town: Town, lines: Lines, held: list[str]) -> tuple[str, ...]:
    return verify_ledger("\n".join(lines).encode(), held=held, root=root_of(town.DE)).problems


async def test_a_whole_ledger_is_proven_up_to_what_peers_hold(town: Town) -> None:
    lines, held = await lived(town)

    found = verify_ledger("\n".join(lines).encode(), held=held, root=root_of(town.DE))

    assert len(held) == 4
    assert found.proven, found.problems
    assert (found.node, found.peer_checkpoints) == ("DE", 4)
    assert found.own_checkpoints == 8  # of two peers
    assert 0 < found.proven_up_to <= found.entries


async def test_a_checkpoint_is_given_once_a_day_and_only_of_a_ledger_that_grew(town: Town) -> None:
    await lived(town)
    for _ in range(3):
        await town.DE.runtime.tick()
    count = await town.DE.counts("checkpoints")
    town.clock.advance(days=3)
    await town.DE.runtime.tick()
    await town.DE.runtime.tick()

    assert await town.DE.counts("checkpoints") - count in (0, 2)


def _entries(lines: Lines) -> list[int]:
    return [place for place, line in enumerate(lines) if json.loads(line)["kind"] == "entry"]


def changed(lines: Lines) -> Lines:
    place = _entries(lines)[1]
    return [*lines[:place], lines[place].replace('"actor":"DE', '"actor":"CY'), *lines[place + 1 :]]


def removed(lines: Lines) -> Lines:
    place = _entries(lines)[1]
    return [*lines[:place], *lines[place + 1 :]]


def cut_off(lines: Lines) -> Lines:
    return lines[: _entries(lines)[2]]


def rewritten(lines: Lines) -> Lines:
    """The operator leaves an entry out and makes the whole chain anew, and drops the node's own checkpoints."""
    places = _entries(lines)
    kept = [LINE.validate_json(lines[place]) for place in places if place != places[1]]
    made, previous = [], chain.GENESIS
    for seq, entry in enumerate(kept, start=1):
        assert isinstance(entry, ExtractEntry)
        moved = entry.model_copy(update={"seq": seq})
        previous = chain.chain(previous, hashed(moved))
        made.append(moved.model_copy(update={"hash": previous}).model_dump_json())
    head = json.loads(lines[0])
    return [json.dumps({**head, "checkpoints": []}), *lines[1 : places[0]], *made]


@pytest.mark.parametrize("forge", [changed, removed, cut_off, rewritten])
async def test_a_forged_ledger_is_found_out(town: Town, forge: Callable[[Lines], Lines]) -> None:
    lines, held = await lived(town)

    assert verdict(town, forge(lines), held)


async def test_a_chain_made_anew_is_found_out_by_what_peers_hold_alone(town: Town) -> None:
    lines, held = await lived(town)
    forged = rewritten(lines)

    assert verdict(town, forged, []) == ()
    assert any("rewritten" in problem for problem in verdict(town, forged, held))


async def test_nobody_else_can_sign_for_the_node(town: Town) -> None:
    lines, _ = await lived(town)
    cy = town.CY.seat
    forged = Checkpoint(id=cy.new_id(), sender="DE", at=cy.clock.now(), to="EC", entries=1, head="A" * 43)

    assert "can't be verified" in verdict(town, lines, [town.CY.signed(forged).jws])[0]


async def test_a_peer_notices_two_heads_and_a_ledger_that_became_shorter(town: Town) -> None:
    await lived(town)
    seat = town.DE.seat
    [(entries,)] = await town.CY.rows("SELECT max(entries) FROM checkpoints WHERE node = 'DE'")
    for length in (entries, 1):
        said = Checkpoint(id=seat.new_id(), sender="DE", at=seat.clock.now(), to="CY", entries=length, head="B" * 43)
        await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(said)))
        town.clock.advance(days=1)

    assert await town.CY.quarantined() == ["contradicted", "contradicted"]
    assert await town.CY.rows("SELECT count(*) FROM ledger WHERE action = 'ledger.contradicts'") == [(2,)]
