"""Notices and digests on disk: once each, and an older store is brought up."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import aiosqlite

from node.store import exchanges, mails, notices
from node.store.database import Store
from node.store.migrate import migrate, read_migrations
from schemas.notices import Digest, Notice
from tests.unit.handlers.cases import opened

AT = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
MESSAGE = opened().history[0].message


def notice(**changes: object) -> Notice:
    given = {"exchange": opened().id, "kind": "reminder", "subject": "acceptance", "since": MESSAGE, "day": 0, "at": AT}
    return Notice.model_validate({**given, **changes})


def digest(recipient: str, day: int = 24) -> Digest:
    return Digest(
        message_id=f"{day}.{recipient}@gov.example",
        recipient=recipient,
        day=date(2026, 11, day),
        subject="IMI: 1 case for you to look at",
        body="New\n",
        cases=1,
    )


async def test_a_notice_is_kept_once_whatever_is_added_again(store: Store) -> None:
    async with store.transaction() as db:
        await notices.add(db, [notice(), notice(day=7), notice(at=AT + timedelta(days=1))])
    async with store.transaction() as db:
        await notices.add(db, [notice(), notice(kind="escalation", audience="coordinator")])

    kept = await notices.of_exchange(store.read, opened().id)

    assert [(each.kind, each.day, each.at) for each in kept] == [
        ("reminder", 0, AT),
        ("reminder", 7, AT),
        ("escalation", 0, AT),
    ]


async def test_what_was_told_or_seen_is_told_no_more(store: Store) -> None:
    news = [notice(kind="news", subject=step) for step in ("send", "amend")]
    async with store.transaction() as db:
        await notices.add(db, [notice(), *news, notice(day=7, at=AT + timedelta(hours=1))])
        assert await notices.mark_seen(db, [opened().id], "news", AT) == 2

    assert [each.day for each in await notices.to_tell(store.read, AT)] == [0]
    assert await notices.to_look_at(store.read, "news", 10) == []
    async with store.transaction() as db:
        await notices.mark_told(db, AT, AT.date())
    assert await notices.to_tell(store.read, AT) == []
    assert [each.day for each in await notices.to_tell(store.read, AT + timedelta(days=1))] == [7]


async def test_a_recipient_gets_one_digest_a_day(store: Store) -> None:
    async with store.transaction() as db:
        await mails.add(db, [digest("a"), digest("b"), digest("a")], AT)
        await mails.add(db, [digest("a").model_copy(update={"message_id": "other@gov.example"})], AT)

    assert [each.digest.recipient for each in await mails.due(store.read, AT, 10)] == ["a", "b"]
    assert await mails.made_on(store.read, date(2026, 11, 24))
    assert not await mails.made_on(store.read, date(2026, 11, 25))


async def test_what_has_ended_stays_so_and_goes_in_time_and_what_waits_stays(store: Store) -> None:
    async with store.transaction() as db:
        await mails.add(db, [digest("a"), digest("b"), digest("c")], AT)
        await mails.mark_sent(db, digest("a").message_id, AT)
        await mails.mark_refused(db, digest("b").message_id, AT, "the mail server refuses the recipient (550)")
        await mails.postpone(db, [digest(name).message_id for name in "abc"], AT + timedelta(hours=1), "away")

    assert await mails.due(store.read, AT, 10) == []
    assert [(each.recipient, each.state) for each in await mails.page(store.read)] == [
        ("c", "waiting"),
        ("a", "sent"),
        ("b", "refused"),
    ]
    async with store.transaction() as db:
        await mails.forget_before(db, date(2026, 11, 25))
    assert [each.recipient for each in await mails.page(store.read)] == ["c"]


async def test_exchanges_under_way_in_an_older_store_are_looked_at_once(tmp_path: Path) -> None:
    migrations = read_migrations()
    under_way, draft = opened(), opened().model_copy(update={"id": "ECOM-REQ-DE-2026-000002", "opened_at": None})
    async with aiosqlite.connect(tmp_path / "store.sqlite", isolation_level=None) as db:
        await migrate(db, migrations[:4])
        for each in (under_way, draft):
            await db.execute(
                "INSERT INTO exchanges (id, area, procedure, version, state, parties, opened_at, document) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    each.id,
                    each.area,
                    each.procedure,
                    each.version,
                    each.state,
                    "CY DE",
                    "2026-11-24T08:00:00.000Z" if each.opened_at is not None else None,
                    each.model_dump_json(),
                ),
            )
    store = await Store.open(tmp_path / "store.sqlite")
    try:
        assert await exchanges.due(store.read, AT) == [under_way.id]
    finally:
        await store.close()
