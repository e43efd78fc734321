"""Measures searching among many synthetic exchanges: `python -m node.sandbox.search_bench [COUNT]`.

Every exchange is stored as a real one is, sealed, and taken into the index by the same code; only nobody signed it.
Prints what taking in costs, what the index weighs, and how long searches take beside a look-up by case number.
"""
# ruff: noqa: T201, S311  it prints to the terminal; its chance is to be the same each time

import asyncio
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import accumulate
from random import Random
from time import perf_counter

from pydantic import JsonValue

from node.crypto import statement as signing
from node.crypto import vault
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.runtime import Runtime, Seat, reading
from node.sandbox.alone import seat_alone, timed
from node.sandbox.filling import fill
from node.store import data_keys, exchanges, search_index, statements
from node.store.data_keys import DataKey
from node.store.statements import Recorded
from schemas.exchange import Entry, Exchange
from schemas.identifiers import message_id
from schemas.parties import COUNTRIES
from schemas.search import Between, Query

COUNT = 100_000
RARE_AUTHORITY = "DE/consumer-protection"  # sends every fortieth
ROUNDS = 40
GROUP = 500  # exchanges stored with one commit
WORDS = 20_000  # of the vocabulary; the n-th is used as often as one n-th of the first
LENGTH = 120  # words of a description
START = datetime(2020, 1, 1, 8, tzinfo=UTC)

_STATES = ("awaiting_acceptance", "accepted", "answered", "closed", "closed", "closed", "closed", "closed")
_OTHERS = tuple(country for country in COUNTRIES if country != "DE")


class Synthesis:
    """Makes exchanges of one node with content like that of real ones."""

    def __init__(self, seat: Seat) -> None:
        """Speak with the vocabulary of a seed."""
        self._seat = seat
        self._area = seat.newest_area("e_commerce")
        self._chance = Random(2026)
        letters = "abcdefghiklmnoprstuvz"
        self.vocabulary = ["".join(self._chance.choices(letters, k=self._chance.randint(4, 11))) for _ in range(WORDS)]
        self._weights = [*accumulate(1 / rank for rank in range(1, WORDS + 1))]

    def text(self, length: int) -> str:
        """Some words, the common ones more often."""
        return " ".join(self._chance.choices(self.vocabulary, cum_weights=self._weights, k=length))

    def one(self, number: int) -> tuple[Exchange, dict[str, JsonValue]]:
        """An exchange, and what its opening step says."""
        at = START + timedelta(minutes=25 * number)
        country, state = self._chance.choice(_OTHERS), self._chance.choice(_STATES)
        provider = f"{self.text(1)} {self.vocabulary[number % WORDS]}".title()
        given = {
            "country_of_establishment": country,
            "subject": self.text(6),
            "provider_name": provider,
            "service_addresses": [f"https://www.{self.vocabulary[number % WORDS]}.example/{number}"],
            "grounds": [self._chance.choice([*self._area.answers["grounds"]])],
        }
        form = self._area.forms[self._area.procedures["request"].steps["send"].form or ""]
        content: dict[str, JsonValue] = dict(fill(self._area, "request", given, at))  # type: ignore[arg-type]
        for field in form.fields:
            if field.type == "long_text" and field.name in content:
                content[field.name] = self.text(LENGTH // 3)
        return self._exchange(number, at, country, state), content

    def _exchange(self, number: int, at: datetime, country: str, state: str) -> Exchange:
        message = message_id(at, self._chance.randbytes(10))
        opening = Entry(
            message=message,
            hash=signing.statement_hash(message),
            step="send",
            sender="DE",
            authority=RARE_AUTHORITY if number % 40 == 0 else "DE/coordinator",
            sequence=1,
            at=at,
            state="awaiting_acceptance",
        )
        return Exchange(
            id=f"ECOM-REQ-DE-{at.year}-{number:06d}",
            area="e_commerce",
            version=self._area.version,
            procedure="request",
            state=state,
            parties={"requesting": "DE", "responding": country},
            authorities={"requesting": opening.authority, "responding": f"{country}/coordinator"},
            history=(opening,),
            opened_at=at,
            closed_at=at + timedelta(days=30) if state == "closed" else None,
        )


async def fill_store(seat: Seat, synthesis: Synthesis, count: int) -> None:
    """Store so many exchanges as if they had been sent."""
    for start in range(0, count, GROUP):
        made = [synthesis.one(number) for number in range(start, min(start + GROUP, count))]
        async with seat.store.transaction() as db:
            await exchanges.save(db, [exchange for exchange, _ in made], dict.fromkeys(each.id for each, _ in made))
            keys = {exchange.id: vault.new_data_key(seat.random) for exchange, _ in made}
            await data_keys.add(
                db, [DataKey(name, vault.wrap(seat.keyring.store_key, key)) for name, key in keys.items()]
            )
            await statements.add(db, [_recorded(seat, keys[exchange.id], exchange, said) for exchange, said in made])


def _recorded(seat: Seat, key: bytes, exchange: Exchange, said: dict[str, JsonValue]) -> Recorded:
    [entry] = exchange.history
    _, disclosures = signing.disclose(said, seat.random)
    sealed = vault.seal_content(key, "~".join(disclosures).encode(), entry.message.encode(), seat.random)
    return Recorded(
        message_id=entry.message,
        exchange_id=exchange.id,
        kind="step",
        sender="DE",
        sequence=1,
        hash=entry.hash,
        jws="",
        disclosures=sealed,
        recorded_at=entry.at,
    )


def queries(synthesis: Synthesis) -> Iterator[tuple[str, Query]]:
    """The searches that are measured."""
    common, middling, rare = (synthesis.vocabulary[rank] for rank in (0, 300, 15_000))
    yield "a common word", Query(words=common)
    yield "a rare word", Query(words=rare)
    yield "three words", Query(words=f"{common} {middling} {synthesis.vocabulary[40]}")
    yield "two words that hardly meet", Query(words=f"{synthesis.vocabulary[900]} {synthesis.vocabulary[1000]}")
    yield "the beginning of a word", Query(words=f"{rare[:5]}*")
    yield "a domain", Query(domain=f"{synthesis.vocabulary[77]}.example")
    yield "a provider", Query(provider=synthesis.vocabulary[500])
    yield "ground, country and status", Query(ground="health", country="CY", status="accepted")
    yield (
        "authority and days",
        Query(
            authority=RARE_AUTHORITY,
            sent=Between(first=date(2021, 3, 1), last=date(2021, 3, 31)),
        ),
    )
    yield "overdue", Query(overdue=True)
    yield "a part of a case number", Query(number="0077")
    yield "what there is not", Query(words=f"{common} nonexistentword")
    yield "nothing fits, nothing is rare", Query(words=common, role="received")


async def measure(seat: Seat, count: int) -> None:
    """Print the figures."""
    synthesis, runtime = Synthesis(seat), Runtime(seat)
    await fill_store(seat, synthesis, count)
    size = seat.store.path.stat().st_size
    began = perf_counter()
    while await search_index.behind(seat.store.read):
        await runtime.index()
    took = perf_counter() - began
    await seat.store.compact()
    grown = seat.store.path.stat().st_size - size
    [(terms,)] = await seat.store.read.execute_fetchall("SELECT count(*) FROM search_terms")
    print(f"{count} exchanges, {terms / count:.0f} terms each; taken in at {1e6 * took / count:.0f} us each")
    print(f"the index weighs {grown / 1e6:.0f} MB, {grown / count / 1024:.1f} KiB an exchange")
    middle = synthesis.one(count // 2)[0].id
    await timed("look-up by case number", lambda: reading.known_exchange(seat.store.read, middle), ROUNDS)
    for name, query in queries(synthesis):
        await timed(name, partial(runtime.find, query, OWN_ACCOUNT_ALONE), ROUNDS)


async def main(count: int) -> None:
    """Measure so many."""
    async with seat_alone() as seat:
        await measure(seat, count)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
