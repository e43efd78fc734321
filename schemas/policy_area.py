"""A policy area as data: its forms, its procedures, its periods, its wording in English.

Declarations are read by `schemas.declaration`.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field as Declared
from pydantic import PositiveInt, StringConstraints, model_validator

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


def all_fields(fields: Iterable[Field]) -> Iterator[Field]:
    """Walk fields, and the fields of groups, depth first."""
    for field in fields:
        yield field
        yield from all_fields(field.fields)
