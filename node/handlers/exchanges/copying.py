"""A form for a new draft from an exchange of another procedure: what both ask is not asked twice.

Only answers are copied for which the new form has a field that holds the same, and what the declaration leaves out
is left out. Personal data go into a field of personal data or nowhere. Files stay where they are.
"""

from collections.abc import Iterator, Mapping

from node.handlers.exchanges.forms import Content, Value
from node.handlers.refused import Refused
from schemas.exchange import Exchange
from schemas.policy_area import Copying, Field, PolicyArea
from schemas.refusal import Refusal

_NEVER = ("attachments",)  # types whose answers mean nothing in another exchange


def require_copying(area: PolicyArea, source: Exchange, procedure: str, node: str) -> Copying:
    """Find how an exchange is copied into a new one of a procedure.

    Raises:
        Refused: the declaration does not provide for it, or the exchange was opened by another country.
    """
    target = area.procedures.get(procedure) if source.area == area.area else None
    copying = target.copies.get(source.procedure) if target is not None else None
    if copying is None:
        detail = f"the declaration does not say how {source.procedure} is copied into {procedure} of {area.area}"
        raise Refused(Refusal.NO_MEANING, detail)
    if source.opened_at is None or source.parties.get(area.procedures[source.procedure].initiator) != node:
        raise Refused(Refusal.NO_MEANING, f"{source.id} was not sent by this country: it is copied by the one that did")
    return copying


def copied(area: PolicyArea, source: Exchange, content: Content, procedure: str) -> dict[str, Value]:
    """Make the form that a new draft begins with.

    Args:
        area: the version that the new exchange will have.
        source: the exchange that is copied from.
        content: what its opening form says, as far as whoever copies may see it.
        procedure: of the new exchange; its declaration has `copies` for the source's.
    """
    target = area.procedures[procedure]
    copying = target.copies[source.procedure]
    there = {field.name: field for field in area.forms[copying.form].fields}
    here = {field.name: field for field in area.forms[target.steps[target.opening].form or ""].fields}
    form = dict(_answers(copying, there, here, content))
    for fact, name in copying.facts.items():
        if fact in source.facts and _is_possible(here[name], source.facts[fact]):
            form[name] = source.facts[fact]
    if copying.sent_on_field is not None and source.opened_at is not None:
        form[copying.sent_on_field] = source.opened_at.date().isoformat()
    form[copying.link_field] = [source.id]
    return form


def _answers(
    copying: Copying, there: Mapping[str, Field], here: Mapping[str, Field], content: Content
) -> Iterator[tuple[str, Value]]:
    mapped = {**{name: name for name in there if name in here}, **copying.fields}
    for source, target in mapped.items():
        if source not in copying.leaves_out and source in content:
            answer = _answer(there[source], here[target], content[source])
            if answer is not None:
                yield target, answer


def _answer(source: Field, target: Field, value: Value) -> Value | None:
    """The answer as it can stand in the new field; none where it can't."""
    if source.type in _NEVER or not target.holds_like(source) or not _may_hold(source, target):
        return None
    if source.type == "group":
        entries = value if isinstance(value, list) else [value]
        parts = [_group(source, target, entry) for entry in entries if isinstance(entry, dict)]
        return (parts or None) if target.is_list else next(iter(parts), None)
    if isinstance(value, list):
        return [item for item in value if _is_possible(target, item)] or None
    return value if _is_possible(target, value) else None


def _group(source: Field, target: Field, entry: Mapping[str, Value]) -> dict[str, Value]:
    there = {field.name: field for field in source.fields}
    parts = {
        field.name: _answer(there[field.name], field, entry[field.name])
        for field in target.fields
        if field.name in there and field.name in entry
    }
    return {name: part for name, part in parts.items() if part is not None}


def _may_hold(source: Field, target: Field) -> bool:
    return target.personal or not source.personal


def _is_possible(target: Field, value: Value) -> bool:
    return not target.only or value in target.only
