"""Which authority answers for a side after a step, which others have joined it, and for whom one acts.

A step changes responsibility on the side of its author only, and each side's steps are applied in their own order
everywhere: so all copies name the same authorities, whatever crosses.
"""

from collections.abc import Mapping

from node.handlers.refused import Refused
from schemas.exchange import Exchange
from schemas.identifiers import node_of
from schemas.messages import Step
from schemas.policy_area import StepRule
from schemas.refusal import Refusal


def responsible(exchange: Exchange, step: Step, rule: StepRule) -> Mapping[str, str]:
    """The responsible authority of each role after a step.

    Raises:
        Refused: the step names an authority of another country, or hands over to nobody else.
    """
    own = exchange.role_of(step.sender) or ""
    named = {role: authority for role, authority in step.authorities.items() if rule.opens or role == own}
    for role, authority in named.items():
        if exchange.parties.get(role) != node_of(authority):
            raise Refused(Refusal.NOT_A_PARTY, f"{authority} does not belong to the country that is {role}")
    if rule.opens:
        return {**exchange.authorities, **named}
    match rule.authority:
        case "takes_over":
            after = step.authority
        case "hands_over":
            after = _successor(exchange, step, named.get(own), own)
        case "shares" | "stays":
            after = exchange.authorities.get(own, step.authority)
    return {**exchange.authorities, own: after}


def joined(exchange: Exchange, step: Step, rule: StepRule) -> Mapping[str, tuple[str, ...]]:
    """The further authorities of each role after a step.

    Raises:
        Refused: one of another country joins, or nobody, or the step is none that shares.
    """
    if rule.authority != "shares":
        if step.further:
            raise Refused(Refusal.NOT_A_PARTY, f"{step.step} lets no further authority join")
        return exchange.further
    own = exchange.role_of(step.sender) or ""
    if not step.further or exchange.authorities.get(own) in step.further:
        raise Refused(Refusal.BAD_FORM, f"{step.step} names the authority that joins, beside the responsible one")
    for authority in step.further:
        if node_of(authority) != step.sender:
            raise Refused(Refusal.NOT_A_PARTY, f"{authority} does not belong to {step.sender}")
    return {**exchange.further, own: tuple(dict.fromkeys((*exchange.further.get(own, ()), *step.further)))}


def require_own_local_authority(step: Step) -> None:
    """Insist that whoever acts for another authority acts for one of its own country.

    Raises:
        Refused: it is another country's, or itself.
    """
    local = step.on_behalf_of
    if local is not None and (node_of(local) != step.sender or local == step.authority):
        raise Refused(Refusal.NOT_A_PARTY, f"{step.authority} can't act on behalf of {local}")


def _successor(exchange: Exchange, step: Step, named: str | None, own: str) -> str:
    if named is None or named == exchange.authorities.get(own):
        raise Refused(
            Refusal.BAD_FORM, f"{step.step} names the authority that takes over, another than the present one"
        )
    return named
