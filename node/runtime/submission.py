"""An act of a user of this node becomes a signed statement, and the exchange moves on."""

import json
from collections.abc import Mapping

from pydantic import JsonValue

from node.crypto import statement as signing
from node.crypto import vault
from node.crypto.keys import Random
from node.crypto.statement import Packed
from node.handlers import access, forms, procedure
from node.handlers.procedure import DropDraft, KeepDraft, Refused, Tell
from node.runtime import attachments
from node.runtime.working_set import WorkingSet, require_fits
from node.store import drafts
from schemas.exchange import Act, Exchange
from schemas.identifiers import node_of
from schemas.messages import Step
from schemas.parties import party_name
from schemas.policy_area import PolicyArea
from schemas.refusal import Refusal


async def take(work: WorkingSet, act: Act) -> Exchange:
    """Decide an act and put what follows from it into the working set.

    Raises:
        Refused, DirectoryExpired: nothing of it remains.
    """
    before, area, content = await _prepare(work, act)
    _require_authorities(work, act, before, area)
    form = procedure.form_of(area, before, act.step)
    chunks = await attachments.require_files(work, before.id, form, content) if form is not None else 0
    step = _as_step(work, act, before, area, chunks)
    digests, disclosures = _disclosed(content, work.seat.random)
    step = step.model_copy(update={"digests": digests})
    packed = Packed(jws=signing.sign(step, work.seat.keyring.current), disclosures=disclosures)
    require_fits(packed)
    statement_hash = signing.statement_hash(packed.jws)
    decision = procedure.decide(before, step, content, area=area, node=work.seat.node, statement_hash=statement_hash)
    for effect in decision.effects:
        match effect:
            case Tell():
                if form is not None:
                    await attachments.send_files(work, before, form, content)
                work.send(step, packed, statement_hash)
            case KeepDraft():
                await drafts.put(work.db, before.id, _sealed(work, before.id, content), work.seat.clock.now())
            case DropDraft():
                if act.exchange is not None:  # it was a draft before
                    await drafts.remove(work.db, before.id)
    work.change(decision.exchange)
    work.note(act.authority, f"step.{act.step}", before.id, message=step.id)
    return decision.exchange


async def _prepare(work: WorkingSet, act: Act) -> tuple[Exchange, PolicyArea, dict[str, object]]:
    """Find or begin the exchange, its policy area, and the form as it will be sent."""
    if act.exchange is None:
        area = work.seat.newest_area(act.area)
        return await _begin(work, act, area), area, forms.filled(act.form)
    exchange = work.exchanges.get(act.exchange)
    if exchange is None:
        raise Refused(Refusal.UNKNOWN_EXCHANGE, f"this node knows no exchange {act.exchange}; see `imi exchange list`")
    area = work.seat.area(exchange.area, exchange.version)
    if exchange.opened_at is not None:
        return exchange, area, forms.filled(act.form)
    content = forms.filled({**await _draft(work, exchange.id), **act.form})
    again = act.model_copy(update={"form": content, "procedure": exchange.procedure})
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


def _require_authorities(work: WorkingSet, act: Act, exchange: Exchange, area: PolicyArea) -> None:
    if node_of(act.authority) != work.seat.node:
        raise Refused(Refusal.NOT_A_PARTY, f"{act.authority} is not an authority of this node ({work.seat.node})")
    for name in filter(None, (act.authority, act.addressed)):
        access.require_registered(work.seat.trust.authority(name), name, area=area, procedure=exchange.procedure)


def _as_step(work: WorkingSet, act: Act, exchange: Exchange, area: PolicyArea, chunks: int) -> Step:
    """State the act; its number in each stream follows those of the chunks that go before it."""
    node = work.seat.node
    rule = area.procedures[exchange.procedure].steps.get(act.step)
    told = () if rule is None or rule.local else procedure.others(exchange, node)
    if told:
        work.seat.require_directory()
    for peer in told:
        if not work.seat.trust.is_active(peer, work.seat.clock.now()):
            raise Refused(
                Refusal.NOT_A_PARTY,
                f"the directory has no active node of {party_name(peer)} ({peer}): nobody would get it",
            )
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
        authorities=_authorities(work, act, exchange, area),
    )


def _authorities(work: WorkingSet, act: Act, exchange: Exchange, area: PolicyArea) -> dict[str, str]:
    """Which authority acts from now on: our own, whom we forward to, and when opening the other side's."""
    declared = area.procedures[exchange.procedure]
    own = exchange.role_of(work.seat.node)
    if own is None:
        raise Refused(Refusal.NOT_A_PARTY, f"{work.seat.node} is no party to {exchange.id}")
    if exchange.opened_at is not None:
        return {own: act.addressed or act.authority}
    role = declared.addressee
    country = exchange.parties.get(role)
    entry = work.seat.trust.entry(country) if country is not None else None
    addressed = act.addressed or (
        access.addressee(entry.authorities, area=area, procedure=exchange.procedure) if entry else None
    )
    return {own: act.authority, **({role: addressed} if addressed else {})}


async def _draft(work: WorkingSet, exchange_id: str) -> dict[str, object]:
    sealed = await drafts.get(work.db, exchange_id)
    if sealed is None:
        return {}
    content = vault.open_content(work.content_key(exchange_id), sealed, exchange_id.encode())
    return dict(json.loads(content))


def _sealed(work: WorkingSet, exchange_id: str, content: Mapping[str, object]) -> bytes:
    plain = json.dumps(content, ensure_ascii=False).encode()
    return vault.seal_content(work.content_key(exchange_id), plain, exchange_id.encode(), work.seat.random)


def _disclosed(content: Mapping[str, object], random: Random) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A form's answers came as JSON and leave as JSON: not all that our reader takes is that, NaN for one."""
    fields: dict[str, JsonValue] = dict(content)  # type: ignore[arg-type]
    try:
        return signing.disclose(fields, random)
    except ValueError as error:
        raise Refused(Refusal.BAD_FORM, f"the form can't be stated as JSON: {error}") from error
