"""The recorded cases of a pilot: who was registered, and what was done in each case, when and by whom.

The file holds what a training federation needs in order to live a pilot through again: a registry of fictitious
authorities, and cases as plain lists of steps. It says nothing about free text: whoever replays a case fills in
the fields of a form that an event does not name.

`read_cases` answers for the file on its own: authorities exist and have the module that they use, nobody sends
to their own country, times are whole minutes and strictly increase. Whether the steps are those of a
declaration is for whoever replays them to find out.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from schemas.authorities import Name
from schemas.frozen import Frozen
from schemas.identifiers import COMMISSION, AuthorityId, NodeId, Slug, UtcTime, node_of

CaseLabel = Annotated[str, StringConstraints(pattern=r"^[A-Z]\d{3}$")]
Module = Literal["request", "notification"]


class BadCases(ValueError):
    """The file of cases can't be used; each line of the message names a case or an authority, and the field."""


class RegisteredAuthority(Frozen):
    """A fictitious authority with the modules that it has access to."""

    id: AuthorityId
    name: Name
    modules: Annotated[tuple[Module, ...], Field(min_length=1)]
    national_coordinator: bool = False


class Event(Frozen):
    """A step that was taken."""

    at: UtcTime
    """A whole minute."""
    by: NodeId
    """The party that took it; for a country the authority that has the case at that time."""
    step: Slug
    addressed: AuthorityId | None = None
    """In a forwarding: the authority of the same country that takes over."""
    form: dict[Slug, str | bool | tuple[str, ...]] = {}
    """Coded answers and dates of the step's form, those that matter for statistics and periods."""


class Case(Frozen):
    """One exchange from its sending to as far as it went."""

    id: CaseLabel
    """R001, N001: its name in this file; the case number is given when it is replayed."""
    procedure: Module
    sender: AuthorityId
    receiver: AuthorityId
    """The authority addressed in the country of establishment."""
    follows: tuple[CaseLabel, ...] = ()
    """Requests that a notification refers to."""
    events: Annotated[tuple[Event, ...], Field(min_length=1)]

    @property
    def parties(self) -> frozenset[str]:
        """The nodes that take part; the Commission is party to a notification and to no request."""
        commission = {COMMISSION} if self.procedure == "notification" else set[str]()
        return frozenset({node_of(self.sender), node_of(self.receiver), *commission})

    @model_validator(mode="after")
    def _is_a_story(self) -> "Case":
        if problems := [*_story_problems(self)]:
            raise ValueError("; ".join(problems))
        return self


class Pilot(Frozen):
    """All cases of a pilot, and the authorities in them."""

    about: tuple[str, ...]
    """What the reader must know: the sources, and what was chosen where they are silent."""
    registry: dict[NodeId, tuple[RegisteredAuthority, ...]]
    cases: tuple[Case, ...]

    @property
    def authorities(self) -> dict[str, RegisteredAuthority]:
        """All authorities by their ids."""
        return {authority.id: authority for listed in self.registry.values() for authority in listed}

    def sent(self, procedure: Module, first: date, last: date) -> tuple[Case, ...]:
        """Return the cases of a procedure that were sent between two days, both included (UTC)."""
        return tuple(
            case for case in self.cases if case.procedure == procedure and first <= case.events[0].at.date() <= last
        )

    @model_validator(mode="after")
    def _names_only_what_it_holds(self) -> "Pilot":
        if problems := [*_registry_problems(self), *_case_problems(self)]:
            raise ValueError("\n".join(problems))
        return self


def _story_problems(case: Case) -> Iterator[str]:
    if node_of(case.sender) == node_of(case.receiver):
        yield "receiver: it is in the sender's own country"
    if case.events[0].step != "send" or case.events[0].by != node_of(case.sender):
        yield "events.0: a case begins with `send`, by the sender's country"
    for number, event in enumerate(case.events):
        if event.by not in case.parties:
            yield f"events.{number}.by: {event.by} is no party to the case"
        if event.at.second or event.at.microsecond:
            yield f"events.{number}.at: it is no whole minute"
        if (event.step == "forward") != (event.addressed is not None):
            yield f"events.{number}.addressed: a forwarding, and nothing else, names an authority"
        if event.addressed is not None and node_of(event.addressed) != event.by:
            yield f"events.{number}.addressed: {event.addressed} is in another country"
    for number, (earlier, later) in enumerate(pairwise(case.events), start=1):
        if later.at <= earlier.at:
            yield f"events.{number}.at: it is not after the event before it"


def _registry_problems(pilot: Pilot) -> Iterator[str]:
    for country, listed in pilot.registry.items():
        identifiers = [authority.id for authority in listed]
        yield from (
            f"registry.{country}: {identifier} is an authority of another country"
            for identifier in identifiers
            if node_of(identifier) != country
        )
        yield from (f"registry.{country}: two authorities are {identifier}" for identifier in _twice(identifiers))
        if sum(authority.national_coordinator for authority in listed) > 1:
            yield f"registry.{country}: a country has one national coordinator (IMI Regulation, Art. 6)"


def _case_problems(pilot: Pilot) -> Iterator[str]:
    labels = [case.id for case in pilot.cases]
    yield from (f"case {label}: id: it is used twice" for label in _twice(labels))
    authorities = pilot.authorities
    for case in pilot.cases:
        for place, identifier in _named(case):
            if identifier not in authorities:
                yield f"case {case.id}: {place}: {identifier} is not in the registry"
            elif case.procedure not in authorities[identifier].modules:
                yield f"case {case.id}: {place}: {identifier} has no access to the {case.procedure} module"
        for label in set(case.follows) - set(labels):
            yield f"case {case.id}: follows: there is no case {label}"


def _named(case: Case) -> Iterator[tuple[str, str]]:
    yield "sender", case.sender
    yield "receiver", case.receiver
    for number, event in enumerate(case.events):
        if event.addressed is not None:
            yield f"events.{number}.addressed", event.addressed


def _twice(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def read_cases(path: Path) -> Pilot:
    """Read a file of cases.

    Args:
        path: JSON, UTF-8.

    Raises:
        BadCases: the file is missing, is not JSON, or contradicts itself; the message says where.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadCases(f"{path}: it can't be read: {error.strerror}; give the path of a file of cases") from error
    except ValueError as error:
        raise BadCases(f"{path}: it is not JSON in UTF-8: {error}") from error
    try:
        return Pilot.model_validate(content)
    except ValidationError as error:
        raise BadCases("\n".join(_told(error, content))) from error


def _told(error: ValidationError, content: object) -> list[str]:
    """Say each problem with the case's own name instead of its place in the list."""
    lines = []
    for item in error.errors(include_url=False):
        place = [*item["loc"]]
        message = item["msg"].removeprefix("Value error, ")
        match place:
            case ["cases", int(number), *rest]:
                where = ".".join(str(part) for part in rest)
                lines.append(": ".join(part for part in (f"case {_label(content, number)}", where, message) if part))
            case []:
                lines.append(message)
            case _:
                lines.append(f"{'.'.join(str(part) for part in place)}: {message}")
    return lines


def _label(content: object, number: int) -> str:
    match content:
        case {"cases": [*cases]} if isinstance(cases[number], dict) and isinstance(cases[number].get("id"), str):
            return str(cases[number]["id"])
        case _:
            return f"number {number + 1} of the file"
