"""The register at work: kept sealed, told to others, taken in, looked up, and forgotten in time."""

from datetime import timedelta

import pytest

from node.crypto.trust import sign_document
from node.handlers.access import OWN_ACCOUNT_ALONE, Denied
from node.handlers.registers.register import RegisterRefused
from node.handlers.registers.register_pages import pages_of
from node.runtime.actors import UnknownUser, actor_named
from node.runtime.register import UnknownAuthority, authorities_named, own_register
from schemas.authorities import Authority, Contact, Coordination
from schemas.messages import AuthoritiesPublished
from schemas.people import Grant
from schemas.register import (
    AddUser,
    AuthorityQuery,
    Change,
    ChangeAuthority,
    GiveAccess,
    InviteAuthority,
    RetireAuthority,
    UserLeaves,
    ValidateAuthority,
)
from tests.unit.runtime.desks import Desk, Town
from tests.unit.runtime.test_trust_kept import holders, next_directory, with_status

CANARY = "Kanarienvogel"
PORT = Authority(
    id="DE/port",
    name="Hafenamt für Öffentliche Märkte",
    languages=("de", "fr"),
    region="Küste",
    competences=("Verbraucherschutz im Straßenhandel",),
    contacts=(Contact(name=f"{CANARY} Hansen", email="port@authority.example"),),
)


async def change(desk: Desk, *wanted: Change, by: str | None = None) -> None:
    await desk.runtime.registers.change(wanted, await actor_named(desk.seat, by))


async def add_port(desk: Desk) -> None:
    await change(
        desk,
        InviteAuthority(authority=PORT, areas=("e_commerce",)),
        ValidateAuthority(authority=PORT.id),
        GiveAccess(authority=PORT.id, area="e_commerce", procedures=("request",)),
    )


async def add_nina(desk: Desk) -> None:
    grant = Grant(authority=f"{desk.node}/coordinator", role="administrator")
    await change(desk, AddUser(user="nina", name=f"{CANARY} Nina", email="nina@authority.example", grants=(grant,)))


async def tell(town: Town) -> None:
    """Let every node tell what it has to, and carry it."""
    for desk in town.desks.values():
        await desk.runtime.tick()
    await town.carry()


async def found(desk: Desk, **query: object) -> list[str]:
    answer = await desk.runtime.registers.find(AuthorityQuery.model_validate(query), OWN_ACCOUNT_ALONE)
    return [each.id for each in answer.authorities]


async def known(desk: Desk, name: str) -> Authority | None:
    return (await authorities_named(desk.seat, desk.seat.store.read, [name]))[name]


async def publications(desk: Desk) -> int:
    [(count,)] = await desk.rows("SELECT count(*) FROM statements WHERE kind = 'authorities'")
    return int(count)


def said(desk: Desk, **changes: object) -> AuthoritiesPublished:
    """What a publication looks like, signed by whoever sits at the desk."""
    given = {"id": desk.seat.new_id(), "sender": desk.node, "at": desk.seat.clock.now(), "to": {"CY": 1}}
    return AuthoritiesPublished.model_validate({**given, "version": 7, "page": 1, "pages": 1, **changes})


async def test_until_something_changes_the_directory_tells_and_nothing_is_published(town: Town) -> None:
    await tell(town)

    assert await publications(town.DE) == 0
    assert sorted((await own_register(town.DE.seat)).validated) == ["DE/consumer-protection", "DE/coordinator"]
    assert await known(town.CY, "DE/coordinator") is not None
    assert await found(town.CY, country="DE") == ["DE/coordinator", "DE/consumer-protection"]


async def test_changes_make_one_publication_that_takes_the_place_of_the_directory(town: Town) -> None:
    await add_port(town.DE)
    await change(town.DE, RetireAuthority(authority="DE/consumer-protection"))
    await tell(town)
    await tell(town)

    for desk in town.desks.values():
        given = PORT.model_copy(update={"modules": {"e_commerce": ("request",)}})
        assert await publications(desk) == 1
        assert await known(desk, PORT.id) == given
        assert await known(desk, "DE/consumer-protection") is None
        assert await known(desk, "CY/consumer-protection") is not None


async def test_an_exchange_goes_to_an_authority_that_was_published_and_to_no_retired_one(town: Town) -> None:
    await add_port(town.DE)
    await change(town.DE, GiveAccess(authority="DE/coordinator", area="e_commerce"))
    await change(town.DE, RetireAuthority(authority="DE/consumer-protection"))
    await tell(town)

    case = await town.CY.open("DE")

    assert (await town.CY.copy(case)).authorities["responding"] == PORT.id


async def test_an_authority_ends_once_its_exchanges_are_closed(town: Town) -> None:
    await add_port(town.DE)
    case, draft = await town.DE.open("CY"), (await town.DE.act("save", country_of_establishment="CY")).id
    retire = RetireAuthority(authority="DE/consumer-protection")

    with pytest.raises(RegisterRefused, match=f"acts in {case}, {draft}, not closed yet; forward, close, withdraw"):
        await change(town.DE, retire)
    assert await known(town.DE, "DE/consumer-protection") is not None
    await town.DE.act("withdraw", case)
    await town.DE.act("discard", draft)
    await change(town.DE, retire)

    assert await known(town.DE, "DE/consumer-protection") is None


async def test_a_node_that_is_new_is_told_what_counts(town: Town) -> None:
    await add_port(town.DE)
    await tell(town)
    async with town.DE.seat.store.transaction() as db:  # as if it had been admitted since
        await db.execute("DELETE FROM register_told WHERE node = 'EC'")
    async with town.EC.seat.store.transaction() as db:
        await db.execute("DELETE FROM registers")
    assert await known(town.EC, PORT.id) is None

    await tell(town)

    assert await known(town.EC, PORT.id) is not None
    assert await publications(town.CY) == 1


async def test_a_suspended_node_is_told_when_it_is_back(town: Town) -> None:
    async def publish_directory(status: str) -> None:
        directory = with_status(next_directory(town.EC), "CY", status, town.EC)
        text = sign_document(directory, holders(town)[:2])
        await town.EC.runtime.publish_directory((), text, OWN_ACCOUNT_ALONE)
        await town.carry(only=("EC", "DE"))

    await publish_directory("suspended")
    await add_port(town.DE)
    await tell(town)
    assert await publications(town.CY) == 0

    town.clock.advance(minutes=1)
    await publish_directory("active")
    await town.settle()

    assert await known(town.CY, PORT.id) is not None
    assert await publications(town.EC) == 1


async def test_what_an_expelled_node_never_signed_for_is_erased_all_the_same(town: Town) -> None:
    await add_port(town.DE)
    await town.DE.runtime.tick()
    expelled = with_status(next_directory(town.EC), "CY", "expelled", town.EC)
    await town.EC.runtime.publish_directory((), sign_document(expelled, holders(town)[:2]), OWN_ACCOUNT_ALONE)
    await town.carry(only=("EC", "DE"))

    town.clock.advance(minutes=1)
    await town.DE.runtime.registers.publish(OWN_ACCOUNT_ALONE)
    await town.carry(only=("EC", "DE"))
    await town.DE.runtime.tick()

    assert await town.DE.counts("register_statements") == 1


async def test_publication_on_request_tells_everybody_again(town: Town) -> None:
    told = await town.DE.runtime.registers.publish(OWN_ACCOUNT_ALONE)
    await town.carry()

    view = await town.CY.runtime.registers.authority("DE/coordinator", OWN_ACCOUNT_ALONE)
    assert told == 2
    assert view.country.version > 0
    assert view.country.authorities == 2


REFUSED = {
    "a foreign authority": ({}, [PORT.model_copy(update={"id": "CY/port"})], "not_your_step"),
    "an older version": ({"version": 1}, [PORT], "bad_sequence"),
    "a version that counts already": ({"version": 5}, [PORT], "bad_sequence"),
    "two national coordinators": (
        {},
        [PORT.model_copy(update={"id": f"DE/{name}", "coordination": Coordination(national=True)}) for name in "ab"],
        "malformed",
    ),
    "another name": ({}, [], "malformed"),
}


@pytest.mark.parametrize(("changes", "authorities", "code"), REFUSED.values(), ids=REFUSED)
async def test_what_does_not_count_is_refused_and_changes_nothing(
    town: Town, changes: dict[str, object], authorities: list[Authority], code: str
) -> None:
    [page] = pages_of([PORT])
    await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(said(town.DE, version=5), page)))
    [body] = pages_of(authorities) if authorities else [{"DE/x": {"id": "DE/y", "name": "Y"}}]

    await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(said(town.DE, **{"to": {"CY": 2}, **changes}), body)))

    assert await town.CY.quarantined() == [code]
    assert await found(town.CY, country="DE") == [PORT.id]


async def test_pages_count_once_all_have_come_and_an_authority_stands_on_one_of_them(town: Town) -> None:
    second = PORT.model_copy(update={"id": "DE/second"})
    pages = [pages_of([PORT])[0], pages_of([PORT, second])[0], pages_of([second])[0]]
    statements = [said(town.DE, to={"CY": number}, page=min(number, 2), pages=2) for number in (1, 2, 3)]

    for statement, page in zip(statements[:2], pages, strict=False):
        await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(statement, page)))
    before = await known(town.CY, "DE/coordinator")
    await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(statements[2], pages[2])))

    assert before is not None
    assert await town.CY.quarantined() == ["malformed"]
    assert await found(town.CY, country="DE") == ["DE/port", "DE/second"]


async def test_contacts_are_sealed_and_those_of_an_older_version_are_erased(town: Town) -> None:
    await add_port(town.DE)
    await add_nina(town.DE)
    await tell(town)
    for desk in town.desks.values():
        await desk.seat.store.compact()
        assert CANARY.encode() not in desk.seat.store.path.read_bytes()
    given = (await own_register(town.DE.seat)).authorities[PORT.id].authority

    town.clock.advance(days=1)
    await change(town.DE, ChangeAuthority(authority=given.model_copy(update={"contacts": ()})), by="nina")
    await tell(town)
    await tell(town)

    for desk in town.desks.values():
        said_of = await desk.rows("SELECT disclosures IS NULL FROM statements WHERE kind = 'authorities' ORDER BY seq")
        assert said_of == [(1,), (0,)]
        assert await desk.counts("register_statements") == 1
        assert (await known(desk, PORT.id) or PORT).contacts == ()


async def test_what_a_peer_has_not_signed_for_is_not_erased(town: Town) -> None:
    await add_port(town.DE)
    await town.DE.runtime.tick()
    town.clock.advance(days=1)
    await town.DE.runtime.registers.publish(OWN_ACCOUNT_ALONE)
    await town.DE.runtime.tick()

    assert await town.DE.counts("register_statements") == 2
    await town.carry()
    await town.DE.runtime.tick()

    assert await town.DE.counts("register_statements") == 1


FOUND = {
    "without diacritics": "hafenamt offentliche",
    "with other letters for them": "MAERKTE",
    "by the beginnings of words": "haf verbrauch",
    "by a competence": "Verbraucherschutz",
    "by a sharp s": "strassenhandel",
    "by the region": "küste",
    "by the id": "port",
}


@pytest.mark.parametrize("words", FOUND.values(), ids=FOUND)
async def test_an_authority_is_found_whatever_case_and_diacritics(town: Town, words: str) -> None:
    await add_port(town.DE)
    await tell(town)

    assert await found(town.CY, words=words) == [PORT.id]
    assert await found(town.DE, words=words, country="DE", area="e_commerce", procedure="request") == [PORT.id]


async def test_the_national_coordinator_comes_with_every_answer(town: Town) -> None:
    await add_port(town.DE)
    await tell(town)
    query = AuthorityQuery(country="DE", area="e_commerce", procedure="request", language="fr")

    answer = await town.CY.runtime.registers.find(query, OWN_ACCOUNT_ALONE)
    nothing = await town.CY.runtime.registers.find(AuthorityQuery(country="DE", words="xyzzy"), OWN_ACCOUNT_ALONE)
    everywhere = await town.CY.runtime.registers.find(AuthorityQuery(limit=3), OWN_ACCOUNT_ALONE)

    assert [each.id for each in answer.authorities] == [PORT.id]
    assert answer.coordinators["DE"].id == "DE/coordinator"
    assert (nothing.authorities, nothing.coordinators["DE"].id) == ((), "DE/coordinator")
    assert sorted(everywhere.coordinators) == ["CY", "DE"]
    assert everywhere.more


async def test_an_area_without_access_is_not_found(town: Town) -> None:
    await add_port(town.DE)
    await tell(town)

    assert PORT.id not in await found(town.CY, country="DE", procedure="notification")
    assert await found(town.CY, country="DE", area="services") == []


async def test_an_authority_that_nobody_knows_is_not_shown(town: Town) -> None:
    with pytest.raises(UnknownAuthority, match="imi authority find --country FR"):
        await town.DE.runtime.registers.authority("FR/x", OWN_ACCOUNT_ALONE)


async def test_the_register_outlives_the_node(town: Town) -> None:
    await add_port(town.DE)
    await add_nina(town.DE)
    before = await own_register(town.DE.seat)

    desk = await town.restart("DE")

    after = await own_register(desk.seat)
    assert (after.authorities, after.users) == (before.authorities, before.users)


async def test_a_change_that_is_denied_leaves_no_trace(town: Town) -> None:
    await add_nina(town.DE)
    before = await own_register(town.DE.seat)

    with pytest.raises(Denied):
        await add_port(town.DE)

    assert await own_register(town.DE.seat) == before
    assert await publications(town.DE) == 0


async def test_a_user_who_left_is_nobody_and_is_deleted_after_three_years(town: Town) -> None:
    await add_nina(town.DE)
    second = Grant(authority="DE/coordinator", role="administrator")
    await change(town.DE, AddUser(user="udo", name=f"{CANARY} Udo", grants=(second,)), by="nina")
    await change(town.DE, UserLeaves(user="udo"), by="nina")

    with pytest.raises(UnknownUser):
        await actor_named(town.DE.seat, "udo")
    town.clock.at += timedelta(days=3 * 365)
    await town.DE.runtime.tick()
    assert "udo" in (await own_register(town.DE.seat)).users
    town.clock.at += timedelta(days=2)
    await town.DE.runtime.tick()

    assert sorted((await own_register(town.DE.seat)).users) == ["nina"]
    assert await town.DE.rows("SELECT id FROM users") == [("nina",)]
    assert ("user.deleted", "udo") in await town.DE.rows("SELECT action, subject FROM ledger")


async def test_nothing_is_told_while_nobody_is_trusted(town: Town) -> None:
    await add_port(town.DE)
    town.clock.at += timedelta(days=40 * 365)

    await town.DE.runtime.tick()

    assert await publications(town.DE) == 0


async def test_the_ledger_tells_who_changed_what_and_no_name(town: Town) -> None:
    await add_nina(town.DE)
    await change(town.DE, InviteAuthority(authority=PORT, areas=("e_commerce",)), by="nina")

    entries = await town.DE.rows("SELECT actor, action, subject, detail FROM ledger ORDER BY seq")

    assert entries == [("DE", "register.add_user", "nina", "{}"), ("nina", "register.invite", "DE/port", "{}")]


async def test_a_peer_that_takes_the_id_of_anothers_publication_does_no_harm(town: Town) -> None:
    """An id is its sender's word: what is kept of a statement is kept by its hash."""
    [page] = pages_of([PORT])
    [other] = pages_of([PORT.model_copy(update={"id": "CY/port"})])
    first = said(town.DE, to={"EC": 1})
    second = said(town.CY, to={"EC": 1}, id=first.id)

    for desk, statement, body in ((town.DE, first, page), (town.CY, second, other)):
        await town.EC.take_in(desk.sealed("EC", desk.signed(statement, body)))

    assert await town.EC.quarantined() == []
    assert await known(town.EC, PORT.id) == PORT
    assert await known(town.EC, "CY/port") is not None


async def test_what_came_early_is_taken_in_when_it_is_its_turn(town: Town) -> None:
    [page] = pages_of([PORT])
    late, early = (said(town.DE, to={"CY": number}, version=number) for number in (1, 2))

    await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(early, page)))
    assert await known(town.CY, PORT.id) is None
    await town.CY.take_in(town.DE.sealed("CY", town.DE.signed(late, pages_of([])[0])))

    assert await known(town.CY, PORT.id) == PORT
    assert (await town.CY.runtime.registers.authority(PORT.id, OWN_ACCOUNT_ALONE)).country.version == 2


async def test_a_node_that_lost_its_disk_is_given_back_its_register_and_those_of_others(town: Town) -> None:
    await add_port(town.DE)
    await tell(town)
    await change(town.DE, RetireAuthority(authority="DE/consumer-protection"))
    town.clock.advance(minutes=1)
    await change(town.CY, InviteAuthority(authority=PORT.model_copy(update={"id": "CY/port"})))
    await change(town.CY, ValidateAuthority(authority="CY/port"))
    await tell(town)
    before = await own_register(town.DE.seat)

    await town.DE.stop()
    for file in (town.folder / "DE").glob("store.sqlite*"):
        file.unlink()
    town.clock.advance(minutes=1)
    desk = await town.seat("DE")
    await desk.runtime.greet()
    await town.settle()

    after = await own_register(desk.seat)
    assert dict(after.validated) == dict(before.validated)
    assert after.authorities["DE/consumer-protection"].status == "retired"
    assert await known(desk, "CY/port") is not None
    await change(desk, RetireAuthority(authority=PORT.id))
    await tell(town)
    assert await known(town.CY, PORT.id) is None
    assert set(await desk.outbox()) == {"delivered"}
