"""Are the guards and the copying of a procedure declared soundly? Asked when a declaration is read."""

from collections.abc import Iterator, Mapping

from schemas.policy_area import Copying, Field, Form, Guard, PolicyArea, Procedure


def guard_problems(area: PolicyArea, procedure: Procedure) -> Iterator[str]:
    """Name what the guards of a procedure speak of, and is not declared."""
    for name, guard in procedure.guards.items():
        step = procedure.steps.get(guard.step)
        if step is None or step.form not in area.forms:
            yield f"guards.{name}: the step {guard.step} is not declared, or has no form"
            continue
        yield from (f"guards.{name}: {problem}" for problem in _guard_problems(area, area.forms[step.form], guard))


def _guard_problems(area: PolicyArea, form: Form, guard: Guard) -> Iterator[str]:
    types = {field.name: field.type for field in form.fields}
    if types.get(guard.reason_field) not in ("text", "long_text"):
        yield f"the reason_field {guard.reason_field} is no text of the form"
    for word, condition in (("when", guard.when), ("unless", guard.unless)):
        yield from (f"{word}{problem}" for problem in area.unknown_in(form, condition))
    for name in guard.needs_fields:
        if name not in types:
            yield f"needs_fields names the unknown field {name}"
    if guard.earliest_today is not None and types.get(guard.earliest_today) != "date":
        yield f"earliest_today is {guard.earliest_today}, which is no date of the form"
    if guard.needs_link is None:
        return
    if types.get(guard.needs_link.field) != "exchanges":
        yield f"needs_link.field is {guard.needs_link.field}, which names no exchanges"
    for name, states in guard.needs_link.procedures.items():
        there = area.procedures.get(name)
        if there is None:
            yield f"needs_link names the unknown procedure {name}"
        else:
            yield from (f"needs_link: {name} has no state {state}" for state in states if state not in there.states)


def copying_problems(area: PolicyArea, procedure: Procedure) -> Iterator[str]:
    """Name what the copying into a procedure speaks of, and is not declared or can't be copied so."""
    here = area.forms.get(next((step.form or "" for step in procedure.steps.values() if step.opens), ""))
    for name, copying in procedure.copies.items():
        if name not in area.procedures or copying.form not in area.forms or here is None:
            yield f"copies.{name}: the procedure, or its form {copying.form}, is not declared"
            continue
        there = area.forms[copying.form]
        yield from (f"copies.{name}: {problem}" for problem in _copying_problems(copying, there, here))
        yield from (
            f"copies.{name}: {problem}" for problem in _fact_problems(area, copying, area.procedures[name], here)
        )


def _copying_problems(copying: Copying, there: Form, here: Form) -> Iterator[str]:
    sources, targets = _by_name(there), _by_name(here)
    for name in sorted({*copying.fields, *copying.leaves_out} - set(sources)):
        yield f"the form {copying.form} has no field {name}"
    for source, target in copying.fields.items():
        if target not in targets:
            yield f"the opening form has no field {target}"
        elif source in sources and not targets[target].holds_like(sources[source]):
            yield f"{source} can't be copied to {target}: it is of another type, or has other answers"
        elif source in sources and _is_personal(sources[source]) and not _is_personal(targets[target]):
            yield f"{source} holds personal data, and {target} is declared to hold none"
    wanted: tuple[tuple[str, str | None, str], ...] = (
        ("link_field", copying.link_field, "exchanges"),
        ("sent_on_field", copying.sent_on_field, "date"),
    )
    for word, named, kind in wanted:
        if named is not None and (named not in targets or targets[named].type != kind):
            yield f"{word} is {named}, which is no field of the opening form of the type {kind}"


def _fact_problems(area: PolicyArea, copying: Copying, source: Procedure, here: Form) -> Iterator[str]:
    stated = {
        field.name: field
        for step in source.steps.values()
        if step.form in area.forms
        for field in area.forms[step.form].fields
        if field.fact
    }
    targets = _by_name(here)
    for fact, target in copying.facts.items():
        if fact not in stated:
            yield f"no form of the other procedure states the fact {fact}"
        elif target not in targets or not targets[target].holds_like(stated[fact]):
            yield f"the fact {fact} can't be copied to {target}: there is no such field, or it has other answers"


def _by_name(form: Form) -> Mapping[str, Field]:
    return {field.name: field for field in form.fields}


def _is_personal(field: Field) -> bool:
    return field.personal or bool(field.personal_when)
