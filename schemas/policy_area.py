"""A policy area as data: its forms, its procedures, its periods, its wording in English.

Declarations are read by `schemas.declaration`.
"""

from collections.abc import Iterable, Iterator, Mapping
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
    personal_when: dict[Slug, tuple[str, ...]] = {}
    """Holds personal data only when another field has one of these codes: the name of a natural person, say."""
    translate: bool = False
    fact: bool = False
    """A coded answer or a day that is kept when the personal data are gone: statistics count coded answers, and
    deadlines run by days."""
    answers: Slug | None = None
    only: tuple[Slug, ...] = ()
    """The codes of the answer list that are possible here; none means all."""
    default: str | None = None
    """The code that an empty form begins with: yes or no for yes_no."""
    link: Literal["follows", "relates_to"] = "relates_to"
    """What the exchange is to those that a field of the type exchanges names."""
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
        if self.only and self.answers is None:
            raise ValueError(f"field {self.name}: `only` goes with the types choice and choices, and only them")
        if self.default is not None and self.type not in ("choice", "yes_no"):
            raise ValueError(f"field {self.name}: `default` goes with the types choice and yes_no, and only them")
        if self.fact and (self.personal or self.type not in ("choice", "choices", "yes_no", "country", "date")):
            raise ValueError(f"field {self.name}: a fact is a coded answer or a day, without personal data")
        return self

    @property
    def is_list(self) -> bool:
        """Whether its answer is a list."""
        return self.repeatable or self.type in ("choices", "urls", "exchanges", "attachments")

    def holds_like(self, other: "Field") -> bool:
        """Whether an answer to the other field can stand here."""
        return (self.type, self.answers, self.is_list) == (other.type, other.answers, other.is_list)


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
    hides_personal_from: tuple[Slug, ...] = ()
    """Roles that do not see personal data yet, as before the acceptance of a request."""


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
    authority: Literal["takes_over", "hands_over", "shares", "stays"] = "takes_over"
    """Who is responsible on the side of its author afterwards: the authority that takes the step, the one that it
    names, the same as before with the named one joining for a part, or the same as before."""
    coordinators: bool = False
    """Taken by coordinators only: referrals, reopening."""
    amends: bool = False
    """Its form changes answers of the opening form: a new version of it."""
    of_a_part: bool = False
    """Taken only once a further authority of its side has joined for a part."""
    counts: Literal["", "accepted", "answered"] = ""
    """What indicators measure by it: acceptance, answer (Single Market Scoreboard)."""


class Deadline(Frozen):
    """A period that one step starts and another settles."""

    label: Label
    party: Slug
    started_by: tuple[Slug, ...]
    settled_by: tuple[Slug, ...]
    days: Annotated[int, Declared(ge=1, le=3660)] | None = None
    field: Slug | None = None
    """A date field of the starting step's form, instead of a number of days."""
    months: Annotated[int, Declared(ge=1, le=120)] | None = None
    after_closure: bool = False
    """It runs on when the exchange is formally closed: what became of a measure, say."""
    unless: dict[Slug, tuple[str, ...]] = {}
    """It does not run while one of these facts has one of these codes."""
    foremost: bool = False
    """Where it is said whose turn it is, it comes before other periods, even those that end earlier."""
    working_days: bool = False
    """Weekends and public holidays of the country of `party` do not count."""
    reminders: tuple[Annotated[int, Declared(ge=-366, le=366)], ...] = (0,)
    """When the party is reminded: days after the due day, or before it where negative."""
    escalates_after: Annotated[int, Declared(ge=0, le=366)] | None = None
    """How many days after the due day the coordinators of that side are told, if at all."""


class Guard(Frozen):
    """A rule of order that the law leaves to judgement: it warns and asks for a reason, and never blocks.

    It asks where one of its conditions is not met: `needs_link`, `needs_fields`, `earliest_today`.
    """

    label: Label
    """What is unusual, in one sentence."""
    legal_basis: Label
    step: Slug
    reason_field: Slug
    """The field of the step's form that takes the reason; with it filled in, the step is taken."""
    when: dict[Slug, tuple[str, ...]] = {}
    """It asks only where each of these fields has one of these codes; none means always."""
    unless: dict[Slug, tuple[str, ...]] = {}
    """It does not ask where a field has one of these codes: urgency, court proceedings."""
    needs_link: "NeededLink | None" = None
    """It asks unless the form names such another exchange."""
    needs_fields: tuple[Slug, ...] = ()
    """It asks unless these fields are filled in."""
    earliest_today: Slug | None = None
    """It asks if this date field lies before the day on which the step is taken."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> "Guard":
        if self.needs_link is None and not self.needs_fields and self.earliest_today is None:
            raise ValueError("a guard has `needs_link`, `needs_fields` or `earliest_today`: else it would never ask")
        return self


class NeededLink(Frozen):
    """An exchange with the same country that should have gone before."""

    field: Slug
    """The field of the form that names exchanges."""
    procedures: dict[Slug, tuple[Slug, ...]]
    """Of which procedures of the policy area it may be, and in which states it should stand."""
    overdue: bool = True
    """It may also be one whose answer is overdue."""


class Copying(Frozen):
    """How a form begins with what another procedure's exchange says."""

    form: Slug
    """The form of the other procedure that is copied from: its opening form."""
    fields: dict[Slug, Slug] = {}
    """Field there -> field here, beyond those of the same name and type."""
    leaves_out: tuple[Slug, ...] = ()
    """Fields of the same name that are not copied."""
    facts: dict[Slug, Slug] = {}
    """Fact of the other exchange -> field here: how it ended, say."""
    link_field: Slug
    """The field here that names the exchange copied from."""
    sent_on_field: Slug | None = None
    """The date field here that takes the day on which the other exchange was sent."""


class Retention(Frozen):
    """How long personal data stay (IMI Regulation, Art. 14), in calendar periods from formal closure."""

    block_after_months: Annotated[int, Declared(ge=0, le=18)] = 6
    delete_after_years: Annotated[int, Declared(ge=0, le=3)] = 3


class Procedure(Frozen):
    """An administrative cooperation procedure: parties, states, steps."""

    kind: Literal["request", "notification", "record"]
    """A record is kept at home and told to nobody: an exchange that was made outside the system."""
    code: CaseCode
    label: Label
    legal_basis: Label
    purpose: Label
    initial: Slug
    parties: dict[Slug, Party]
    states: dict[Slug, State]
    steps: dict[Slug, StepRule]
    deadlines: dict[Slug, Deadline] = {}
    guards: dict[Slug, Guard] = {}
    copies: dict[Slug, Copying] = {}
    """Procedure of the same policy area -> how an exchange of it is copied into one of this."""
    inactive_after_months: Annotated[int, Declared(ge=1, le=120)] = 2
    """Without a step for so long, the coordinators of both sides are told (IMI Regulation, Art. 14(7))."""

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
        """The name of the step that opens the exchange for the other parties; of a record the one that keeps it."""
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

    def codes(self, field: Field) -> set[str]:
        """The codes that a field can have, `only` left aside: of its answer list, or yes and no."""
        return set(self.answers.get(field.answers, ())) if field.answers is not None else {"yes", "no"}

    def unknown_in(self, form: Form, condition: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        """Name what a condition on fields of a form speaks of, and is not declared."""
        names = {field.name: field for field in form.fields}
        for other, codes in condition.items():
            if other not in names:
                yield f" names the unknown field {other}"
            else:
                unknown = [code for code in codes if code not in self.codes(names[other])]
                yield from (f": {other} has no answer {code}" for code in unknown)


def all_fields(fields: Iterable[Field]) -> Iterator[Field]:
    """Walk fields, and the fields of groups, depth first."""
    for field in fields:
        yield field
        yield from all_fields(field.fields)


def dated_facts(area: PolicyArea) -> frozenset[str]:
    """The names of facts that are days: deadlines run by them, statistics do not count them."""
    return frozenset(
        field.name for form in area.forms.values() for field in form.fields if field.fact and field.type == "date"
    )
