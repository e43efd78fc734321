"""A hostile broker, strangers and rubbish: refused with a code, kept, shown to the operator, and the node goes on."""

import asyncio
import secrets
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from broker.port import BrokerDown
from node.crypto.envelope import Packed, seal
from node.crypto.keyring import load_keyring
from node.crypto.ring import new_keyring
from node.crypto.statement import sign
from node.crypto.trust import TrustedDirectory
from node.sandbox.cluster import Cluster
from schemas.envelope import MAX_ENVELOPE_BYTES
from schemas.identifiers import message_id
from schemas.messages import Resend
from schemas.refusal import Refusal
from tests.cluster.checking import all_exchanges
from tests.cluster.operator import Operator
from tests.rabbit import connection, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def letter(c: Cluster, operator: Operator) -> AsyncIterator[bytes]:
    """Give an envelope from DE to CY that was recorded on its way, and took effect."""
    async with operator.recording():
        await c.DE.send("request", to="CY")
        await c.settle()
        yield next(body for key, body in await operator.recorded() if key == "from.DE.to.CY")


async def quarantined(c: Cluster, code: Refusal, *, more_than: int) -> None:
    """Wait until CY has put more into quarantine under a code."""
    async with asyncio.timeout(60):
        while await count(c, code) <= more_than:  # noqa: ASYNC110  what is waited for lies in another process
            await asyncio.sleep(0.05)


async def count(c: Cluster, code: Refusal) -> int:
    return sum(1 + each.repeats for each in await c.CY.client.quarantine() if each.code is code)


async def goes_on(c: Cluster) -> None:
    case = await c.DE.send("request", to="CY")
    await c.settle()
    assert await c.CY.state(case) == "awaiting_acceptance"
    assert (await c.CY.client.status()).ready


RUBBISH = {
    "nothing": (b"", Refusal.BAD_HEADER),
    "text": (b"Dear colleagues, please find attached", Refusal.BAD_HEADER),
    "another format": (b'{"v":2}\nxyz', Refusal.BAD_HEADER),
    "zeros": (bytes(5000), Refusal.BAD_HEADER),
    "too large": (b"x" * (MAX_ENVELOPE_BYTES + 1), Refusal.TOO_LARGE),
}


@pytest.mark.parametrize(("body", "code"), RUBBISH.values(), ids=RUBBISH)
async def test_rubbish_goes_to_quarantine_and_the_node_goes_on(
    c: Cluster, operator: Operator, body: bytes, code: Refusal
) -> None:
    before = await count(c, code)

    await operator.inject("CY", body)

    await quarantined(c, code, more_than=before)
    [kept, *_] = await c.CY.client.quarantine()
    assert (kept.size, kept.sender) == (len(body), None)
    assert kept.help
    await goes_on(c)


async def test_a_bit_that_was_flipped_is_noticed(c: Cluster, operator: Operator, letter: bytes) -> None:
    before = await count(c, Refusal.UNDECIPHERABLE)

    await operator.inject("CY", letter[:-1] + bytes([letter[-1] ^ 1]))

    await quarantined(c, Refusal.UNDECIPHERABLE, more_than=before)
    await goes_on(c)


async def test_an_envelope_for_somebody_else_is_refused(c: Cluster, operator: Operator, letter: bytes) -> None:
    before = await count(c, Refusal.NOT_FOR_ME)

    await operator.inject("CY", letter.replace(b'"recipient":"CY"', b'"recipient":"EC"'))

    await quarantined(c, Refusal.NOT_FOR_ME, more_than=before)
    await goes_on(c)


async def test_a_recorded_envelope_that_is_replayed_has_no_effect(
    c: Cluster, operator: Operator, letter: bytes
) -> None:
    before = await all_exchanges(c.CY), await c.CY.client.quarantine()

    for _ in range(20):
        await operator.inject("CY", letter)
    await goes_on(c)

    after = await all_exchanges(c.CY), await c.CY.client.quarantine()
    assert len(after[0]) == len(before[0]) + 1  # the one by which it shows that it goes on
    assert {name: after[0][name] for name in before[0]} == before[0]
    assert after[1] == before[1]


async def test_a_forged_sender_is_refused(c: Cluster, operator: Operator) -> None:
    """A stranger with keys of its own says that it is Germany."""
    before = await count(c, Refusal.BAD_SIGNATURE)
    stranger = new_keyring("DE", c.now(), secrets.token_bytes)
    forged = Resend(
        id=message_id(c.now(), secrets.token_bytes(10)), sender="DE", at=c.now(), to="CY", missing=((1, 9),), expects=1
    )

    await operator.inject("CY", _sealed(c, "DE", "CY", sign(forged, stranger.current)))

    await quarantined(c, Refusal.BAD_SIGNATURE, more_than=before)
    await goes_on(c)


async def test_a_stranger_who_is_not_in_the_directory_is_refused(c: Cluster, operator: Operator) -> None:
    before = await count(c, Refusal.UNKNOWN_SENDER)
    keys = new_keyring("IE", c.now(), secrets.token_bytes)
    asking = Resend(
        id=message_id(c.now(), secrets.token_bytes(10)), sender="IE", at=c.now(), to="CY", missing=(), expects=1
    )

    await operator.inject("CY", _sealed(c, "IE", "CY", sign(asking, keys.current)), sender="IE")

    await quarantined(c, Refusal.UNKNOWN_SENDER, more_than=before)
    await goes_on(c)


async def test_a_statement_made_to_one_node_and_sealed_to_another_is_refused(c: Cluster, operator: Operator) -> None:
    """Germany itself speaks here, with its true key: what it says to the Commission is no word to Cyprus."""
    before = await count(c, Refusal.HEADER_MISMATCH)
    keys = load_keyring(c.DE.config.keys)
    said = Resend(
        id=message_id(c.now(), secrets.token_bytes(10)), sender="DE", at=c.now(), to="EC", missing=(), expects=1
    )

    await operator.inject("CY", _sealed(c, "DE", "CY", sign(said, keys.current)))

    await quarantined(c, Refusal.HEADER_MISMATCH, more_than=before)
    await goes_on(c)


async def test_a_message_of_megabytes_is_not_even_taken_by_the_broker(c: Cluster) -> None:
    assert c.rabbit is not None
    await c.rabbit.management.admit("IE")
    stranger = connection(c.rabbit, "IE")
    await stranger.start()
    try:
        await until(lambda: stranger.health().connected)
        with pytest.raises(BrokerDown):
            await stranger.publish("CY", b"x" * 8_000_000)
    finally:
        await stranger.stop()
    await goes_on(c)


def _sealed(c: Cluster, sender: str, recipient: str, jws: str) -> bytes:
    trust = TrustedDirectory.pin((c.DE.config.trust / "root.json").read_text(), c.now()).update_directory(
        (c.folder / "federation" / "directory.json").read_text(), c.now()
    )
    return seal(
        [Packed(jws=jws)],
        sender=sender,
        recipient=recipient,
        envelope_id=message_id(c.now(), secrets.token_bytes(10)),
        key=trust.sealing_key(recipient, c.now()),
    )
