"""Does what the parties signed hold together? The chain of what each had seen, and the receipts.

Invariants:
- Every step names, by hash, the last step of every party that its author knew: a step that is missing in between,
  or was exchanged for another, is named by those that build on it.
- What proves nothing yields a problem, never an exception; what is next to it is still looked at.

What can't be noticed is that the *last* steps of an exchange were left out, as long as nothing here builds on them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from node.verify.archive import MAX_FILES
from node.verify.signed import Signed
from node.verify.verdict import Delivered, Proof
from schemas.identifiers import node_of
from schemas.messages import Receipt, Receipts, Step
from schemas.refusal import Refusal


@dataclass(frozen=True)
class SignedStep:
    """A step whose sender is proven, and the file that it lies in."""

    file: str
    step: Step
    hash: str
    key: str

    @property
    def place(self) -> tuple[str, int]:
        """What names a step in its exchange: who took it, and its number among that party's."""
        return self.step.sender, self.step.sequence


@dataclass(frozen=True)
class SignedReceipt:
    """What a recipient signed for."""

    by: str
    to: str
    at: datetime
    entry: Receipt


ReceiptsByMessage = Mapping[str, Sequence[SignedReceipt]]
"""Message id -> the receipts for it."""


def chain_problems(steps: Sequence[SignedStep]) -> list[str]:
    """Name what is missing, exchanged or contradictory among the steps of one exchange."""
    if not steps:
        return ["There is no proven step in the archive."]
    return [*_mixed(steps), *_party_problems(steps), *_repeated(steps), *_links(steps)]


def receipts_of(file: str, signed: Signed) -> list[SignedReceipt]:
    """The single receipts of a statement of receipts; raises ValueError where it is none."""
    match signed.statement:
        case Receipts() as receipts:
            return [SignedReceipt(receipts.sender, receipts.to, receipts.at, entry) for entry in receipts.entries]
        case _:
            raise ValueError(f"{file}: is no statement of receipts")


def by_message(steps: Sequence[SignedStep], receipts: Iterable[SignedReceipt]) -> ReceiptsByMessage:
    """Sort receipts by the step that they are for; those of other exchanges, signed together with them, fall out."""
    found: dict[str, list[SignedReceipt]] = {each.step.id: [] for each in steps}
    for receipt in receipts:
        if receipt.entry.message in found:
            found[receipt.entry.message].append(receipt)
    return found


def receipt_problems(steps: Sequence[SignedStep], receipts: ReceiptsByMessage) -> Iterator[str]:
    """Name receipts for other content than the archive shows, or by somebody who was not told."""
    for told in steps:
        for receipt in receipts[told.step.id]:
            if receipt.entry.hash != told.hash:
                yield f"{told.file}: {receipt.by} signed a receipt for other content than this"
            elif receipt.by not in told.step.to:
                yield f"{told.file}: {receipt.by} signed a receipt, but was not told"


def origins(steps: Sequence[SignedStep], receipts: ReceiptsByMessage) -> set[str]:
    """The nodes that this evidence can come from: a node has the receipts that it gave and those that it got."""
    possible = {party for each in steps for party in each.step.parties.values()}
    for given in receipts.values():
        for receipt in given:
            possible &= {receipt.by, receipt.to}
    return possible


def deliveries(
    told: SignedStep, steps: Sequence[SignedStep], receipts: ReceiptsByMessage, possible_origins: set[str]
) -> list[Delivered]:
    """Say what became of a step at each of its recipients."""
    own = [each for each in receipts[told.step.id] if each.entry.hash == told.hash]
    return [_delivery(told, recipient, steps, own, possible_origins) for recipient in told.step.to]


def _mixed(steps: Sequence[SignedStep]) -> Iterator[str]:
    first = steps[0].step
    for each in steps[1:]:
        step = each.step
        if step.exchange != first.exchange:
            yield f"{each.file}: belongs to another exchange, {step.exchange}"
        elif (step.area, step.version, step.procedure) != (first.area, first.version, first.procedure):
            yield f"{each.file}: is of another procedure than the first step"
        elif step.parties != first.parties:
            yield f"{each.file}: names other parties than the first step"


def _party_problems(steps: Sequence[SignedStep]) -> Iterator[str]:
    for each in steps:
        others = set(each.step.parties.values()) - {each.step.sender}
        if set(each.step.to) != others or len(others) == len(set(each.step.parties.values())):
            yield f"{each.file}: {each.step.sender} does not speak to the parties as one of them"
        if node_of(each.step.authority) != each.step.sender:
            yield f"{each.file}: the authority {each.step.authority} is none of {each.step.sender}"


def _repeated(steps: Sequence[SignedStep]) -> Iterator[str]:
    places: dict[tuple[str, int], str] = {}
    for each in steps:
        earlier = places.setdefault(each.place, each.file)
        if earlier != each.file:
            yield f"{each.file}: takes the same place as {earlier}: step {each.step.sequence} of {each.step.sender}"


def _links(steps: Sequence[SignedStep]) -> Iterator[str]:
    known = {each.place: each for each in steps}
    missing: dict[tuple[str, int], str] = {}
    for each in steps:
        for party, seen in each.step.seen.items():
            earlier = known.get((party, seen.sequence))
            if earlier is not None and earlier.hash != seen.hash:
                yield f"{each.file}: builds on another {earlier.file} than the one here"
            for number in range(min(seen.sequence, MAX_FILES), 0, -1):  # no archive holds more
                if (party, number) in known or (party, number) in missing:
                    break
                missing[party, number] = each.file
        own = each.step.seen.get(each.step.sender)
        if (own.sequence if own is not None else 0) != each.step.sequence - 1:
            yield f"{each.file}: does not follow the sender's own step before it"
    for (party, number), file in sorted(missing.items()):
        yield f"Step {number} of {party} is missing; {file} builds on it."


def _delivery(
    told: SignedStep,
    recipient: str,
    steps: Sequence[SignedStep],
    receipts: Sequence[SignedReceipt],
    possible_origins: set[str],
) -> Delivered:
    own = [each for each in receipts if each.by == recipient]
    ends = [(each.at, each.entry.outcome, each.entry.code) for each in own if each.entry.outcome != "opened"]
    opened_at = min((each.at for each in own if each.entry.outcome == "opened"), default=None)
    proof, at, code = _end(ends) if ends else _without_receipt(told, recipient, steps, possible_origins)
    return Delivered(recipient=recipient, proof=proof, at=at, opened_at=opened_at, code=code)


def _end(ends: Sequence[tuple[datetime, str, Refusal | None]]) -> tuple[Proof, datetime, Refusal | None]:
    delivered = [end for end in ends if end[1] == "delivered"]
    at, outcome, code = min(delivered or ends, key=lambda end: end[0])
    return ("refused", at, code) if outcome == "refused" else ("delivered", at, None)


def _without_receipt(
    told: SignedStep, recipient: str, steps: Sequence[SignedStep], possible_origins: set[str]
) -> tuple[Proof, datetime | None, None]:
    """A later step of the recipient that names this one, or one after it, proves that it had this one."""
    sender, number = told.place
    building = [
        each.step.at
        for each in steps
        if each.step.sender == recipient
        and (seen := each.step.seen.get(sender)) is not None
        and seen.sequence >= number
    ]
    if building:
        return "built_on", min(building), None
    return ("unproven" if possible_origins & {sender, recipient} else "elsewhere"), None, None
