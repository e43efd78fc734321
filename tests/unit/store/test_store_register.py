"""Authorities by id and by words; pages that wait; what was told to whom; users."""

from datetime import UTC, datetime

import pytest

from node.store import authorities, registers, users
from node.store.authorities import Condition, Indexed, Kept
from node.store.database import Store
from node.store.registers import Published
from node.store.users import KeptUser

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def kept(name: str, text: str = "{}", contacts: bytes | None = b"sealed") -> Kept:
    return Kept(name, text, contacts)


def indexed(name: str, words: str = "", **changes: object) -> Indexed:
    given = {"national": False, "coordinates": False, "languages": ("de",), "modules": ("area", "area.request")}
    country, _, local = name.partition("/")
    other = f"{country.lower()} {local}"
    return Indexed(kept=kept(name), name=words, other=other, **{**given, **changes})  # type: ignore[arg-type]


ALL = (
    indexed("DE/b", "market office north"),
    indexed("DE/a", "market office south", languages=("de", "fr")),
    indexed("DE/n", "market coordination", national=True, coordinates=True, modules=()),
    indexed("CY/a", "market registry", modules=("area", "area.notification")),
    indexed("CY/office", "registry"),
)


async def fill(store: Store) -> None:
    async with store.transaction() as db:
        await authorities.put(db, ALL)


async def found(store: Store, **condition: object) -> list[str]:
    wanted = Condition(**condition)  # type: ignore[arg-type]
    return [each.id for each in await authorities.find(store.read, wanted, 10)]


async def test_only_nodes_with_a_register_tell_of_their_authorities(store: Store) -> None:
    await fill(store)
    async with store.transaction() as db:
        await registers.set_published(db, "DE", 7, NOW)

    assert await authorities.get(store.read, ["DE/a", "DE/x", "CY/a"]) == {"DE/a": kept("DE/a"), "DE/x": None}
    assert await registers.published(store.read, "DE") == Published(7, NOW)
    assert await registers.published(store.read, "CY") is None
    assert await registers.all_published(store.read) == {"DE": Published(7, NOW)}


FOUND: dict[str, tuple[dict[str, object], list[str]]] = {
    "all of a country, the coordinator first": ({"node": "DE"}, ["DE/n", "DE/a", "DE/b"]),
    "everywhere": ({}, ["CY/a", "CY/office", "DE/n", "DE/a", "DE/b"]),
    "by procedure": ({"module": "area.request"}, ["CY/office", "DE/a", "DE/b"]),
    "by language": ({"language": "fr"}, ["DE/a"]),
    "by the beginnings of words": ({"words": [("mark",), ("off", "oeff")]}, ["DE/a", "DE/b"]),
    "by either spelling": ({"words": [("nowhere", "south")]}, ["DE/a"]),
    "by words, coordinators first": ({"node": "DE", "words": [("market",)]}, ["DE/n", "DE/a", "DE/b"]),
    "a name before an id": ({"words": [("office",)], "module": "area"}, ["DE/a", "DE/b", "CY/office"]),
    "not by all of its words": ({"words": [("market",), ("nowhere",)]}, []),
}


@pytest.mark.parametrize(("condition", "names"), FOUND.values(), ids=FOUND)
async def test_authorities_are_found(store: Store, condition: dict[str, object], names: list[str]) -> None:
    await fill(store)

    assert await found(store, **condition) == names


async def test_what_is_dropped_or_changed_is_not_found_by_its_old_words(store: Store) -> None:
    await fill(store)
    async with store.transaction() as db:
        await authorities.drop(db, ["DE/a"])
        await authorities.put(db, [indexed("DE/b", "harbour")])

    assert await found(store, words=[("south",)]) == []
    assert await found(store, words=[("north",)]) == []
    assert await found(store, words=[("harb",)]) == ["DE/b"]
    assert await authorities.count(store.read, "DE") == 2


async def test_a_country_is_addressed_through_its_coordinator_or_else_the_first_with_access(store: Store) -> None:
    await fill(store)

    assert await authorities.addressee(store.read, "DE", "area.request") == "DE/a"
    assert await authorities.addressee(store.read, "DE", "other.request") is None
    async with store.transaction() as db:
        await authorities.put(db, [indexed("DE/n", national=True)])
    assert await authorities.addressee(store.read, "DE", "area.request") == "DE/n"
    assert [each.id for each in await authorities.national(store.read, ["DE", "CY"])] == ["DE/n"]


async def test_pages_of_another_version_are_dropped_when_one_waits(store: Store) -> None:
    async with store.transaction() as db:
        await registers.stage(db, "DE", 2, 1, [kept("DE/a")])
        await registers.stage(db, "CY", 1, 1, [kept("CY/a")])
        await registers.stage(db, "DE", 3, 1, [kept("DE/b")])
        await registers.stage(db, "DE", 3, 2, [kept("DE/a")])

    assert await registers.staged(store.read, "DE", 3) == [kept("DE/a"), kept("DE/b")]
    assert await registers.staged_version(store.read, "DE") == 3
    assert await registers.on_stage(store.read, "DE", 3, ["DE/b", "DE/c"]) == ["DE/b"]
    async with store.transaction() as db:
        await registers.unstage(db, "DE")
    assert await registers.staged_version(store.read, "DE") == 0
    assert await registers.staged_version(store.read, "CY") == 1


async def test_statements_of_older_versions_are_superseded(store: Store) -> None:
    async with store.transaction() as db:
        await registers.set_published(db, "DE", 2, NOW)
        for digest, version, page in (("one", 1, 1), ("two", 2, 1), ("three", 2, 2)):
            await registers.add_statement(db, digest, "DE", version, page)

    assert await registers.pages(store.read, "DE", 2) == frozenset({1, 2})
    assert await registers.superseded(store.read, ["CY"]) == ["one"]
    async with store.transaction() as db:
        await registers.drop_statements(db, ["one"])
    assert await registers.superseded(store.read, ["CY"]) == []


async def test_it_is_known_who_was_told_which_version(store: Store) -> None:
    async with store.transaction() as db:
        await registers.set_told(db, ["CY", "EC"], 4)
        await registers.set_told(db, ["EC"], 5)
        await registers.set_changed(db, changed=True)
        await registers.set_searchable_directory(db, 9)

    assert await registers.told(store.read, 4) == frozenset({"CY", "EC"})
    assert await registers.told(store.read, 5) == frozenset({"EC"})
    assert await registers.is_changed(store.read)
    assert await registers.searchable_directory(store.read) == 9


async def test_own_authorities_and_users_are_put_in_place_of_what_was_known(store: Store) -> None:
    async with store.transaction() as db:
        await registers.put_own(db, [kept("DE/b"), kept("DE/a", "old")])
        await registers.put_own(db, [kept("DE/a", "new", None)])
        await users.put(db, [KeptUser("b", b"1"), KeptUser("a", b"1"), KeptUser("c", b"1")])
        await users.put(db, [KeptUser("a", b"2")])
        await users.forget(db, ["c"])

    assert await registers.own(store.read) == [kept("DE/a", "new", None), kept("DE/b")]
    assert await users.all(store.read) == [KeptUser("a", b"2"), KeptUser("b", b"1")]
