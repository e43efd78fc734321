"""Reads the declaration of a policy area, and refuses one that contradicts itself.

Whether the copies of an exchange can be made to differ is a question of its own: `node.handlers.exchanges.convergence`.
Fields that several forms share are written once, in a block, and a form says `block = "service"` in their place.
"""

import tomllib
from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from schemas.ordering import copying_problems, guard_problems
from schemas.policy_area import Field, Form, PolicyArea, Procedure, StepRule, all_fields


class BadDeclaration(ValueError):
    """A policy area's declaration can't be used; the message names the place and the remedy."""


def parse_policy_area(text: str) -> PolicyArea:
    """Read a declaration.

    Args:
        text: TOML.

    Raises:
        BadDeclaration: not TOML, a field is missing or wrong, or a name is used that is not declared.
    """
    try:
        area = PolicyArea.model_validate(_with_blocks(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise BadDeclaration(f"the declaration is not valid TOML: {error}") from error
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in item['loc']) or 'declaration'}: {item['msg']}" for item in error.errors()
        ]
        raise BadDeclaration("\n".join(lines)) from error
    problems = [*_form_problems(area)]
    for name, procedure in area.procedures.items():
        found = (
            *_procedure_problems(area, procedure),
            *_fact_problems(area, procedure),
            *guard_problems(area, procedure),
            *copying_problems(area, procedure),
        )
        problems += [f"procedures.{name}: {problem}" for problem in found]
    if problems:
        raise BadDeclaration("\n".join(problems))
    return area


def _with_blocks(declared: dict[str, object]) -> dict[str, object]:
    """Put the fields of blocks where forms name them."""
    blocks, forms = declared.pop("blocks", {}), declared.get("forms")
    if not isinstance(blocks, dict) or not isinstance(forms, dict):
        return declared
    named: set[str] = set()
    whole: dict[str, object] = {}
    for name, form in forms.items():
        fields = form.get("fields") if isinstance(form, dict) else None
        if not isinstance(fields, list):
            whole[name] = form
            continue
        named |= {str(item["block"]) for item in fields if isinstance(item, dict) and "block" in item}
        whole[name] = {**form, "fields": [field for item in fields for field in _fields_of(name, item, blocks)]}
    if unused := sorted(set(blocks) - named):
        raise BadDeclaration(f"blocks: no form uses {', '.join(unused)}; use them or leave them out")
    return {**declared, "forms": whole}


def _fields_of(form: str, item: object, blocks: Mapping[str, object]) -> list[object]:
    if not isinstance(item, dict) or "block" not in item:
        return [item]
    fields = blocks.get(str(item["block"]))
    if len(item) != 1 or not isinstance(fields, list):
        there_are = ", ".join(blocks) or "none"
        raise BadDeclaration(
            f"forms.{form}: there is no block {item['block']}; there are {there_are}, and beside `block` stands nothing"
        )
    return fields


def _form_problems(area: PolicyArea) -> Iterator[str]:
    for name, form in area.forms.items():
        if len({field.name for field in form.fields}) != len(form.fields):
            yield f"forms.{name}: two fields have the same name"
        for field in all_fields(form.fields):
            yield from (f"forms.{name}.{field.name}: {problem}" for problem in _answer_problems(area, field))
        for field in form.fields:
            yield from (f"forms.{name}.{field.name}: {problem}" for problem in _condition_problems(area, form, field))


def _answer_problems(area: PolicyArea, field: Field) -> Iterator[str]:
    if field.answers is not None and field.answers not in area.answers:
        yield f"there is no answer list {field.answers}"
        return
    for code in sorted(set(field.only) - area.codes(field)):
        yield f"only names {code}, which the answer list {field.answers} does not have"
    possible = set(field.only) or area.codes(field)
    if field.default is not None and field.default not in possible:
        yield f"default is {field.default}; possible are {', '.join(sorted(possible))}"


def _condition_problems(area: PolicyArea, form: Form, field: Field) -> Iterator[str]:
    for word, condition in (("mandatory_when", field.mandatory_when), ("personal_when", field.personal_when)):
        yield from (f"{word}{problem}" for problem in area.unknown_in(form, condition))


def _procedure_problems(area: PolicyArea, procedure: Procedure) -> Iterator[str]:
    filled = [party.filled_by for party in procedure.parties.values()]
    if filled.count("initiator") != 1 or filled.count("field") != 1:
        yield "exactly one party is filled by the initiator and exactly one by a field"
    if [step.opens for step in procedure.steps.values()].count(True) != 1:
        yield "exactly one step opens the exchange"
    if procedure.kind == "record" and not all(step.local for step in procedure.steps.values()):
        yield "a record is kept at home: all its steps are local"
    if procedure.initial not in procedure.states:
        yield f"the initial state {procedure.initial} is not declared"
    for name, state in procedure.states.items():
        if state.turn is not None and state.turn not in procedure.parties:
            yield f"states.{name}: the role {state.turn} is not declared"
        for role in sorted(set(state.hides_personal_from) - set(procedure.parties)):
            yield f"states.{name}: it hides personal data from the role {role}, which is not declared"
    for name, step in procedure.steps.items():
        yield from (f"steps.{name}: {problem}" for problem in _step_problems(area, procedure, step))
    yield from _deadline_problems(area, procedure)


def _deadline_problems(area: PolicyArea, procedure: Procedure) -> Iterator[str]:
    for name, deadline in procedure.deadlines.items():
        for step_name in sorted({*deadline.started_by, *deadline.settled_by} - set(procedure.steps)):
            yield f"deadlines.{name}: the step {step_name} is not declared"
        if deadline.party not in procedure.parties:
            yield f"deadlines.{name}: the role {deadline.party} is not declared"
        for fact in sorted(deadline.unless.keys() - _facts(area)):
            yield f"deadlines.{name}: `unless` names {fact}, which is no field with `fact = true`"
        if sum(period is not None for period in (deadline.days, deadline.months, deadline.field)) != 1:
            yield f"deadlines.{name}: it has one of `days`, `months` and a date `field`"
        if deadline.field is not None:
            forms = (procedure.steps[step].form for step in deadline.started_by if step in procedure.steps)
            for form in sorted({form or "" for form in forms} - _forms_with_day(area, deadline.field)):
                yield f"deadlines.{name}: {deadline.field} is no date with `fact = true` of the form {form or '(none)'}"


def _forms_with_day(area: PolicyArea, field_name: str) -> set[str]:
    """The forms with a day of that name that is kept as a fact: deadlines run when the forms can't be read any more."""
    days = {(field_name, "date", True)}
    return {name for name, form in area.forms.items() if days & {(f.name, f.type, f.fact) for f in form.fields}}


def _step_problems(area: PolicyArea, procedure: Procedure, step: StepRule) -> Iterator[str]:
    states = {*step.sources, *step.crossing, *step.crossing.values(), *((step.to,) if step.to else ())}
    for state in sorted(states - set(procedure.states)):
        yield f"the state {state} is not declared"
    for role in sorted(set(step.by) - set(procedure.parties)):
        yield f"the role {role} is not declared"
    if step.form is not None and step.form not in area.forms:
        yield f"the form {step.form} is not declared"
    initiators = {role for role, party in procedure.parties.items() if party.filled_by == "initiator"}
    if step.opens and ((step.local and procedure.kind != "record") or set(step.by) != initiators):
        yield "the opening step is taken by the initiator and told to the others"
    yield from _amendment_problems(area, procedure, step)
    if step.opens:
        fields = area.forms[step.form].fields if step.form in area.forms else ()
        countries = {field.name for field in fields if field.type == "country"}
        for role, party in procedure.parties.items():
            if party.filled_by == "field" and party.field not in countries:
                yield f"the role {role} is filled by {party.field}, which is no country field of its form"


def _amendment_problems(area: PolicyArea, procedure: Procedure, step: StepRule) -> Iterator[str]:
    if not step.amends:
        return
    opening = next((one.form for one in procedure.steps.values() if one.opens), None)
    originals = {field.name: field for field in area.forms[opening].fields} if opening in area.forms else {}
    fields = area.forms[step.form].fields if step.form in area.forms else ()
    amended = [(field, originals[field.name]) for field in fields if field.name in originals]
    if not amended:
        yield "it amends, and its form has no field of the opening form"
    for field, original in amended:
        if not field.holds_like(original):
            yield f"it amends {field.name}, which is of another type or other answers in the opening form"


def _fact_problems(area: PolicyArea, procedure: Procedure) -> Iterator[str]:
    """A fact that two roles can state would depend on whose step arrives last."""
    stated: dict[str, set[str]] = {}
    for step in procedure.steps.values():
        fields = area.forms[step.form].fields if step.form in area.forms else ()
        for field in fields:
            if field.fact:
                stated.setdefault(field.name, set()).update(step.by)
    for name, roles in stated.items():
        if len(roles) > 1:
            yield f"the fact {name} is stated by {' and '.join(sorted(roles))}; give each a field of its own"


def _facts(area: PolicyArea) -> set[str]:
    return {field.name for form in area.forms.values() for field in form.fields if field.fact}
