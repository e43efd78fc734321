"""Whose turn it is, by the declaration alone: a side's authorities, or its coordinators."""

from schemas.exchange import Exchange
from schemas.policy_area import Deadline, Procedure


def is_for_coordinators(procedure: Procedure, state: str, role: str) -> bool:
    """Whether a state expects the coordinators of a role to decide: a referral, a reopening."""
    return procedure.states[state].turn == role and any(
        rule.coordinators and role in rule.by and state in rule.sources for rule in procedure.steps.values()
    )


def awaits_coordinators(exchange: Exchange, procedure: Procedure, node: str) -> bool:
    """Whether an exchange waits for a decision of the coordinators of a node's side."""
    role = exchange.role_of(node)
    return role is not None and is_for_coordinators(procedure, exchange.state, role)


def is_settled_by_coordinators(deadline: Deadline, procedure: Procedure) -> bool:
    """Whether it is the coordinators of its party who keep a period."""
    own = [rule for name in deadline.settled_by if deadline.party in (rule := procedure.steps[name]).by]
    return bool(own) and all(rule.coordinators for rule in own)
