"""What stays of a form when its content is gone: coded answers that statistics count, days that deadlines run by.

Each fact is stated by one role only, which the reading of a declaration sees to: so all copies hold the same facts,
whatever crossed.
"""

from node.handlers.exchanges.forms import Content
from schemas.exchange import Exchange
from schemas.policy_area import PolicyArea, StepRule


def facts_after(exchange: Exchange, area: PolicyArea, rule: StepRule, content: Content) -> dict[str, str]:
    """The facts after a step; a day that its form asks for and that it leaves open does not stand any longer.

    What amends says only what changes: there an open day stays as it was.
    """
    facts = dict(exchange.facts)
    for field in area.forms[rule.form].fields if rule.form is not None else ():
        if field.fact and field.name in content:
            facts[field.name] = _as_fact(content[field.name])
        elif field.fact and field.type == "date" and not rule.amends:
            facts.pop(field.name, None)
    return facts


def _as_fact(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return "+".join(sorted(str(item) for item in value))
        case _:
            return str(value)
