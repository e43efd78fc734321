"""What a user searches for, as terms of the index: all of the groups must be met, each by any of its terms.

A name in front of a colon stands for every declared field that it names or begins: `provider:acme` looks into
`provider_name` and `provider_registration`, `ground:health` into `grounds`. So a policy area that is loaded later
can be searched without a change here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from node.handlers.search import folding
from node.handlers.search.indexing import (
    ADDRESS,
    ANYWHERE,
    BEGINNING,
    DOMAIN,
    LONGEST_BEGINNING,
    SHORTEST_BEGINNING,
    Term,
    field_scope,
)
from schemas.parties import COUNTRIES, is_party, no_party
from schemas.policy_area import Field, PolicyArea, all_fields
from schemas.search import Query

BLOCKED = "blocked"

Areas = Mapping[tuple[str, int], PolicyArea]
Group = frozenset[Term]
"""Terms of which an exchange must have at least one."""

_CASE_NUMBER = r"[A-Za-z]{2,8}-[A-Za-z]{2,8}-[A-Za-z]{2}-\d{4}-\d{6}"
_DAY = r"\d{4}-\d{2}-\d{2}"
_FORMS = {"date": _DAY, "moment": _DAY, "number": r"-?\d+(\.\d+)?", "exchanges": _CASE_NUMBER}
"""How answers of these types look; they have no list of codes."""

_PIECE = re.compile(r'(?:(?P<name>[a-z][a-z_]*):)?(?:"(?P<phrase>[^"]*)"|(?P<word>\S+))', re.IGNORECASE)


class Unsearchable(ValueError):
    """It can't be searched for in this way; the message says in which."""


def groups_of(query: Query, areas: Areas) -> list[Group]:
    """Give what has to be met.

    Raises:
        Unsearchable: a field or a code that there is not, or a beginning that is too short.
    """
    fields = _Fields(areas)
    groups = [group for piece in _PIECE.finditer(query.words) for group in _piece(piece, fields)]
    groups += fields.groups("provider", query.provider) if query.provider else ()
    groups += _address(query.domain) if query.domain else ()
    groups += fields.groups("ground", query.ground) if query.ground else ()
    groups += fields.groups("measure", query.measure) if query.measure else ()
    groups += [fields.urgent()] if query.urgent else ()
    return groups


def require_party(code: str | None) -> None:
    """Insist that a code, if there is one, stands for a party of the federation; raises Unsearchable."""
    if code is not None and not is_party(code):
        raise Unsearchable(no_party(code))


def require_area(area: str | None, procedure: str | None, areas: Areas) -> None:
    """Insist that a policy area and a procedure, as far as they are named, are declared here; raises Unsearchable."""
    names = sorted({name for name, _ in areas})
    if area is not None and area not in names:
        raise Unsearchable(f"there is no policy area {area}; there are {', '.join(names)}")
    procedures = {name for (of, _), each in areas.items() if area in (None, of) for name in each.procedures}
    if procedure is not None and procedure not in procedures:
        where = f" in {area}" if area is not None else ""
        raise Unsearchable(f"there is no procedure {procedure}{where}; there are {', '.join(sorted(procedures))}")


def require_state(state: str | None, areas: Areas) -> None:
    """Insist that a state, if one is named, is declared here; raises Unsearchable."""
    states = {name for area in areas.values() for procedure in area.procedures.values() for name in procedure.states}
    if state is not None and state not in states:
        raise Unsearchable(f"there is no state {state}; there are {', '.join(sorted(states))}")


def states_of(status: str, areas: Areas) -> tuple[str, ...]:
    """Name the states that count as a status.

    Raises:
        Unsearchable: there is none.
    """
    states = [
        each for area in areas.values() for procedure in area.procedures.values() for each in procedure.states.items()
    ]
    found = {name for name, state in states if status in (name, state.counts_as)}
    if not found:
        known = sorted({state.counts_as or name for name, state in states} | {BLOCKED})
        raise Unsearchable(f"there is no status {status}; there are {', '.join(known)}")
    return tuple(sorted(found))


def _piece(piece: re.Match[str], fields: "_Fields") -> Iterable[Group]:
    name, text = piece["name"], piece["phrase"] or piece["word"] or ""
    match name and name.lower():
        case None:
            return _anywhere(text)
        case "domain" | "url":
            return _address(text)
        case "http" | "https":
            return _address(piece[0])
        case known:
            return fields.groups(str(known), text)


def _anywhere(text: str) -> Iterator[Group]:
    if text.endswith("*"):
        yield frozenset({Term(BEGINNING, _beginning(text))})
    elif "." in text and folding.host_of(text) is not None:
        yield from _address(text)
    elif re.fullmatch(_CASE_NUMBER, text):
        yield frozenset({Term(ANYWHERE, folding.fold(text))})
    else:
        yield from _words(text, ANYWHERE)


def _words(text: str, *scopes: str) -> list[Group]:
    return [
        frozenset(Term(scope, word) for scope in scopes for word in spellings) for spellings in folding.spellings(text)
    ]


def _beginning(text: str) -> str:
    begins = folding.fold(text.rstrip("*"))[:LONGEST_BEGINNING]
    if len(begins) < SHORTEST_BEGINNING:
        raise Unsearchable(f"{text}: give at least {SHORTEST_BEGINNING} letters of the beginning of a word")
    return begins


def _address(text: str) -> list[Group]:
    """A bare host stands for all within it; an address with a path for itself."""
    host = folding.host_of(text)
    if host is None or "/" in folding.whole(text):
        return [frozenset({Term(ADDRESS, folding.whole(text))})]
    return [frozenset(Term(DOMAIN, each) for each in folding.domains(host) if each.count(".") == host.count("."))]


class _Fields:
    """The declared fields of all policy areas."""

    def __init__(self, areas: Areas) -> None:
        self._all = [
            (area, field)
            for area in areas.values()
            for form in area.forms.values()
            for field in all_fields(form.fields)
        ]

    def groups(self, name: str, value: str) -> list[Group]:
        """Give what a value in the fields of a name comes to: a code, or words of a text."""
        named = [(area, field) for area, field in self._all if _is_named(field, name)]
        if not named:
            raise Unsearchable(f"there is no field {name}; leave a blank after the colon if you mean the words")
        coded = frozenset(
            Term(field_scope(field.name), folding.fold(value)) for area, field in named if _has_code(area, field, value)
        )
        if coded:
            return [coded]
        texts = [field_scope(field.name) for _, field in named if field.type == "text"]
        if not texts:
            codes = sorted({code for area, field in named for code in _codes(area, field)})
            kinds = f"one of {', '.join(codes)}" if codes else "nothing that is searched for by the field's name"
            raise Unsearchable(f"{name} takes {kinds}")
        return _words(value, *dict.fromkeys(texts))

    def urgent(self) -> Group:
        """Give the answers that say that something is urgent."""
        return frozenset(
            Term(field_scope(field.name), code)
            for area, field in self._all
            for code in _codes(area, field)
            if code.startswith("urgent") or (code == "yes" and field.name.startswith("urgen"))
        )


def _is_named(field: Field, name: str) -> bool:
    return field.name in (name, f"{name}s") or field.name.startswith((f"{name}_", f"{name}s_"))


def _codes(area: PolicyArea, field: Field) -> Iterable[str]:
    match field.type:
        case "choice" | "choices":
            return area.answers[field.answers or ""]
        case "yes_no":
            return ("yes", "no")
        case "country":
            return COUNTRIES
        case _:
            return ()


def _has_code(area: PolicyArea, field: Field, value: str) -> bool:
    form = _FORMS.get(field.type)
    if form is not None:
        return re.fullmatch(form, value) is not None
    return folding.fold(value) in map(folding.fold, _codes(area, field))
