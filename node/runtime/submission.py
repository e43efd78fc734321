"""An act of a user of this node becomes a signed statement, and the exchange moves on."""

from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import JsonValue

from node.crypto import statement as signing
from node.crypto.keys import Random
from node.crypto.statement import Packed
from node.handlers import access
from node.handlers.access import Actor
from node.handlers.dates import deadlines
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.exchanges import desk, forms, guards, links, procedure
from node.handlers.exchanges.procedure import DropDraft, KeepDraft, Refused, Tell
from node.runtime import attachments
from node.runtime.cases import approval_of, desk_in, keep_desk, known_in, seen_case
from node.runtime.filled import keep_draft, read_draft
from node.runtime.register import addressee_in, authorities_named
from node.runtime.working_set import WorkingSet, require_fits
from node.store import drafts
from schemas.authorities import Authority
from schemas.desk import Desk, Preparation
from schemas.exchange import Act, Exchange
from schemas.identifiers import node_of
from schemas.messages import Step
from schemas.parties import party_name
from schemas.policy_area import PolicyArea
from schemas.refusal import Refusal


async def take(work: WorkingSet, act: Act, actor: Actor) -> Exchange:
    """Decide an act of a user and put what follows from it into the working set.

    Raises:
        Denied, Refused, DirectoryExpired: nothing of it remains.
    """
    if not actor.alone:
        await _require_right(work, act, actor)
    return await carry_out(work, act, handler=actor.id)


async def carry_out(work: WorkingSet, act: Act, *, handler: str | None) -> Exchange:
    """Decide an act that its user may do.

    Args:
        work: the transaction.
        act: the step; for one that opens, what is kept of it as a draft is part of its form.
        handler: who wrote it; handles the exchange from now on where nobody does.

    Raises:
        Refused, DirectoryExpired: nothing of it remains.
    """
    act = await _as_prepared(work, act)
    before, area, content = await _prepare(work, act)
    await _require_authorities(work, act, before, area)
    form = procedure.form_of(area, before, act.step)
    _require_sound_draft(work, act.step, before, area, content)
    chunks = await attachments.require_files(work, before.id, form, content) if form is not None else 0
    step = await _as_step(work, act, before, area, chunks)
    digests, disclosures = _disclosed(content, work.seat.random)
    step = step.model_copy(update={"digests": digests})
    packed = Packed(jws=signing.sign(step, work.seat.keyring.current), disclosures=disclosures)
    require_fits(packed)
    statement_hash = signing.statement_hash(packed.jws)
    decision = procedure.decide(before, step, content, area=area, node=work.seat.node, statement_hash=statement_hash)
    await require_reasons(work, act.step, before, area, content)
    for effect in decision.effects:
        match effect:
            case Tell():
                if form is not None:
                    await attachments.send_files(work, before, form, content)
                work.send(step, packed, statement_hash)
            case KeepDraft():
                await keep_draft(work, before.id, area.procedures[before.procedure].opening, content)
            case DropDraft():
                if act.exchange is not None:  # it was a draft before
                    await drafts.erase(work.db, before.id)
    work.change(decision.exchange)
    if form is not None and KeepDraft() not in decision.effects:
        work.link(before.id, links.named_links(form, content, before.id))
    await _clear_desk(work, act, decision.exchange, area, handler)
    by = {"user": act.user} if act.user is not None else {}
    work.note(act.authority, f"step.{act.step}", before.id, message=step.id, **by)
    return decision.exchange


async def _require_right(work: WorkingSet, act: Act, actor: Actor) -> None:
    """Ask whether the user may do it, before anything is said about the exchange; raises Denied, Refused."""
    approval = await approval_of(work.seat, work.db, act.authority)
    if act.exchange is None:
        area = work.seat.newest_area(act.area)
        access.require_opening(actor, act, procedure.rule_of(area, act.procedure, act.step), approval)
        return
    case = await seen_case(work, actor, act.exchange)
    area = work.seat.area(case.exchange.area, case.exchange.version)
    access.require_step(actor, act, procedure.rule_of(area, case.exchange.procedure, act.step), case, approval)


async def _clear_desk(work: WorkingSet, act: Act, after: Exchange, area: PolicyArea, handler: str | None) -> None:
    """Nothing of the step is pending any more; a draft is what is prepared of the opening step."""
    rule = area.procedures[after.procedure].steps[act.step]
    before = await desk_in(work, after.id) if act.exchange is not None else Desk(exchange=after.id)
    opening = area.procedures[after.procedure].opening
    if rule.local and after.closed_at is not None:
        keep_desk(work, before.model_copy(update={"pending": {}}))
    elif rule.local:
        keep_desk(work, desk.begun(before, _as_draft(act, opening), by=act.user, at=work.seat.clock.now()))
    else:
        if after.history and before.pending.get(act.step) is not None:
            await drafts.remove(work.db, after.id, act.step)
        keep_desk(work, desk.taken(before, act.step, authority=act.authority, handler=handler))


async def _as_prepared(work: WorkingSet, act: Act) -> Act:
    """A prepared step says for whom, and to whom, what it said when it was prepared, unless the act says otherwise."""
    pending = (await desk_in(work, act.exchange)).pending.get(act.step) if act.exchange is not None else None
    if pending is None or pending.authority != act.authority:
        return act
    kept = {
        "addressed": act.addressed or pending.addressed,
        "on_behalf_of": act.on_behalf_of or pending.on_behalf_of,
    }
    return act.model_copy(update=kept)


def _as_draft(act: Act, opening: str) -> Preparation:
    return Preparation(step=opening, authority=act.authority, addressed=act.addressed, on_behalf_of=act.on_behalf_of)


async def _prepare(work: WorkingSet, act: Act) -> tuple[Exchange, PolicyArea, dict[str, object]]:
    """Find or begin the exchange, its policy area, and the form as it will be sent."""
    if act.exchange is None:
        area = work.seat.newest_area(act.area)
        return await _begin(work, act, area), area, forms.filled(act.form)
    exchange = await known_in(work, act.exchange)
    area = work.seat.area(exchange.area, exchange.version)
    if exchange.opened_at is not None:
        return exchange, area, forms.filled(act.form)
    content = forms.filled({**await _draft(work, exchange, area), **act.form})
    again = act.model_copy(update={"form": content, "procedure": exchange.procedure})
    if act.step == area.procedures[exchange.procedure].opening:
        work.seat.require_open(area)  # it may have been retired since the draft was begun
    begun = procedure.begin(
        again, area=area, node=work.seat.node, exchange_id=exchange.id, today=work.seat.clock.now().date()
    )
    return begun.model_copy(update={"state": exchange.state}), area, content


async def _begin(work: WorkingSet, act: Act, area: PolicyArea) -> Exchange:
    now = work.seat.clock.now()
    prefix = procedure.case_prefix(area, act.procedure, work.seat.node, now.year)
    begun = procedure.begin(act, area=area, node=work.seat.node, exchange_id=f"{prefix}000000", today=now.date())
    serial = await work.next_serial(prefix.removesuffix("-"))
    return begun.model_copy(update={"id": f"{prefix}{serial:06d}"})


async def require_reasons(
    work: WorkingSet, step: str, exchange: Exchange, area: PolicyArea, content: Mapping[str, object]
) -> None:
    """Ask, once, for the reason of what is unusual; with it the step is taken.

    Raises:
        Refused: with the fields that take a reason.
    """
    declared = area.procedures[exchange.procedure]
    named = guards.named_exchanges(declared, step, content)
    await work.include(named)
    known = {name: work.exchanges[name] for name in named if name in work.exchanges}
    today = work.seat.clock.now().date()
    around = guards.Around(
        exchange, today, known, {name for name, one in known.items() if _is_overdue(work, one, today)}
    )
    asked = guards.unanswered(declared, step, content, around)
    if asked:
        raise Refused(Refusal.BAD_FORM, "; ".join(map(str, asked)), asked)


def _require_sound_draft(
    work: WorkingSet, step: str, exchange: Exchange, area: PolicyArea, content: Mapping[str, object]
) -> None:
    """Insist that what is filled in of a draft is right as far as it goes, and that somebody would get it.

    Raises:
        Refused: with the fields that are wrong, or the country that has no node.
    """
    declared = area.procedures[exchange.procedure]
    rule = declared.steps.get(step)
    form = procedure.form_of(area, exchange, step)
    if rule is None or not rule.local or form is None:
        return
    setting = forms.Setting(area=area, country=work.seat.node, today=work.seat.clock.now().date(), is_draft=True)
    if found := forms.problems(form, content, setting):
        raise Refused(Refusal.BAD_FORM, "; ".join(map(str, found)), tuple(found))
    peer = exchange.parties.get(declared.addressee)
    active = {entry.id for entry in work.seat.trust.nodes() if entry.status == "active"}
    if declared.kind != "record" and peer is not None and peer not in active:
        raise _nobody_there(peer)


def _nobody_there(peer: str) -> Refused:
    return Refused(
        Refusal.NOT_A_PARTY, f"the directory has no active node of {party_name(peer)} ({peer}): nobody would get it"
    )


def _is_overdue(work: WorkingSet, exchange: Exchange, today: date) -> bool:
    """Whether the other side's answer is overdue."""
    dues = deadlines.running(exchange, work.seat.area(exchange.area, exchange.version), public_holidays)
    return any(due.node != work.seat.node and due.overdue_days(today) > 0 for due in dues)


async def _require_authorities(work: WorkingSet, act: Act, exchange: Exchange, area: PolicyArea) -> None:
    if node_of(act.authority) != work.seat.node:
        raise Refused(Refusal.NOT_A_PARTY, f"{act.authority} is not an authority of this node ({work.seat.node})")
    named = await _named(work, list(filter(None, (act.authority, act.addressed))))
    for name, known in named.items():
        access.require_registered(known, name, area=area, procedure=exchange.procedure)
    access.require_behalf(named[act.authority], act.authority, act.on_behalf_of)
    rule = area.procedures[exchange.procedure].steps.get(act.step)
    names_another = rule is None or exchange.opened_at is None or rule.authority in ("hands_over", "shares")
    if act.addressed is not None and not names_another:
        raise Refused(Refusal.BAD_FORM, f"{act.step} names no other authority: leave {act.addressed} out")


async def _as_step(work: WorkingSet, act: Act, exchange: Exchange, area: PolicyArea, chunks: int) -> Step:
    """State the act; its number in each stream follows those of the chunks that go before it."""
    node = work.seat.node
    rule = area.procedures[exchange.procedure].steps.get(act.step)
    told = () if rule is None or rule.local else procedure.others(exchange, node)
    if told:
        work.seat.require_directory()
    for peer in told:
        if not work.seat.trust.is_active(peer, work.seat.clock.now()):
            raise _nobody_there(peer)
    return Step(
        id=work.seat.new_id(),
        sender=node,
        at=work.seat.clock.now(),
        to={peer: number + chunks for peer, number in work.next_numbers(told).items()},
        exchange=exchange.id,
        sequence=exchange.next_sequence(node),
        seen=exchange.seen,
        area=exchange.area,
        version=exchange.version,
        procedure=exchange.procedure,
        step=act.step,
        authority=act.authority,
        parties=exchange.parties,
        authorities=await _authorities(work, act, exchange, area),
        further=(act.addressed,)
        if act.addressed is not None and rule is not None and rule.authority == "shares"
        else (),
        on_behalf_of=act.on_behalf_of,
    )


async def _authorities(work: WorkingSet, act: Act, exchange: Exchange, area: PolicyArea) -> dict[str, str]:
    """Which authority acts from now on: our own, whom we forward to, and when opening the other side's."""
    declared = area.procedures[exchange.procedure]
    own = exchange.role_of(work.seat.node)
    if own is None:
        raise Refused(Refusal.NOT_A_PARTY, f"{work.seat.node} is no party to {exchange.id}")
    rule = declared.steps.get(act.step)
    if exchange.opened_at is not None or declared.kind == "record":
        hands_over = rule is not None and rule.authority == "hands_over" and act.addressed is not None
        return {own: act.addressed if hands_over and act.addressed is not None else act.authority}
    role = declared.addressee
    country = exchange.parties.get(role)
    addressed = act.addressed
    if addressed is None and country is not None:
        addressed = await _addressee(work, country, area, exchange.procedure)
    return {own: act.authority, **({role: addressed} if addressed else {})}


async def _named(work: WorkingSet, names: Sequence[str]) -> dict[str, Authority | None]:
    missing = [name for name in names if name not in work.authorities]
    if missing:
        work.authorities.update(await authorities_named(work.seat, work.db, missing))
    return {name: work.authorities[name] for name in names}


async def _addressee(work: WorkingSet, country: str, area: PolicyArea, name: str) -> str | None:
    key = (country, area.area, name)
    if key not in work.addressees:
        work.addressees[key] = await addressee_in(work.seat, work.db, country, area, name)
    return work.addressees[key]


async def _draft(work: WorkingSet, exchange: Exchange, area: PolicyArea) -> dict[str, object]:
    return await read_draft(work, exchange.id, area.procedures[exchange.procedure].opening)


def _disclosed(content: Mapping[str, object], random: Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A form's answers came as JSON and leave as JSON: not all that our reader takes is that, NaN for one."""
    fields: dict[str, JsonValue] = dict(content)  # type: ignore[arg-type]
    try:
        return signing.disclose(fields, random)
    except ValueError as error:
        raise Refused(Refusal.BAD_FORM, f"the form can't be stated as JSON: {error}") from error
