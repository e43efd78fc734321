"""Reads the declaration of a policy area, and refuses one that contradicts itself.

Whether the copies of an exchange can be made to differ is a question of its own: `node.handlers.convergence`.
"""

import tomllib
from collections.abc import Iterator

from pydantic import ValidationError

from schemas.policy_area import Field, PolicyArea, Procedure, StepRule, all_fields


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
        area = PolicyArea.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadDeclaration(f"the declaration is not valid TOML: {error}") from error
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in item['loc']) or 'declaration'}: {item['msg']}" for item in error.errors()
        ]
        raise BadDeclaration("\n".join(lines)) from error
    problems = [*_form_problems(area)]
    for name, procedure in area.procedures.items():
        found = (*_procedure_problems(area, procedure), *_fact_problems(area, procedure))
        problems += [f"procedures.{name}: {problem}" for problem in found]
    if problems:
        raise BadDeclaration("\n".join(problems))
    return area


def _form_problems(area: PolicyArea) -> Iterator[str]:
    for name, form in area.forms.items():
        names = {field.name: field for field in form.fields}
        if len(names) != len(form.fields):
            yield f"forms.{name}: two fields have the same name"
        for field in all_fields(form.fields):
            if field.answers is not None and field.answers not in area.answers:
                yield f"forms.{name}.{field.name}: there is no answer list {field.answers}"
        for field in form.fields:
            yield from (f"forms.{name}.{field.name}: {problem}" for problem in _condition_problems(area, names, field))


def _condition_problems(area: PolicyArea, names: dict[str, Field], field: Field) -> Iterator[str]:
    for other, codes in field.mandatory_when.items():
        if other not in names:
            yield f"mandatory_when names the unknown field {other}"
            continue
        possible = area.answers.get(names[other].answers or "", {"yes": "", "no": ""})
        yield from (f"mandatory_when: {other} has no answer {code}" for code in codes if code not in possible)


def _procedure_problems(area: PolicyArea, procedure: Procedure) -> Iterator[str]:
    filled = [party.filled_by for party in procedure.parties.values()]
    if filled.count("initiator") != 1 or filled.count("field") != 1:
        yield "exactly one party is filled by the initiator and exactly one by a field"
    if [step.opens for step in procedure.steps.values()].count(True) != 1:
        yield "exactly one step opens the exchange"
    if procedure.initial not in procedure.states:
        yield f"the initial state {procedure.initial} is not declared"
    for name, state in procedure.states.items():
        if state.turn is not None and state.turn not in procedure.parties:
            yield f"states.{name}: the role {state.turn} is not declared"
    for name, step in procedure.steps.items():
        yield from (f"steps.{name}: {problem}" for problem in _step_problems(area, procedure, step))
    yield from _deadline_problems(procedure)


def _deadline_problems(procedure: Procedure) -> Iterator[str]:
    for name, deadline in procedure.deadlines.items():
        for step_name in sorted({*deadline.started_by, *deadline.settled_by} - set(procedure.steps)):
            yield f"deadlines.{name}: the step {step_name} is not declared"
        if deadline.party not in procedure.parties:
            yield f"deadlines.{name}: the role {deadline.party} is not declared"
        if (deadline.days is None) == (deadline.field is None):
            yield f"deadlines.{name}: it has either `days` or a date `field`"


def _step_problems(area: PolicyArea, procedure: Procedure, step: StepRule) -> Iterator[str]:
    states = {*step.sources, *step.crossing, *step.crossing.values(), *((step.to,) if step.to else ())}
    for state in sorted(states - set(procedure.states)):
        yield f"the state {state} is not declared"
    for role in sorted(set(step.by) - set(procedure.parties)):
        yield f"the role {role} is not declared"
    if step.form is not None and step.form not in area.forms:
        yield f"the form {step.form} is not declared"
    initiators = {role for role, party in procedure.parties.items() if party.filled_by == "initiator"}
    if step.opens and (step.local or set(step.by) != initiators):
        yield "the opening step is taken by the initiator and told to the others"
    if step.opens:
        fields = area.forms[step.form].fields if step.form in area.forms else ()
        countries = {field.name for field in fields if field.type == "country"}
        for role, party in procedure.parties.items():
            if party.filled_by == "field" and party.field not in countries:
                yield f"the role {role} is filled by {party.field}, which is no country field of its form"


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
