"""Looks into every place of a federation, and compares what is there with what must be."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from node.client import NodeAway
from node.client.talk import Talk
from node.sandbox.cluster import Cluster
from node.sandbox.drill import asking, places
from node.sandbox.drill.canaries import Canary
from node.sandbox.drill.cases import Docket
from node.sandbox.drill.expectation import Phase, found_by_search, held, shown, told_without_personal
from node.sandbox.drill.findings import Finding, Place, compared
from node.sandbox.drill.people import lookers, others, readers
from node.sandbox.drill.places import Looked
from node.sandbox.drill.sealed import SealedBytes, open_store
from node.sandbox.drill.traces import Traces

_NOTHING: frozenset[Canary] = frozenset()
_SAMPLE = 3  # personal words that each user searches for who may not be led by them


@dataclass
class Looking:
    """The searches of a drill."""

    docket: Docket
    phases: dict[str, Phase]
    """How far each node has come, by the dates alone."""
    findings: list[Finding] = field(default_factory=list)
    looked: Looked = field(default_factory=Looked)
    _doors: asking.Doors = field(default_factory=asking.Doors)
    _sealed: dict[str, SealedBytes] = field(default_factory=dict)
    _prepared: tuple[int, Traces] = field(default_factory=lambda: (0, Traces(())))

    @property
    def _c(self) -> Cluster:
        return self.docket.c

    async def look(self, stage: str) -> None:
        """Search everything, everywhere."""
        for node in self._c.members:
            self._look_at_files(stage, node)
            self._look_into_store(stage, node)
        others = self._in_files(places.other_files(self._c))
        self.findings.append(compared(stage, Place.OTHER_FILES, _NOTHING, others))
        await self._look_at_broker(stage)
        await asyncio.gather(*(self._ask(stage, node) for node, member in self._c.members.items() if member.is_up))

    async def look_at_first_answers(self, stage: str, node: str) -> None:
        """Start a node, and ask it at once, before it can have done anything in the background."""
        await self._c[node].start()
        user = readers(node)[0]
        door = await self._doors.of(self._c[node], user)
        seen: set[Canary] = set()
        for number in self.docket.numbers:
            seen |= self._traces.find(await _when_it_answers(door.talk, f"/exchanges/{number}"))
        seen |= await asking.searched(door.search, self._held(node))
        self._note(stage, Place.FIRST_ANSWERS, node, _NOTHING, seen)

    @property
    def _traces(self) -> Traces:
        """For all canaries that there are by now."""
        canaries = self.docket.sheet.canaries
        if self._prepared[0] != len(canaries):
            self._prepared = len(canaries), Traces(canaries)
        return self._prepared[1]

    def _held(self, node: str) -> frozenset[Canary]:
        return held(node, self.docket.sheet.canaries, self.docket.cases)

    def _note(self, stage: str, place: Place, node: str, expected: Iterable[Canary], *seen: Iterable[Canary]) -> None:
        self.findings.append(compared(stage, place, expected, *seen, node=node))

    def _in_files(self, files: Iterable[bytes]) -> set[Canary]:
        return {canary for content in files for canary in self._traces.find(self.looked.file(content))}

    def _look_at_files(self, stage: str, node: str) -> None:
        self._note(stage, Place.FILES, node, _NOTHING, self._in_files(places.files_of_node(self._c, node)))

    def _look_into_store(self, stage: str, node: str) -> None:
        """Open with the node's own keys what lies sealed, and follow the sealed bytes after deletion."""
        config, phase, mine = self._c[node].config, self.phases[node], self._held(node)
        opened = open_store(config, self._traces, self.docket.numbers)
        self._note(stage, Place.ORDINARY, node, mine if phase is Phase.KEPT else _NOTHING, opened.ordinary)
        self._note(stage, Place.BLOCKED, node, mine if phase is Phase.BLOCKED else _NOTHING, opened.blocked)
        if config.translation is not None:
            # Which texts an engine can do is its own matter: what counts is that there are some, and none later.
            some = opened.translations & mine if phase is Phase.KEPT else _NOTHING
            self._note(stage, Place.TRANSLATIONS, node, some, opened.translations)
        sealed = self._sealed.setdefault(node, SealedBytes())
        if phase is not Phase.DELETED:
            sealed.record(config.store, self.docket.numbers)
            return
        left = sum(sealed.left_in(content) for content in places.files_of_node(self._c, node))
        self.findings.append(Finding(stage=stage, place=Place.SEALED, node=node, expected=0, seen=left))

    async def _look_at_broker(self, stage: str) -> None:
        in_files = self._in_files(places.files_of_broker(self._c))
        self.findings.append(compared(stage, Place.BROKER_FILES, _NOTHING, in_files))
        in_letters: set[Canary] = set()
        async for letter in places.letters(self._c):
            in_letters |= self._traces.find(self.looked.letter(letter))
        self.findings.append(compared(stage, Place.LETTERS, _NOTHING, in_letters))

    async def _ask(self, stage: str, node: str) -> None:
        """Ask as every kind of user, and search as them."""
        canaries, cases = self.docket.sheet.canaries, self.docket.cases
        kept, mine = self.phases[node] is Phase.KEPT, self._held(node)
        visible = shown(node, canaries, cases) if kept else _NOTHING
        plain = told_without_personal(node, canaries, cases) if kept else _NOTHING
        indexed = found_by_search(node, canaries, cases) if kept else _NOTHING
        self._note(stage, Place.READERS, node, visible, *[await self._told(node, user) for user in readers(node)])
        if looking := lookers(node):
            self._note(stage, Place.LOOKERS, node, plain, *[await self._told(node, user) for user in looking])
        leads = await self._led(node, readers(node)[0], (each for each in mine if each.searchable))
        self._note(stage, Place.SEARCH, node, indexed, leads)
        personal = sorted((each for each in mine if each.searchable and each.personal), key=str)[:_SAMPLE]
        told = [await self._told(node, user) for user in others(node)]
        led = [await self._led(node, user, personal) for user in (*lookers(node), *others(node))]
        self._note(stage, Place.OTHERS, node, _NOTHING, *told, *led)

    async def _told(self, node: str, user: str | None) -> set[Canary]:
        door = await self._doors.of(self._c[node], user)
        found: set[Canary] = set()
        async for each in asking.answers(door.talk, node, self.docket.numbers, self.docket.files):
            self.looked.answers += 1
            found |= self._traces.find(each)
        return found

    async def _led(self, node: str, user: str | None, canaries: Iterable[Canary]) -> set[Canary]:
        return await asking.searched((await self._doors.of(self._c[node], user)).search, canaries)


async def _when_it_answers(talk: Talk, path: str) -> bytes:
    while True:
        try:
            return await asking.answer(talk, path)
        except NodeAway:
            await asyncio.sleep(0.01)
