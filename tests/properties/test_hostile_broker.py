"""G5, the other half: whoever owns the broker can change nothing unnoticed, and re-addresses in vain."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from node.config import Config
from node.crypto.envelope import OpenedStatement
from tests.properties.canaries import forms_of, found
from tests.unit.runtime.desks import TownLife


@settings(max_examples=40)
@given(data=st.data())
def test_any_altered_letter_is_refused_and_the_true_one_still_counts(
    federation: dict[str, Config], data: st.DataObject
) -> None:
    asyncio.run(_altered(federation, data))


async def _altered(federation: dict[str, Config], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory(prefix="imi-") as folder:
        async with TownLife(Path(folder), federation) as town:
            case = await town.DE.open("CY")
            await town.DE.post()
            [true] = town.CY.letters()
            forged = data.draw(_forgeries(true))

            await town.CY.take_in(forged)
            assert await town.CY.counts("exchanges") == 0
            assert len(await town.CY.quarantined()) == 1
            assert await town.CY.counts("signals") == 0  # nobody is named by what is not verified
            await town.CY.take_in(true, true)
            await town.carry()

            assert len((await town.CY.copy(case)).history) == 1
            assert await town.DE.outbox() == {"delivered": 1}


def _forgeries(true: bytes) -> st.SearchStrategy[bytes]:
    header, _, sealed = true.partition(b"\n")
    flips = st.integers(0, len(true) * 8 - 1).map(lambda bit: _flipped(true, bit))
    cuts = st.integers(0, len(true) - 1).map(lambda size: true[:size])
    names = st.sampled_from([(b'"DE"', b'"EC"'), (b'"CY"', b'"EC"'), (b'"v":1', b'"v":2')])
    renamed = names.map(lambda pair: header.replace(*pair, 1) + b"\n" + sealed)
    appended = st.binary(min_size=1, max_size=50).map(lambda more: true + more)
    rubbish = st.binary(max_size=500)
    return st.one_of(flips, cuts, renamed, appended, rubbish)


def _flipped(true: bytes, bit: int) -> bytes:
    altered = bytearray(true)
    altered[bit // 8] ^= 1 << bit % 8
    return bytes(altered)


@settings(max_examples=20)
@given(size=st.integers(0, 3000))
def test_the_broker_sees_header_and_size_and_nothing_else(federation: dict[str, Config], size: int) -> None:
    asyncio.run(_sealed(federation, "Canary" * (size // 6)))


async def _sealed(federation: dict[str, Config], text: str) -> None:
    with tempfile.TemporaryDirectory(prefix="imi-") as folder:
        async with TownLife(Path(folder), federation) as town:
            case = await town.DE.open("CY", guidance_reason=text or "x", subject="Canary-of-a-subject")
            await town.DE.post()
            [letter] = town.CY.letters()

            assert (
                found(
                    ["Canary-of-a-subject", case, "consumer-protection", "guidance_reason", "awaiting_acceptance"],
                    letter,
                )
                == []
            )
            [arrival] = town.CY.receiver.open(letter)
            assert isinstance(arrival, OpenedStatement)
            assert arrival.body["subject"] == "Canary-of-a-subject"


def test_the_search_finds_a_word_wherever_it_hides() -> None:
    import base64  # noqa: PLC0415  only here

    for before in range(5):
        text = b"?" * before + b"Canary-Erika" + b"!" * 4
        for hidden in (text, base64.b64encode(text), base64.urlsafe_b64encode(text)):
            assert found(["Canary-Erika"], hidden) == ["Canary-Erika"]
    assert found(["Canary-Erika"], b"Canary Erika") == []
    assert len(set(forms_of("Canary-Erika"))) == 4
