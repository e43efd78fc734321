"""A policy area as data: its forms, its procedures, its periods, its wording in English.

`parse_policy_area` reads a declaration and refuses one that contradicts itself. Whether the copies of an
exchange can be made to differ is a question of its own: `node.handlers.convergence`.
"""

import tomllib
from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field as Declared
from pydantic import PositiveInt, StringConstraints, ValidationError, model_validator

from schemas.frozen import Frozen
from schemas.identifiers import Slug

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
CaseCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,8}$")]

FieldType = Literal[
    "text",  # one line
    "long_text",  # free text, offered for translation
    "choice",  # one code of an answer list
    "choices",  # several codes of an answer list
    "yes_no",
    "number",
    "date",
    "moment",  # date and time, UTC
    "country",
    "urls",  # addresses, domains, app identifiers, short codes; one an entry
    "exchanges",  # case numbers of other exchanges
    "attachments",
    "group",  # fields of its own
]


class BadDeclaration(ValueError):
    """A policy area's declaration can't be used; the message names the place and the remedy."""


class Field(Frozen):
    """One question of a form."""

    name: Slug
    type: FieldType
    label: Label
    help: str = ""
    mandatory: bool = False
    mandatory_when: dict[Slug, tuple[str, ...]] = {}
    """Mandatory as soon as another field of the form has one of these codes ("yes" and "no" for yes_no)."""
    personal: bool = False
    """Holds personal data: blocked and deleted in time, never in reports without personal data."""
    translate: bool = False
    fact: bool = False
    """A coded answer that statistics may count; it is kept when the personal data are gone."""
    answers: Slug | None = None
    repeatable: bool = False
    fields: tuple["Field", ...] = ()
    max_length: PositiveInt = 4000
    """Characters of a text, or of each entry."""
    minimum: float | None = None
    not_own_country: bool = False
    not_before_today: bool = False
    not_after_today: bool = False

    @model_validator(mode="after")
    def _fits_its_type(self) -> "Field":
        if (self.type in ("choice", "choices")) != (self.answers is not None):
            raise ValueError(f"field {self.name}: `answers` goes with the types choice and choices, and only them")
        if (self.type == "group") != bool(self.fields):
            raise ValueError(f"field {self.name}: `fields` goes with the type group, and only with it")
        if self.fact and (self.personal or self.type not in ("choice", "choices", "yes_no", "country")):
            raise ValueError(f"field {self.name}: a statistical fact is a coded answer without personal data")
        return self


class Form(Frozen):
    """The fields that a step is filled in with."""

    label: Label
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """Return the field of that name; raises KeyError."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


class Party(Frozen):
    """A role in a procedure, and which node fills it."""

    label: Label
    filled_by: Literal["initiator", "field", "commission"]
    field: Slug | None = None
    """The country field of the opening form that names the node."""


class State(Frozen):
    """Where an exchange stands."""

    label: Label
    turn: Slug | None = None
    """The role that is expected to act next."""
    final: bool = False
    """Formally closed: the periods of IMI Regulation, Art. 14 run from the step that led here."""
    counts_as: Slug | None = None
    """The status under which statistics count it, where that differs from the state's own name."""


class StepRule(Frozen):
    """Who may take a step, from where to where, and what it means if it crosses another on the way."""

    label: Label
    by: tuple[Slug, ...]
    sources: tuple[Slug, ...] = Declared(alias="from")
    to: Slug | None = None
    """The state it leads to; without it the state stays."""
    form: Slug | None = None
    local: bool = False
    """Kept in the own node and told to nobody, as a draft is."""
    opens: bool = False
    """The first step that the other parties hear of."""
    crossing: dict[Slug, Slug] = {}
    """What it leads to when it arrives in a state that it could not be taken from."""


class Deadline(Frozen):
    """A period that one step starts and another settles."""

    label: Label
    party: Slug
    started_by: tuple[Slug, ...]
    settled_by: tuple[Slug, ...]
    days: PositiveInt | None = None
    field: Slug | None = None
    """A date field of the starting step's form, instead of a number of days."""
    working_days: bool = False


class Retention(Frozen):
    """How long personal data stay (IMI Regulation, Art. 14), in calendar periods from formal closure."""

    block_after_months: Annotated[int, Declared(ge=0, le=18)] = 6
    delete_after_years: Annotated[int, Declared(ge=0, le=3)] = 3


class Procedure(Frozen):
    """An administrative cooperation procedure: parties, states, steps."""

    kind: Literal["request", "notification"]
    code: CaseCode
    label: Label
    legal_basis: Label
    purpose: Label
    initial: Slug
    parties: dict[Slug, Party]
    states: dict[Slug, State]
    steps: dict[Slug, StepRule]
    deadlines: dict[Slug, Deadline] = {}

    @property
    def initiator(self) -> str:
        """The role that opens the exchange."""
        return next(role for role, party in self.parties.items() if party.filled_by == "initiator")

    @property
    def addressee(self) -> str:
        """The role that the exchange is first of all addressed to: the country named in the form."""
        return next(role for role, party in self.parties.items() if party.filled_by == "field")

    @property
    def opening(self) -> str:
        """The name of the step that opens the exchange for the other parties."""
        return next(name for name, step in self.steps.items() if step.opens)


class PolicyArea(Frozen):
    """One act of Union law, or a set of them, with the procedures that it provides for."""

    area: Slug
    code: CaseCode
    version: PositiveInt
    label: Label
    legal_basis: Label
    pilot: bool = False
    retention: Retention = Retention()
    answers: dict[Slug, dict[Slug, Label]]
    """Answer list -> code -> wording in English."""
    forms: dict[Slug, Form]
    procedures: dict[Slug, Procedure]

    @model_validator(mode="after")
    def _names_only_what_it_declares(self) -> "PolicyArea":
        problems = [*_form_problems(self)]
        for name, procedure in self.procedures.items():
            problems += [f"procedures.{name}: {problem}" for problem in _procedure_problems(self, procedure)]
        if problems:
            raise ValueError("; ".join(problems))
        return self


def all_fields(fields: Iterable[Field]) -> Iterator[Field]:
    """Walk fields, and the fields of groups, depth first."""
    for field in fields:
        yield field
        yield from all_fields(field.fields)


def _form_problems(area: PolicyArea) -> Iterator[str]:
    for name, form in area.forms.items():
        names = {field.name: field for field in form.fields}
        if len(names) != len(form.fields):
            yield f"forms.{name}: two fields have the same name"
        for field in all_fields(form.fields):
            if field.answers is not None and field.answers not in area.answers:
                yield f"forms.{name}.{field.name}: there is no answer list {field.answers}"
            yield from (
                f"forms.{name}.{field.name}: mandatory_when names the unknown field {other}"
                for other in field.mandatory_when
                if other not in names
            )


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
    for name, deadline in procedure.deadlines.items():
        known = {*procedure.steps}
        for step_name in {*deadline.started_by, *deadline.settled_by} - known:
            yield f"deadlines.{name}: the step {step_name} is not declared"
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
    if step.opens and (step.local or set(step.by) != {procedure.initiator}):
        yield "the opening step is taken by the initiator and told to the others"
    if step.opens and step.form in area.forms:
        for role, party in procedure.parties.items():
            if party.filled_by == "field" and not _is_country(area.forms[step.form], party.field):
                yield f"the role {role} is filled by {party.field}, which is no country field of its form"


def _is_country(form: Form, name: str | None) -> bool:
    return any(field.name == name and field.type == "country" for field in form.fields)


def parse_policy_area(text: str) -> PolicyArea:
    """Read a declaration.

    Args:
        text: TOML.

    Raises:
        BadDeclaration: not TOML, a field is missing or wrong, or a name is used that is not declared.
    """
    try:
        return PolicyArea.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadDeclaration(f"the declaration is not valid TOML: {error}") from error
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in item['loc']) or 'declaration'}: {item['msg']}" for item in error.errors()
        ]
        raise BadDeclaration("\n".join(lines)) from error
