"""Reading personal data leaves a line before the answer is given; without the line there is no answer (line 4)."""

import asyncio
import sqlite3
from typing import Any

import pytest

from node.handlers.access import OWN_ACCOUNT_ALONE, Actor, Denied
from node.runtime import Runtime
from node.runtime.actors import actor_named
from node.runtime.reading import Unknown
from schemas.audit import Purpose, WhoSaw
from schemas.people import Grant, Role
from schemas.register import AddUser
from schemas.search import Query
from tests.unit.runtime.desks import Desk, Town

PERSON = "Canaryname"


async def read_lines(desk: Desk) -> list[tuple[Any, ...]]:
    return await desk.rows("SELECT actor, action, subject FROM ledger WHERE action LIKE 'read.%' ORDER BY seq")


async def staffed(desk: Desk, **roles: tuple[str, Role]) -> dict[str, Actor]:
    people = [
        AddUser(user=name, name=f"Secret {name}", grants=(Grant(authority=f"{desk.node}/{authority}", role=role),))
        for name, (authority, role) in {"root": ("coordinator", "administrator"), **roles}.items()
    ]
    await desk.runtime.registers.change(people, OWN_ACCOUNT_ALONE)
    return {name: await actor_named(desk.seat, name) for name in roles}


async def opened(town: Town) -> tuple[Runtime, str]:
    return town.DE.runtime, await town.DE.open("CY", provider_name=PERSON)


async def test_every_way_to_read_leaves_who_what_when_and_why(town: Town) -> None:
    runtime, case = await opened(town)
    anna = (await staffed(town.DE, anna=("consumer-protection", "handler")))["anna"]

    await runtime.readings.view(case, anna, Purpose.SUPERVISION)
    await runtime.readings.versions(case, anna)
    await runtime.readings.evidence(case, anna, Purpose.DATA_SUBJECT)
    found = await runtime.find(Query(words=PERSON.lower()), anna)
    await runtime.find(Query(number=case), anna)

    assert [each.id for each in found.exchanges] == [case]
    assert await read_lines(town.DE) == [
        ("anna", "read.view", case),
        ("anna", "read.versions", case),
        ("anna", "read.evidence", case),
        ("anna", "read.search_hit", case),
    ]
    whys = await town.DE.rows("SELECT detail ->> 'purpose' FROM ledger WHERE action LIKE 'read.%' ORDER BY seq")
    assert whys == [("supervision",), ("handling",), ("data_subject",), ("handling",)]
    [(text,)] = await town.DE.rows("SELECT group_concat(detail || subject || actor) FROM ledger")
    assert PERSON.lower() not in text.lower()


async def test_the_own_account_is_named_as_the_node(town: Town) -> None:
    runtime, case = await opened(town)

    await runtime.readings.view(case, OWN_ACCOUNT_ALONE)

    assert await read_lines(town.DE) == [("DE", "read.view", case)]


async def test_looking_again_is_one_visit_until_the_time_is_over_or_more_is_said(town: Town) -> None:
    runtime, case = await opened(town)
    for _ in range(5):
        await runtime.readings.view(case, OWN_ACCOUNT_ALONE)
    assert len(await read_lines(town.DE)) == 1

    await runtime.readings.view(case, OWN_ACCOUNT_ALONE, Purpose.SUPERVISION)
    assert len(await read_lines(town.DE)) == 2

    town.clock.advance(minutes=5)
    await runtime.readings.view(case, OWN_ACCOUNT_ALONE)
    assert len(await read_lines(town.DE)) == 3

    await town.DE.act("withdraw", case)
    await runtime.readings.view(case, OWN_ACCOUNT_ALONE)
    assert len(await read_lines(town.DE)) == 4
    for _ in range(2):
        await runtime.readings.evidence(case, OWN_ACCOUNT_ALONE)
    assert len(await read_lines(town.DE)) == 6


async def test_many_readers_at_once_share_commits(town: Town) -> None:
    runtime, case = await opened(town)
    before = await town.DE.counts("ledger")

    await asyncio.gather(*(runtime.readings.evidence(case, OWN_ACCOUNT_ALONE) for _ in range(30)))

    assert await town.DE.counts("ledger") == before + 30


async def test_no_line_no_answer(town: Town) -> None:
    runtime, case = await opened(town)
    await town.DE.seat.store._writer.execute(
        "CREATE TRIGGER full BEFORE INSERT ON ledger BEGIN SELECT RAISE (ABORT, 'disk full'); END"
    )

    for read in (
        runtime.readings.view(case, OWN_ACCOUNT_ALONE),
        runtime.readings.evidence(case, OWN_ACCOUNT_ALONE),
        runtime.find(Query(words=PERSON), OWN_ACCOUNT_ALONE),
    ):
        with pytest.raises(sqlite3.IntegrityError, match="disk full"):
            await read


async def test_what_is_blocked_shows_nothing_and_leaves_no_line(town: Town) -> None:
    runtime, case = await opened(town)
    await town.DE.act("withdraw", case)
    town.clock.advance(days=190)
    await runtime.tick()

    view = await runtime.readings.view(case, OWN_ACCOUNT_ALONE)

    assert not any(step.form for step in view.steps)
    assert await read_lines(town.DE) == []


async def test_an_auditor_learns_who_saw_a_person_and_nothing_else(town: Town) -> None:
    runtime, case = await opened(town)
    other = await town.DE.open("CY", provider_name="Somebody else")
    actors = await staffed(
        town.DE,
        anna=("consumer-protection", "handler"),
        dora=("consumer-protection", "auditor"),
        emil=("coordinator", "auditor"),
    )
    await runtime.readings.view(case, actors["anna"])
    await runtime.readings.view(other, actors["anna"])
    await runtime.index()

    seen = await runtime.ledgers.who_saw(WhoSaw(words=PERSON), actors["dora"])

    assert [(line.actor, line.action, line.subject) for line in seen.lines] == [("anna", "read.view", case)]
    assert seen.exchanges == 1
    with pytest.raises(Unknown):
        await runtime.readings.view(case, actors["dora"])
    with pytest.raises(Denied):
        await runtime.ledgers.who_saw(WhoSaw(words=PERSON), actors["anna"])
    with pytest.raises(Denied, match="coordinator"):
        await runtime.ledgers.extract(actors["dora"])
    assert len(await runtime.ledgers.extract(actors["emil"])) > 3
    [(question,)] = await town.DE.rows("SELECT detail FROM ledger WHERE action = 'audit.who_saw' AND actor = 'dora'")
    assert PERSON.lower() not in question.lower()


async def test_what_is_blocked_is_asked_for_by_case_number(town: Town) -> None:
    runtime, case = await opened(town)
    await runtime.readings.view(case, OWN_ACCOUNT_ALONE)
    await town.DE.act("withdraw", case)
    town.clock.advance(days=190)
    await runtime.tick()

    assert not (await runtime.ledgers.who_saw(WhoSaw(words=PERSON), OWN_ACCOUNT_ALONE)).lines
    [line] = (await runtime.ledgers.who_saw(WhoSaw(number=case), OWN_ACCOUNT_ALONE)).lines
    assert (line.actor, line.subject) == ("DE", case)
