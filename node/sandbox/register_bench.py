"""Measures the register among many synthetic authorities: `python -m node.sandbox.register_bench [COUNT]`.

All countries tell one node of their authorities, in the pages in which they really come, taken in by the same code;
only nobody signed them. Prints what taking in costs, and how long searches take beside a look-up by id.
"""
# ruff: noqa: T201, S311, RUF001  it prints to the terminal; its chance is to be the same each time; names are Greek too

import asyncio
import sys
from collections.abc import Iterator
from functools import partial
from random import Random
from time import perf_counter

from node.handlers.access import OWN_ACCOUNT_ALONE
from node.handlers.registers.register_pages import pages_of
from node.runtime import Runtime, Seat
from node.runtime.register import authorities_named
from node.runtime.register_publication import take_in
from node.runtime.working_set import WorkingSet
from node.sandbox.alone import seat_alone, timed
from schemas.authorities import Authority, Contact, Coordination
from schemas.identifiers import message_id
from schemas.messages import AuthoritiesPublished
from schemas.parties import COUNTRIES
from schemas.register import AuthorityQuery

COUNT = 15_000  # IMI had over 12 000 in 2021
ROUNDS = 200

_KINDS = (
    "Amt für",
    "Autorité de",
    "Agencia de",
    "Úřad pro",
    "Αρχή για",
    "Authority for",
    "Служба за",
    "Myndigheten för",
)
_MATTERS = (
    "Verbraucherschutz", "protección de los consumidores", "jeux en ligne", "προστασία ανηλίκων", "public health",
    "обществено здраве", "marknadskontroll", "telekomunikace", "financial services", "professional qualifications",
)  # fmt: skip


def synthetic(country: str, count: int, chance: Random) -> list[Authority]:
    """Authorities of a country, the first of them its national coordinator."""
    languages = COUNTRIES[country].languages
    return [
        Authority(
            id=f"{country}/office-{number}",
            name=f"{chance.choice(_KINDS)} {chance.choice(_MATTERS)} {_place(chance)}",
            languages=(*languages, "en") if number % 3 else languages,
            modules={"e_commerce": ("request", "notification")} if number % 4 == 0 else {},
            coordination=Coordination(national=True) if number == 0 else None,
            region=_place(chance),
            competences=tuple(chance.sample(_MATTERS, 3)),
            contacts=(Contact(name=f"Desk {number}", email=f"desk{number}@authority.example"),),
        )
        for number in range(count)
    ]


def queries() -> Iterator[tuple[str, AuthorityQuery]]:
    """What is looked for."""
    yield "a country's contacts", AuthorityQuery(country="CY", area="e_commerce", procedure="request")
    yield "a country, in a language", AuthorityQuery(country="FR", area="e_commerce", language="en")
    yield "a competence in a country", AuthorityQuery(country="EL", words="προστασια ανηλικων")
    yield "a competence anywhere", AuthorityQuery(words="verbraucherschutz")
    yield "two beginnings of words", AuthorityQuery(words="protecc consum", area="e_commerce")
    yield "a word that most have", AuthorityQuery(words="office")
    yield "a region", AuthorityQuery(region=_place(Random(1)))
    yield "an access that few have", AuthorityQuery(area="e_commerce", language="mt")
    yield "what there is not", AuthorityQuery(words="verbraucherschutz xyzzy")


async def fill(runtime: Runtime, count: int) -> None:
    """Let every country tell of its authorities."""
    chance, seat, each = Random(2026), runtime.seat, count // len(COUNTRIES) + 1
    longest, began = 0.0, perf_counter()
    for country in COUNTRIES:
        pages = pages_of(synthetic(country, each, chance))
        for page, fields in enumerate(pages, start=1):
            published = AuthoritiesPublished(
                id=message_id(seat.clock.now(), seat.random(10)),
                sender=country,
                at=seat.clock.now(),
                to={"DE": page},
                version=1,
                page=page,
                pages=len(pages),
            )
            start = perf_counter()
            async with seat.store.transaction() as db:
                work = await WorkingSet.load(seat, db, ())
                await take_in(work, published, published.id, fields)
                await work.save()
            longest = max(longest, perf_counter() - start)
    took = perf_counter() - began
    total = each * len(COUNTRIES)
    print(f"{total} authorities of {len(COUNTRIES)} countries, taken in at {1e6 * took / total:.0f} us each")
    print(f"the longest transaction, a country's last page, took {1000 * longest:.0f} ms")


async def measure(seat: Seat, count: int) -> None:
    """Print the figures."""
    runtime = Runtime(seat)
    await fill(runtime, count)
    await seat.store.compact()
    print(f"the store weighs {seat.store.path.stat().st_size / count / 1024:.1f} KiB an authority")
    await timed("look-up by id", lambda: authorities_named(seat, seat.store.read, ["CY/office-7"]), ROUNDS)
    for name, query in queries():
        await timed(name, partial(runtime.registers.find, query, OWN_ACCOUNT_ALONE), ROUNDS)


def _place(chance: Random) -> str:
    return "".join(chance.choices("aeioulmnrst", k=7)).title()


async def main(count: int) -> None:
    """Measure so many."""
    async with seat_alone() as seat:
        await measure(seat, count)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else COUNT))
