"""Reads the statements and receipts of an archive, and tells what is proven by them."""

from collections.abc import Iterator, Sequence

from node.areas import Areas
from node.crypto.statement import StatementRefused, read_remaining
from node.crypto.trust import TrustedDirectory
from node.verify.archive import Archive, StatementFile
from node.verify.attachments import Piece, attachment_problems, put_together
from node.verify.chain import (
    SignedReceipt,
    SignedStep,
    by_message,
    chain_problems,
    deliveries,
    origins,
    receipt_problems,
    receipts_of,
)
from node.verify.signed import NotProven, Signed, read_signed
from node.verify.verdict import Told
from schemas.messages import Chunk, EarlyDeletion, Rectification, Retention, Step


class Spoken:
    """What the statements and receipts of an archive say, and what is wrong with them."""

    def __init__(self, archive: Archive, trust: TrustedDirectory, areas: Areas) -> None:
        """Read everything; what is wrong is told by `problems`."""
        self.steps: list[SignedStep] = []
        self._pieces: list[Piece] = []
        self._content: dict[str, tuple[dict[str, object], int]] = {}
        self._wrong: list[str] = []
        self._areas = areas
        for file in archive.statements:
            self._take(file, trust)
        given = [each for name, text in archive.receipts.items() for each in self._receipts_in(name, text, trust)]
        self._receipts = by_message(self.steps, given)
        self._origins = origins(self.steps, self._receipts)
        self.told = [self._tell(each) for each in self.steps]
        self.attachments = put_together(self._pieces)
        self.exchange = self.steps[0].step.exchange if self.steps else None

    def problems(self) -> Iterator[str]:
        """Everything that is altered, missing or not proven."""
        yield from self._wrong
        yield from chain_problems(self.steps)
        yield from receipt_problems(self.steps, self._receipts)
        yield from attachment_problems(self._pieces, self.attachments, self.exchange or "")
        yield from _undelivered(self.told)

    def _take(self, file: StatementFile, trust: TrustedDirectory) -> None:
        try:
            signed = read_signed(file.jws, trust)
            self._content[file.name] = _content(signed, file)
        except NotProven as reason:
            self._wrong.append(f"{file.name}: {reason}")
            return
        except StatementRefused as refused:
            self._content[file.name] = ({}, 0)
            self._wrong.append(f"{file.name.removesuffix('jws')}disclosures: {refused.detail}")
        self._sort_in(file, signed)

    def _sort_in(self, file: StatementFile, signed: Signed) -> None:
        match signed.statement:
            case Step() as step:
                self.steps.append(SignedStep(file.name, step, signed.hash, signed.key))
                name = step.step
            case Chunk() as chunk:
                data = self._content.pop(file.name)[0].get("data")
                self._pieces.append(Piece(file.name, chunk, data))
                name = chunk.kind
            case Retention() | EarlyDeletion() | Rectification() as about:
                name = about.kind
            case other:
                self._wrong.append(f"{file.name}: a statement of the kind {other.kind} is no evidence of an exchange")
                return
        if file.step != name:
            self._wrong.append(f"{file.name}: is {name}; the file was renamed")

    def _receipts_in(self, name: str, text: str, trust: TrustedDirectory) -> list[SignedReceipt]:
        try:
            return receipts_of(name, read_signed(text, trust))
        except NotProven as reason:
            self._wrong.append(f"{name}: {reason}")
        except ValueError as error:
            self._wrong.append(str(error))
        return []

    def _tell(self, each: SignedStep) -> Told:
        step = each.step
        area = self._areas.get((step.area, step.version))
        procedure = area.procedures.get(step.procedure) if area is not None else None
        rule = procedure.steps.get(step.step) if procedure is not None else None
        content, undisclosed = self._content[each.file]
        return Told(
            file=each.file,
            sender=step.sender,
            authority=step.authority,
            recipients=tuple(sorted(step.to)),
            at=step.at,
            procedure=step.procedure,
            procedure_label=procedure.label if procedure is not None else step.procedure,
            step=step.step,
            step_label=rule.label if rule is not None else step.step,
            key=each.key,
            content=content,
            undisclosed=undisclosed,
            deliveries=tuple(deliveries(each, self.steps, self._receipts, self._origins)),
        )


def _content(signed: Signed, file: StatementFile) -> tuple[dict[str, object], int]:
    """What is disclosed, and how many signed fields are not."""
    digests = getattr(signed.statement, "digests", ())
    fields = read_remaining(digests, file.disclosures or ())
    return dict(fields), len(digests) - len(fields)


def _undelivered(told: Sequence[Told]) -> Iterator[str]:
    for each in told:
        for delivery in each.deliveries:
            if delivery.proof == "unproven":
                yield f"{each.file}: there is no receipt of {delivery.recipient}; it is not proven that it has this"
