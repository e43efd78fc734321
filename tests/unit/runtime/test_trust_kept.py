"""The directory in a running node: renewed, kept over a restart, never rolled back, and without it all stands still."""

from datetime import timedelta

import pytest

from node.ceremony.federation import HolderKey, holder_keys
from node.config import Config
from node.crypto.keys import SigningPrivateKey
from node.crypto.trust import Freshness, TrustError, sign_document
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.runtime import DirectoryExpired
from node.sandbox.federation import Validity
from schemas.directory import Directory, Holder, Root
from schemas.refusal import Refusal
from tests.unit.runtime.desks import START, Desk, Town, TownLife, make_federation


def holders(town: Town) -> list[SigningPrivateKey]:
    papers = town.configs["DE"].folder.parent / "federation"
    return [HolderKey.model_validate_json(path.read_bytes()).signing() for path in holder_keys(papers)]


def next_directory(desk: Desk, **changes: object) -> Directory:
    current = desk.seat.trust.directory
    assert current is not None
    now = desk.seat.clock.now()
    times = {"version": current.version + 1, "issued_at": now, "expires_at": now + timedelta(days=90)}
    return current.model_copy(update={**times, **changes})


def with_status(directory: Directory, node: str, status: str, desk: Desk) -> Directory:
    nodes = tuple(
        entry.model_copy(update={"status": status, "since": desk.seat.clock.now()}) if entry.id == node else entry
        for entry in directory.nodes
    )
    return directory.model_copy(update={"nodes": nodes})


async def test_the_commission_passes_a_new_directory_on_and_it_outlives_a_restart(town: Town) -> None:
    text = sign_document(next_directory(town.EC), holders(town)[:2])

    told = await town.EC.runtime.publish_directory((), text, OWN_ACCOUNT_ALONE)
    await town.carry()

    assert told == 2
    assert {desk.seat.trust.directory.version for desk in town.desks.values() if desk.seat.trust.directory} == {2}
    again = await town.restart("CY")
    assert again.seat.trust.directory is not None
    assert again.seat.trust.directory.version == 2
    assert await town.EC.outbox() == {"delivered": 2}


async def test_an_older_directory_and_one_by_too_few_holders_are_refused_and_nothing_changes(town: Town) -> None:
    first = (town.configs["EC"].trust / "directory.json").read_text()
    await town.EC.runtime.publish_directory(
        (), sign_document(next_directory(town.EC), holders(town)[:2]), OWN_ACCOUNT_ALONE
    )
    await town.carry()

    for text in (first, sign_document(next_directory(town.EC), holders(town)[:1])):
        with pytest.raises(TrustError):
            await town.EC.runtime.publish_directory((), text, OWN_ACCOUNT_ALONE)

    assert town.EC.seat.trust.directory is not None
    assert town.EC.seat.trust.directory.version == 2
    assert await town.EC.counts("documents") == 1


async def test_a_member_state_takes_a_directory_for_itself_and_passes_nothing_on(town: Town) -> None:
    told = await town.DE.runtime.publish_directory(
        (), sign_document(next_directory(town.DE), holders(town)[:2]), OWN_ACCOUNT_ALONE
    )

    assert told == 0
    assert await town.DE.outbox() == {}
    assert town.DE.seat.trust.directory is not None
    assert town.DE.seat.trust.directory.version == 2


async def test_a_new_root_by_new_holders_is_kept_and_found_again_at_start(town: Town) -> None:
    """Directories of the old holders lie before it, and the root that came along was known already."""
    await town.EC.runtime.publish_directory(
        (), sign_document(next_directory(town.EC), holders(town)[:2]), OWN_ACCOUNT_ALONE
    )
    new = [SigningPrivateKey(f"new-{number}", bytes([number]) * 32) for number in (1, 2)]
    old = town.EC.seat.trust.root
    root = Root(
        version=2,
        issued_at=START,
        expires_at=START + timedelta(days=3650),
        holders=tuple(Holder(key=key.id, public=key.public, name=key.id) for key in new),
        threshold=2,
    )
    first = (town.configs["EC"].trust / "root.json").read_text()
    otherwise_signed = sign_document(old, holders(town)[:2])
    assert otherwise_signed != first
    roots = (otherwise_signed, sign_document(root, [*holders(town)[:2], *new]))

    await town.EC.runtime.publish_directory(roots, sign_document(next_directory(town.EC), new), OWN_ACCOUNT_ALONE)
    await town.carry()

    for node in ("EC", "CY"):
        desk = await town.restart(node)
        assert desk.seat.trust.root.version == 2
        assert desk.seat.trust.directory is not None
        assert desk.seat.trust.directory.version == 3
    case = await town.DE.open("CY")
    await town.carry()
    assert (await town.CY.copy(case)).state == "awaiting_acceptance"


async def test_an_expelled_node_is_refused_and_nobody_writes_to_it(town: Town) -> None:
    directory = with_status(next_directory(town.EC), "CY", "expelled", town.EC)
    late = await town.CY.open("DE")
    await town.EC.runtime.publish_directory((), sign_document(directory, holders(town)[:2]), OWN_ACCOUNT_ALONE)
    await town.carry(only=("EC", "DE"))
    await town.CY.post()

    await town.DE.take_in(*town.DE.letters())

    assert await town.DE.quarantined() == [Refusal.INACTIVE_SENDER]
    assert await town.DE.counts("exchanges") == 0
    assert await town.CY.outbox() == {"published": 1}
    assert late
    with pytest.raises(Exception, match="no active node of Cyprus"):
        await town.DE.open("CY")


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Config]:
    validity = Validity(signing=timedelta(days=900), sealing=timedelta(days=900), directory=timedelta(days=90))
    return make_federation(tmp_path_factory.mktemp("short"), ("DE", "CY", "EC"), validity=validity)


async def test_in_grace_all_goes_on_and_after_it_nothing_until_a_current_directory_comes(
    tmp_path_factory: pytest.TempPathFactory, short: dict[str, Config]
) -> None:
    async with TownLife(tmp_path_factory.mktemp("town"), short) as town:
        town.clock.advance(days=119)
        assert town.DE.seat.trust.freshness(town.clock.now()) is Freshness.IN_GRACE
        case = await town.DE.open("CY")
        await town.DE.post()
        held = town.CY.letters()
        second = await town.DE.open("CY")

        town.clock.advance(days=2)
        assert await town.DE.post() == 0
        with pytest.raises(DirectoryExpired, match="nothing is lost"):
            await town.DE.open("CY")
        assert await town.DE.outbox() == {"waiting": 1, "published": 1}

        text = sign_document(next_directory(town.EC), holders(town)[:2])
        await town.EC.runtime.publish_directory((), text, OWN_ACCOUNT_ALONE)
        await town.EC.post()
        for desk in (town.DE, town.CY):
            deliveries = await desk.broker.receive(10)
            await desk.receiver.look_for_directory(deliveries)
            assert desk.seat.has_directory()
            await desk.take_in(*(delivery.body for delivery in deliveries))
        await town.CY.take_in(*held)
        await town.settle()

        assert [(await town.CY.copy(name)).state for name in (case, second)] == ["awaiting_acceptance"] * 2
        assert await town.DE.outbox() == {"delivered": 2}
        assert await town.EC.outbox() == {"delivered": 2}
