"""What peers sent takes effect here: once, in order, or it waits, or it is refused with a signed receipt.

Opening (steps 1 to 10) was done by `crypto.envelope`. Here follow 11, is it known, and 12, is it in
sequence; then the exchange moves on. A whole group of deliveries is taken in with one commit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from node.crypto import strict_json
from node.crypto.envelope import OpenedStatement, RefusedStatement
from node.crypto.jws import unverified_payload
from node.crypto.statement import Packed
from node.handlers.exchanges import links, procedure
from node.handlers.exchanges.procedure import Refused
from node.runtime import (
    alarms,
    attachments,
    checkpoints,
    closing,
    declarations,
    holding,
    protection,
    recovery,
    register_publication,
    statistics,
    translations,
)
from node.runtime.trust import take_over
from node.runtime.working_set import WorkingSet
from node.store import receipts, statements
from node.store import waiting as early
from schemas.messages import (
    STATEMENT,
    AuthoritiesPublished,
    Checkpoint,
    Chunk,
    DeclarationPublished,
    DirectoryUpdate,
    EarlyDeletion,
    Numbered,
    OfExchange,
    OnData,
    Recall,
    Receipt,
    Receipts,
    Rectification,
    Resend,
    Retention,
    Signal,
    Skip,
    StatisticsReport,
    Step,
)
from schemas.refusal import Refusal

CLOCK_TOLERANCE = timedelta(hours=1)  # how far a sender's clock may be ahead of ours
MAX_AHEAD = 10_000  # how far a statement may run ahead of its stream and still be kept waiting


@dataclass(frozen=True, slots=True)
class Unopened:
    """An envelope that could not be opened at all."""

    code: Refusal
    detail: str
    sender: str | None
    body: bytes


Arrival = OpenedStatement | RefusedStatement | Unopened


def exchanges_of(arrivals: Iterable[Arrival]) -> list[str]:
    """The exchanges that these arrivals speak of."""
    opened = (arrival.statement for arrival in arrivals if isinstance(arrival, OpenedStatement))
    return [statement.exchange for statement in opened if isinstance(statement, OfExchange)]


class Intake:
    """Takes one group of arrivals into one working set."""

    def __init__(self, work: WorkingSet, known: dict[statements.Identity, str], held_for: Iterable[str]) -> None:
        """Begin with the hashes of those messages that are known already, and why others are held."""
        self.work = work
        self.known = known
        self.held_for = set(held_for)
        """For what reasons anything waits at all: mostly none, and then nobody looks for it message by message."""
        self.node = work.seat.node

    @classmethod
    async def prepare(cls, work: WorkingSet, arrivals: Iterable[Arrival]) -> "Intake":
        """Look up which of the messages came before, and whether any came early."""
        said = [arrival.statement for arrival in arrivals if isinstance(arrival, OpenedStatement)]
        ids = [(each.statement if isinstance(each, Skip) else each.id) or "" for each in said]
        return cls(work, await statements.known(work.db, ids), await early.counts(work.db))

    async def take(self, arrival: Arrival) -> None:
        """Take in one arrival; what is wrong with it becomes a refusal, never an exception."""
        match arrival:
            case Unopened():
                self.work.set_aside(
                    arrival.code, arrival.detail, sender=arrival.sender, message_id=None, body=arrival.body
                )
            case RefusedStatement():
                await self._refuse(arrival)
            case OpenedStatement() if arrival.statement.sender == self.node:
                await self._given_back(arrival)
            case OpenedStatement(statement=Receipts() | Resend() | Recall() | Skip() | Checkpoint() as signal):
                await self._signal(signal, arrival)
            case OpenedStatement(statement=numbered) if not isinstance(numbered, Signal):
                await self._numbered(numbered, arrival)

    async def _signal(self, signal: Signal, arrival: OpenedStatement) -> None:
        """Signals come once, in any order, and are safe to repeat."""
        match signal:
            case Receipts():
                await closing.close(self.work, signal, arrival.packed.jws)
            case Resend():
                await recovery.send_again(self.work, signal)
            case Recall():
                await recovery.give_back(self.work, signal)
            case Skip():
                await self._skip(signal, arrival)
            case Checkpoint():
                await checkpoints.keep(self.work, signal, arrival.packed.jws)

    async def _refuse(self, arrival: RefusedStatement) -> None:
        """Refused on opening; its number is used all the same, or the stream would wait for it for ever.

        Unless it only came without its content, or with other: whoever received it can have sent it so. Nothing is
        signed then, and the number still waits for the statement as its sender sends it.
        """
        self.work.set_aside(
            arrival.code,
            arrival.detail,
            sender=arrival.sender,
            message_id=arrival.message_id,
            body=arrival.jws,
        )
        if arrival.code is Refusal.BAD_DISCLOSURE and arrival.sender == self.node:
            step = STATEMENT.validate_json(unverified_payload(arrival.jws.decode()))
            if isinstance(step, Step):
                await recovery.keep_case_number(self.work, step)
        is_silent = arrival.code is Refusal.BAD_DISCLOSURE or arrival.sender == self.node
        if arrival.message_id is None or arrival.hash is None or is_silent:
            return
        self._answer(arrival.sender, arrival.message_id, arrival.hash, arrival.code, arrival.detail)
        if _signed_number(arrival.jws, self.node) == self.work.stream(arrival.sender).next_in:
            self.work.advance(arrival.sender)
            await self._release_stream(arrival.sender)

    async def _numbered(self, statement: Numbered, arrival: OpenedStatement) -> None:
        """Steps 11 and 12 of opening."""
        sender, number = statement.sender, statement.to[self.node]
        if self.known.get((sender, statement.id)) == arrival.hash:
            await self._answer_again((sender, statement.id), arrival.hash)
            return
        expected = self.work.stream(sender).next_in
        if number < expected:
            await self._late(statement, arrival)
        elif number - expected > MAX_AHEAD:
            detail = f"number {number} came while {expected} is expected"
            self._reject(arrival, Refused(Refusal.TOO_FAR_AHEAD, detail))
        elif number > expected:
            await self._wait(statement, arrival, "stream")
        else:
            await self._in_sequence(arrival)
            await self._release_stream(sender)

    async def _skip(self, skip: Skip, arrival: OpenedStatement) -> None:
        """The sender passes a number by; where others lack before it, it will say so again."""
        expected = self.work.stream(skip.sender).next_in
        if skip.skipped < expected and skip.statement is not None and skip.statement_hash is not None:
            await self._answer_again((skip.sender, skip.statement), skip.statement_hash)
        if skip.skipped != expected:
            return
        self.work.advance(skip.sender)
        detail = f"number {skip.skipped} of {skip.sender}'s stream will not come any more"
        jws = arrival.packed.jws.encode()
        self.work.set_aside(Refusal.WITHHELD, detail, sender=skip.sender, message_id=skip.statement, body=jws)
        if skip.statement is not None and skip.statement_hash is not None:
            self._answer(skip.sender, skip.statement, skip.statement_hash, Refusal.WITHHELD, detail)
        await self._release_stream(skip.sender)

    async def _answer_again(self, known_by: statements.Identity, statement_hash: str) -> bool:
        """A repetition is a success: it gets the same receipt again, byte for byte.

        Of two that contradict each other it gets the one that holds: refused as too early, then delivered, say.
        """
        found = (await receipts.about(self.work.db, [statement_hash])).get(statement_hash, [])
        own: dict[str, str] = {each.outcome: each.jws_hash for each in found if each.party == self.node}
        opened = own.pop("opened", None)
        if not own:
            return False
        holds = "delivered" if known_by in self.known else "refused"
        telling = own.get(holds) or next(iter(own.values()))
        await self.work.repeat(known_by[0], [telling, *filter(None, [opened])])
        return True

    def _require_new(self, arrival: OpenedStatement) -> None:
        statement = arrival.statement
        if self.known.setdefault((statement.sender, statement.id), arrival.hash) != arrival.hash:
            raise Refused(Refusal.OTHER_CONTENT, f"message {statement.id} came before with other content")
        if statement.at > self.work.seat.clock.now() + CLOCK_TOLERANCE:
            raise Refused(
                Refusal.FROM_THE_FUTURE, f"it is dated {statement.at:%Y-%m-%d %H:%M} UTC, and that is to come"
            )

    async def _late(self, statement: Numbered, arrival: OpenedStatement) -> None:
        """A number that was used: by a message that was refused or still waits for its exchange, or by another one."""
        if (statement.sender, statement.id) in self.known:
            detail = f"message {statement.id} came before with other content"
            self._reject(arrival, Refused(Refusal.OTHER_CONTENT, detail))
        elif not await self._answer_again((statement.sender, statement.id), arrival.hash):
            detail = f"number {statement.to[self.node]} of {statement.sender}'s stream was another message"
            self._reject(arrival, Refused(Refusal.BAD_SEQUENCE, detail))
            self.work.ask_again(statement.sender, ())  # it may have lost its memory: tell it where its stream stands

    async def _in_sequence(self, arrival: OpenedStatement) -> None:
        """The next of its stream: it counts as arrived, whatever becomes of it."""
        self.work.advance(arrival.statement.sender)
        try:
            self._require_new(arrival)
            await self._apply(arrival)
        except Refused as refused:
            self._reject(arrival, refused)

    async def _release_stream(self, sender: str) -> None:
        """Take in what came early and is next now."""
        while "stream" in self.held_for and (
            run := await early.of_stream(self.work.db, sender, self.work.stream(sender).next_in)
        ):
            known = await statements.known(self.work.db, [held.message_id for held in run])
            self.known = {**known, **self.known}
            await early.remove(self.work.db, [held.hash for held in run])
            await self.work.include([held.exchange_id or held.hash for held in run])
            for held in run:
                await self._in_sequence(holding.reopened(self.work, held))

    async def _apply(self, arrival: OpenedStatement) -> None:
        match arrival.statement:
            case Step() as step:
                await self._step(step, arrival)
            case Chunk() as chunk:
                await self._chunk(chunk, arrival)
            case DirectoryUpdate() as update:
                await take_over(self.work, update)
                self._accept(arrival)
            case StatisticsReport() as report:
                await statistics.take_report(self.work, report)
                self._accept(arrival)
            case DeclarationPublished() as published:
                await declarations.take_over(self.work, published, arrival.body)
                self._accept(arrival)
            case AuthoritiesPublished() as published:
                await register_publication.take_in(self.work, published, arrival.hash, arrival.body)
                self._accept(arrival)
            case Retention() | EarlyDeletion() | Rectification() as said:
                await protection.take_in(self.work, said, arrival.hash, arrival.body)
                self._accept(arrival)

    async def _step(self, step: Step, arrival: OpenedStatement) -> None:
        if procedure.lacks(self.work.exchanges.get(step.exchange), step) is None:
            await self._move(step, arrival)
            self._answer(step.sender, step.id, arrival.hash)
            await self._release_exchange(step.exchange)
        elif set(step.seen) <= set(step.parties.values()):
            await self._wait(step, arrival, "exchange")
            self._answer(step.sender, step.id, arrival.hash)
        else:
            raise Refused(Refusal.NOT_A_PARTY, "the step builds on one of a node that is no party: it would never come")

    async def _move(self, step: Step, arrival: OpenedStatement) -> None:
        """The exchange moves on by one step, of a peer or of our own former life."""
        exchange = self.work.exchanges.get(step.exchange)
        if exchange is not None and exchange.opened_at is None:
            exchange = None  # our draft, that we had sent
        is_own = step.sender == self.node
        began = exchange if exchange is not None else step
        area = self.work.seat.area(began.area, began.version)
        if exchange is None:
            declarations.require_could_begin(self.work.seat, step)
        before = exchange if exchange is not None else procedure.received(step, arrival.body, area)
        form = procedure.form_of(area, before, step.step)
        if form is not None and not is_own:  # the files of our own went with the store
            await attachments.require_files(self.work, step.exchange, form, arrival.body, step.sender)
        # What is given back may have to cross steps of peers that came again before it.
        node = "" if is_own else self.node
        alarms.raise_contradictions(self.work, before, step, arrival.packed.jws)
        decision = procedure.decide(before, step, arrival.body, area=area, node=node, statement_hash=arrival.hash)
        self.work.change(decision.exchange)
        await protection.follow(self.work, before, decision.exchange)
        if form is not None:
            self.work.link(step.exchange, links.named_links(form, arrival.body, step.exchange))
        if is_own:
            self.known[self.node, step.id] = arrival.hash
            await recovery.take_back(self.work, step, arrival.packed, arrival.hash)
        else:
            self.work.note(step.authority, f"received.{step.step}", step.exchange, message=step.id)
            self.work.record(step, arrival.packed, arrival.hash)
            if form is not None:
                await translations.expect(self.work, step.exchange, arrival.hash, form, arrival.body)

    async def _given_back(self, arrival: OpenedStatement) -> None:
        """A peer gives back what this node made and may have lost; by our own signature it counts, whoever sends it."""
        statement = arrival.statement
        if isinstance(statement, Signal):
            return
        for peer, number in statement.to.items():
            recovery.go_beyond(self.work, peer, number)
        if (self.node, statement.id) in self.known:
            return
        if isinstance(statement, AuthoritiesPublished) and await register_publication.take_back(
            self.work, statement, arrival.packed, arrival.body
        ):
            self.known[self.node, statement.id] = arrival.hash
        if isinstance(statement, OnData):
            await protection.give_back(self.work, statement, arrival.packed)
        elif isinstance(statement, Step):
            await self._step_given_back(statement, arrival)

    async def _step_given_back(self, statement: Step, arrival: OpenedStatement) -> None:
        await recovery.keep_case_number(self.work, statement)
        if procedure.lacks(self.work.exchanges.get(statement.exchange), statement) is not None:
            await self._wait(statement, arrival, "exchange")
            return
        try:
            await self._move(statement, arrival)
        except Refused as refused:
            self._reject(arrival, refused)
        else:
            await self._release_exchange(statement.exchange)

    async def _release_exchange(self, exchange_id: str) -> None:
        """Take in steps that waited for this one, and those that waited for them; they were answered when they came."""
        while ready := await self._ready(exchange_id):
            for step, arrival in ready:
                await early.remove(self.work.db, [arrival.hash])
                try:
                    await self._move(step, arrival)
                except Refused as refused:
                    self._reject(arrival, refused)

    async def _ready(self, exchange_id: str) -> list[tuple[Step, OpenedStatement]]:
        """What waits for steps of an exchange, and lacks none any more."""
        if "exchange" not in self.held_for:
            return []
        held_back = (await early.of_exchanges(self.work.db, [exchange_id])).get(exchange_id, [])
        exchange = self.work.exchanges.get(exchange_id)
        return [
            (step, arrival)
            for held in held_back
            for arrival in [holding.reopened(self.work, held)]
            if isinstance(step := arrival.statement, Step) and procedure.lacks(exchange, step) is None
        ]

    async def _chunk(self, chunk: Chunk, arrival: OpenedStatement) -> None:
        procedure.require_sender_of_files(self.work.exchanges.get(chunk.exchange), chunk)
        await attachments.keep_chunk(self.work, chunk, arrival.body)
        self._accept(arrival, keep_content=False)

    async def _wait(self, statement: Numbered, arrival: OpenedStatement, reason: early.Reason) -> None:
        await holding.hold(self.work, statement, arrival, reason)
        self.held_for.add(reason)

    def _accept(self, arrival: OpenedStatement, *, keep_content: bool = True) -> None:
        statement = arrival.statement
        packed = arrival.packed if keep_content else Packed(jws=arrival.packed.jws, disclosures=())
        if not isinstance(statement, Signal):
            self.work.record(statement, packed, arrival.hash)
        self._answer(statement.sender, statement.id, arrival.hash)

    def _reject(self, arrival: OpenedStatement, refused: Refused) -> None:
        statement = arrival.statement
        self.work.set_aside(
            refused.code,
            refused.detail,
            sender=statement.sender,
            message_id=statement.id,
            body=arrival.packed.jws.encode(),
        )
        if statement.sender == self.node:
            return
        self._answer(statement.sender, statement.id, arrival.hash, refused.code, refused.detail)

    def _answer(self, peer: str, message_id: str, digest: str, code: Refusal | None = None, detail: str = "") -> None:
        outcome = "delivered" if code is None else "refused"
        # The detail of a refusal may quote a form; the code says enough to a machine, and the sender has the form.
        receipt = Receipt(message=message_id, hash=digest, outcome=outcome, code=code, detail=detail[:500])
        self.work.answer(peer, receipt)


def _signed_number(jws: bytes, node: str) -> int | None:
    """The number that a statement has in its sender's stream to a node; none where it is no numbered one."""
    to = strict_json.loads(unverified_payload(jws.decode())).get("to")
    number = to.get(node) if isinstance(to, dict) else None
    return number if isinstance(number, int) else None
