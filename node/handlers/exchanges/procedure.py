"""Take a step: the one function through which every act and every message goes, on every node.

`decide` applies a step to an exchange. A user's act at home and the same act arriving from a peer are the
same call, so all copies agree by construction, as far as the declaration allows; that it does is what
`convergence` proves when the declaration is loaded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from node.handlers.exchanges import closure, forms, responsibility
from node.handlers.exchanges.facts import facts_after
from node.handlers.persons.retention import reopened
from node.handlers.refused import Refused
from schemas.exchange import Act, Entry, Exchange
from schemas.identifiers import COMMISSION, node_of, serial_of
from schemas.messages import Chunk, Seen, Step
from schemas.parties import COUNTRIES
from schemas.policy_area import Form, PolicyArea, Procedure, StepRule
from schemas.refusal import Refusal

__all__ = [
    "Decision",
    "DropDraft",
    "Effect",
    "KeepDraft",
    "Refused",
    "Tell",
    "begin",
    "case_prefix",
    "decide",
    "form_of",
    "lacks",
    "others",
    "possible_steps",
    "procedure_of",
    "received",
    "require_sender_of_files",
    "rule_of",
]


@dataclass(frozen=True, slots=True)
class Tell:
    """Effect: this step is told to these nodes."""

    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeepDraft:
    """Effect: the form is kept in the own node, to go on with later."""


@dataclass(frozen=True, slots=True)
class DropDraft:
    """Effect: what was kept as a draft is forgotten."""


Effect = Tell | KeepDraft | DropDraft


@dataclass(frozen=True, slots=True)
class Decision:
    """What a step leads to: the exchange after it, and what is to be done."""

    exchange: Exchange
    effects: tuple[Effect, ...]


def begin(act: Act, *, area: PolicyArea, node: str, exchange_id: str, today: date) -> Exchange:
    """Make the exchange that an act opens, in the procedure's initial state, before any step.

    A draft may leave open to which country it will go.

    Raises:
        Refused: the area has no such procedure, or the form does not name the other country.
    """
    procedure = procedure_of(area, act.procedure)
    rule = _rule(procedure, act.step)
    parties = _parties(procedure, node, act.form)
    if _is_whole(procedure, rule) and set(parties) != set(procedure.parties):
        _require_form(area, rule, act.form, forms.Setting(area=area, country=node, today=today))
        raise Refused(Refusal.BAD_FORM, "the form does not name the other country")
    return Exchange(
        id=exchange_id,
        area=area.area,
        version=area.version,
        procedure=act.procedure,
        state=procedure.initial,
        parties=parties,
    )


def case_prefix(area: PolicyArea, procedure: str, node: str, year: int) -> str:
    """The part of a case number before its running number: `ECOM-REQ-DE-2026-`; raises Refused."""
    return f"{area.code}-{procedure_of(area, procedure).code}-{node}-{year}-"


def received(step: Step, content: forms.Content, area: PolicyArea) -> Exchange:
    """Make the copy that a peer's opening step begins, before that step is applied.

    Raises:
        Refused: the case number, the procedure or the parties are not as declared.
    """
    procedure = procedure_of(area, step.procedure)
    if step.step != procedure.opening:
        raise Refused(Refusal.UNKNOWN_EXCHANGE, f"{step.exchange} is not known here, and {step.step} does not open it")
    parties = _parties(procedure, step.sender, content)
    begun = _year_of(step.exchange)  # a draft may have been begun long before it was sent
    prefix = case_prefix(area, step.procedure, step.sender, min(begun, step.at.year))
    if step.exchange != f"{prefix}{serial_of(step.exchange):06d}" or parties != step.parties:
        raise Refused(Refusal.NOT_A_PARTY, "case number or parties are not those that the form and the sender give")
    return Exchange(
        id=step.exchange,
        area=step.area,
        version=step.version,
        procedure=step.procedure,
        state=procedure.initial,
        parties=parties,
    )


def require_sender_of_files(exchange: Exchange | None, chunk: Chunk) -> None:
    """Insist that files of an exchange come from its parties, and before it opens from the node that numbered it.

    Raises:
        Refused: somebody else sends them.
    """
    opener = chunk.exchange.split("-")[2]
    if chunk.sender not in (exchange.parties.values() if exchange is not None else (opener,)):
        raise Refused(Refusal.NOT_A_PARTY, f"{chunk.sender} sends a file to {chunk.exchange} and is no party to it")


def form_of(area: PolicyArea, exchange: Exchange, step: str) -> Form | None:
    """The form that a step is filled in with, if it has one."""
    rule = area.procedures[exchange.procedure].steps.get(step)
    return area.forms[rule.form] if rule is not None and rule.form is not None else None


def lacks(exchange: Exchange | None, step: Step) -> str | None:
    """Name a node of whose steps this one had seen more than we have: then it must wait for them.

    A step is applied after everything that its author knew (causal order), so that nobody reads an answer
    before the question.
    """
    known: Mapping[str, Seen] = exchange.seen if exchange is not None else {}
    for party, seen in sorted(step.seen.items()):
        have = known[party].sequence if party in known else 0
        if seen.sequence > have:
            return party
    return None


def decide(
    exchange: Exchange, step: Step, content: forms.Content, *, area: PolicyArea, node: str, statement_hash: str
) -> Decision:
    """Apply a step.

    Args:
        exchange: the copy before the step.
        step: who does what, when.
        content: the form that the step carries, opened.
        area: the version of the policy area that the exchange began with.
        node: whose copy this is; a step may cross others only when it comes from elsewhere.
        statement_hash: of the signed step, for the chain of statements.

    Raises:
        Refused: with the code that goes into the signed receipt.
    """
    procedure = area.procedures[exchange.procedure]
    rule = _rule(procedure, step.step)
    _require_declaration(exchange, step)
    _require_party(exchange, step, rule)
    if step.sender == node:
        _require_open_content(exchange, rule)
        if _lacks_part(exchange, rule, exchange.role_of(node)):
            detail = f"{step.step} answers a part, and in {exchange.id} no further authority has joined for one"
            raise Refused(Refusal.NO_MEANING, detail)
    state, crossed = _next_state(exchange, procedure, step, rule, node)
    if _is_whole(procedure, rule):
        _require_form(area, rule, content, forms.Setting(area=area, country=step.sender, today=step.at.date()))
    if rule.local:
        changes = {"state": state, "authorities": dict(responsibility.responsible(exchange, step, rule))}
        return _kept_at_home(exchange.model_copy(update=changes), area, rule, content, step.at)
    entry = Entry(
        message=step.id,
        hash=statement_hash,
        step=step.step,
        sender=step.sender,
        authority=step.authority,
        on_behalf_of=step.on_behalf_of,
        sequence=step.sequence,
        at=step.at,
        state=state,
        crossed=crossed,
    )
    history = (*exchange.history, entry)
    after = exchange.model_copy(
        update={
            "state": state,
            "history": history,
            "seen": {**exchange.seen, step.sender: Seen(sequence=step.sequence, hash=statement_hash)},
            "authorities": dict(responsibility.responsible(exchange, step, rule)),
            "further": dict(responsibility.joined(exchange, step, rule)),
            "facts": facts_after(exchange, area, rule, content),
            "opened_at": step.at if rule.opens else exchange.opened_at,
            "closed_at": closure.closed_at(procedure, history),
        }
    )
    if step.sender != node:
        return Decision(reopened(after), ())
    return Decision(after, (Tell(tuple(sorted(step.to))), *((DropDraft(),) if rule.opens else ())))


def _kept_at_home(
    exchange: Exchange, area: PolicyArea, rule: StepRule, content: forms.Content, at: datetime
) -> Decision:
    """A draft is kept until it is sent; a record for as long as its periods let it; what is discarded, not at all."""
    if not area.procedures[exchange.procedure].states[exchange.state].final:
        return Decision(exchange, (KeepDraft(),))
    if rule.form is None:
        return Decision(exchange.model_copy(update={"closed_at": at}), (DropDraft(),))
    kept = {
        "facts": facts_after(exchange, area, rule, content),
        "opened_at": at if rule.opens else exchange.opened_at,
        "closed_at": at,
    }
    return Decision(exchange.model_copy(update=kept), (KeepDraft(),))


def others(exchange: Exchange, node: str) -> tuple[str, ...]:
    """The nodes of the other parties: everybody who hears of a step."""
    return tuple(sorted(set(exchange.parties.values()) - {node}))


def possible_steps(exchange: Exchange, procedure: Procedure, node: str) -> tuple[str, ...]:
    """The steps that a node may take now."""
    role = exchange.role_of(node)
    return tuple(
        name
        for name, rule in procedure.steps.items()
        if role in rule.by
        and exchange.state in rule.sources
        and not _needs_content(exchange, rule)
        and not _lacks_part(exchange, rule, role)
    )


def rule_of(area: PolicyArea, procedure: str, step: str) -> StepRule:
    """What a procedure says of a step; raises Refused where there is none of that name."""
    return _rule(procedure_of(area, procedure), step)


def _year_of(exchange_id: str) -> int:
    return int(exchange_id.split("-")[3])


def procedure_of(area: PolicyArea, name: str) -> Procedure:
    """A procedure of a policy area; raises Refused where there is none of that name."""
    procedure = area.procedures.get(name)
    if procedure is None:
        detail = f"{area.label} has no procedure {name}; it has {', '.join(area.procedures)}"
        raise Refused(Refusal.UNKNOWN_AREA, detail)
    return procedure


def _rule(procedure: Procedure, name: str) -> StepRule:
    rule = procedure.steps.get(name)
    if rule is None:
        raise Refused(Refusal.NO_MEANING, f"there is no step {name}; there are {', '.join(procedure.steps)}")
    return rule


def _parties(procedure: Procedure, initiator: str, content: forms.Content) -> dict[str, str]:
    parties: dict[str, str] = {}
    for role, party in procedure.parties.items():
        match party.filled_by:
            case "initiator":
                parties[role] = initiator
            case "commission":
                parties[role] = COMMISSION
            case "field":
                country = content.get(party.field or "")
                if isinstance(country, str) and country in COUNTRIES and country != initiator:
                    parties[role] = country
    return parties


def _is_whole(procedure: Procedure, rule: StepRule) -> bool:
    """Whether its form must be filled in wholly: a draft may be left half done."""
    return not rule.local or (rule.form is not None and rule.to is not None and procedure.states[rule.to].final)


def _require_declaration(exchange: Exchange, step: Step) -> None:
    if (step.area, step.version, step.procedure) != (exchange.area, exchange.version, exchange.procedure):
        raise Refused(
            Refusal.UNKNOWN_AREA,
            f"{exchange.id} stays with {exchange.procedure} of {exchange.area}, version {exchange.version}",
        )


def _require_party(exchange: Exchange, step: Step, rule: StepRule) -> None:
    responsibility.require_own_local_authority(step)
    role = exchange.role_of(step.sender)
    told = set() if rule.local else set(exchange.parties.values()) - {step.sender}
    if (
        role is None
        or step.parties != exchange.parties
        or set(step.to) != told
        or node_of(step.authority) != step.sender
    ):
        raise Refused(
            Refusal.NOT_A_PARTY, f"{step.sender} does not speak to the parties of {exchange.id} as one of them"
        )
    if role not in rule.by:
        raise Refused(Refusal.NOT_YOUR_STEP, f"{step.step} is a step for {' or '.join(rule.by)}, not for {role}")
    if not rule.local and step.sequence != exchange.next_sequence(step.sender):
        raise Refused(
            Refusal.BAD_SEQUENCE,
            f"step {step.sequence} of {step.sender} does not follow; {exchange.next_sequence(step.sender)} is next",
        )


def _lacks_part(exchange: Exchange, rule: StepRule, role: str | None) -> bool:
    return rule.of_a_part and not exchange.further.get(role or "")


def _needs_content(exchange: Exchange, rule: StepRule) -> bool:
    """Whether a step goes on with a case whose content nobody may see any more.

    What leaves the state alone may still be said while the content is only blocked: that a measure was lifted.
    """
    if exchange.deleted_at is not None:
        return True
    return exchange.blocked_at is not None and (rule.local or rule.to is not None)


def _require_open_content(exchange: Exchange, rule: StepRule) -> None:
    if _needs_content(exchange, rule):
        gone = "blocked" if exchange.deleted_at is None else "deleted"
        raise Refused(
            Refusal.NO_MEANING,
            f"the personal data of {exchange.id} are {gone}: the case can't be taken up again; "
            "open another exchange and link it to this one",
        )


def _next_state(exchange: Exchange, procedure: Procedure, step: Step, rule: StepRule, node: str) -> tuple[str, bool]:
    state = exchange.state
    if state in rule.sources:
        return rule.to or state, False
    if step.sender != node and state in rule.crossing:
        return rule.crossing[state], True
    label = procedure.states[state].label
    raise Refused(
        Refusal.NO_MEANING,
        f"{exchange.id} stands at '{label}'; {step.step} is possible at "
        f"{', '.join(repr(procedure.states[source].label) for source in rule.sources)}",
    )


def _require_form(area: PolicyArea, rule: StepRule, content: forms.Content, setting: forms.Setting) -> None:
    if rule.form is None:
        return
    found = forms.problems(area.forms[rule.form], content, setting)
    if found:
        # The name of a field that is not declared is the author's own words: no matter for a receipt or the log.
        declared = [str(problem) for problem in found if problem.is_declared]
        detail = "; ".join(declared) or "there are fields that this form does not have"
        raise Refused(Refusal.BAD_FORM, detail, tuple(found))
