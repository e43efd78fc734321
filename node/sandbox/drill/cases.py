"""The exchanges of a drill, with a canary in every field and file of every step, from the draft to formal closure."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from node.sandbox.cluster import Cluster, Member
from node.sandbox.drill.canaries import Canary, Sheet
from node.sandbox.drill.people import acting, authority
from node.sandbox.drill.planting import planted
from schemas.exchange import Act
from schemas.policy_area import Field

LANGUAGE = "it"
"""That the forms are written in, so that a node with an engine translates them."""
LARGE_FILE = 120_000
"""Bytes: it travels and is kept in two pieces."""


@dataclass(frozen=True)
class Case:
    """What a drill knows of one exchange."""

    name: str
    procedure: str
    parties: tuple[str, ...]
    """The nodes that take part, the initiator first."""
    number: str
    hidden_from: frozenset[str] = frozenset()
    """Nodes that never accepted it, and so never see others' personal data in it."""
    reached: frozenset[str] = frozenset()
    """Nodes that have received what was sent so far."""


@dataclass
class Docket:
    """All exchanges of a drill, and what was written in them."""

    c: Cluster
    sheet: Sheet = field(default_factory=Sheet)
    cases: dict[str, Case] = field(default_factory=dict)
    files: list[tuple[str, str]] = field(default_factory=list)
    """Number of the exchange, and hash of the file."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers of all exchanges."""
        return tuple(case.number for case in self.cases.values())

    async def open(
        self, name: str, procedure: str, sender: str, to: str, *, third: str | None = None, accepted: bool = True
    ) -> None:
        """Save a draft, put files to it, and send it.

        Args:
            name: what the drill calls it.
            procedure: which.
            sender: the initiator's node.
            to: the country of establishment.
            third: the Commission, where it takes part.
            accepted: whether the addressee ever gets to see personal data.
        """
        member, country = await self._acting(sender), {"country_of_establishment": to}
        draft = Act(step="save", authority=authority(sender), procedure=procedure, form=country)
        number = (await member.client.take(draft)).id
        parties = (sender, to) if third is None else (sender, to, third)
        hidden = frozenset() if accepted else frozenset({to})
        self.cases[name] = Case(name, procedure, parties, number, hidden)
        await self.take(name, sender, "send", given={**country, "language": LANGUAGE}, addressed=authority(to))

    async def take(
        self,
        name: str,
        node: str,
        step: str,
        *,
        given: Mapping[str, object] | None = None,
        addressed: str | None = None,
    ) -> None:
        """Take a step, with a canary in every field and file of its form."""
        case, member = self.cases[name], await self._acting(node)
        form = await self._filled(case, node, step, given or {}, sent=True)
        act = Act(step=step, authority=authority(node), exchange=case.number, form=form, addressed=addressed)
        await member.client.take(act)

    async def delivered(self) -> None:
        """Wait until everything has come to every node."""
        await self.c.settle()
        self.cases = {name: replace(case, reached=frozenset(case.parties)) for name, case in self.cases.items()}

    async def prepare(self, name: str, node: str, step: str) -> None:
        """Fill a step in, and leave it on the desk."""
        case, member = self.cases[name], await self._acting(node)
        form = await self._filled(case, node, step, {}, sent=False)
        await member.client.desk.prepare(case.number, step, authority=authority(node), form=form)

    async def _filled(
        self, case: Case, node: str, step: str, given: Mapping[str, object], *, sent: bool
    ) -> dict[str, object]:
        area = self.c.area
        name = area.procedures[case.procedure].steps[step].form
        if name is None:
            return dict(given)

        def sow(declared: Field, path: str, personal: bool) -> str:  # noqa: FBT001  what a field is
            is_day = declared.type == "date"
            word = self.sheet.day() if is_day else self.sheet.word()
            return self.sheet.note(Canary(word, case.name, node, step, path, personal, not is_day, sent))

        files = {
            each.name: [await self._attach(case, node, step, each.name, sent=sent)]
            for each in area.forms[name].fields
            if each.type == "attachments"
        }
        return planted(area, name, {**given, **files}, sow, self.c.now())

    async def _attach(self, case: Case, node: str, step: str, path: str, *, sent: bool) -> dict[str, object]:
        """Put a file to an exchange that has a canary in its name, its description, at its beginning and its end."""
        words = []
        for part in ("name", "description", "beginning", "end"):
            canary = Canary(self.sheet.word(), case.name, node, step, f"{path} ({part})", True, False, sent)  # noqa: FBT003  personal, not in the index, sent
            words.append(self.sheet.note(canary))
        filling = secrets.token_bytes(LARGE_FILE if step == "send" else 100)
        member = await self._acting(node)
        note = await member.client.attach(
            case.number,
            words[2].encode() + filling + words[3].encode(),
            name=f"{words[0]}.pdf",
            media_type="application/pdf",
            description=words[1],
        )
        self.files.append((case.number, note.hash))
        return note.model_dump(mode="json")

    async def _acting(self, node: str) -> Member:
        return await self.c[node].as_user(acting(node))
