"""What of an exchange can be searched for, derived from its declaration: no field is named here.

- Texts of one line: their words, the beginnings of these, and the words again under the field's name.
- Long texts: their words. Beginnings and field names would make the index several times as large.
- Addresses: as a whole, and by every domain that they lie in; also where a text quotes one.
- Coded answers, countries, days: under the field's name.

A term that stands only in fields with personal data says so: it finds an exchange only for those who may see them.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from node.handlers.search import folding
from schemas.exchange import Exchange
from schemas.policy_area import Field, Form, PolicyArea
from schemas.search import Facets

SHORTEST_BEGINNING, LONGEST_BEGINNING = 3, 8  # letters; a longer beginning is searched for by its first eight

ANYWHERE = ""
BEGINNING = "begins"
DOMAIN = "domain"
ADDRESS = "address"


class Term(NamedTuple):
    """A word and where it stands."""

    scope: str
    word: str


def field_scope(name: str) -> str:
    """The scope of what stands in a field."""
    return f"field:{name}"


def terms_of(form: Form, content: Mapping[str, object]) -> dict[Term, bool]:
    """Give the terms of a filled-in form, each with whether it stands among personal data only."""
    plain, personal = _Words(), _Words()
    _add_fields(form.fields, content, plain, personal)
    return {**dict.fromkeys(personal.terms(), True), **dict.fromkeys(plain.terms(), False)}


def facets_of(exchange: Exchange, area: PolicyArea, node: str, due_at: datetime | None) -> Facets:
    """Give the facets of an exchange as they now are.

    Args:
        exchange: this node's copy.
        area: its policy area.
        node: whose copy it is.
        due_at: the beginning of the day on which the next step is due, if any.
    """
    procedure = area.procedures[exchange.procedure]
    acted = {name for entry in exchange.history for name in (entry.authority, entry.on_behalf_of) if name}
    responsible = {*exchange.authorities.values(), *(name for names in exchange.further.values() for name in names)}
    return Facets(
        exchange=exchange.id,
        area=exchange.area,
        procedure=exchange.procedure,
        state=exchange.state,
        role="sent" if exchange.parties.get(procedure.initiator) == node else "received",
        parties=tuple(sorted(set(exchange.parties.values()))),
        authorities=tuple(sorted(acted | responsible)),
        opened_at=exchange.opened_at,
        accepted_at=_first_counted(exchange, area, "accepted"),
        due_at=due_at if exchange.closed_at is None else None,
        closed_at=exchange.closed_at,
        hides_personal=exchange.role_of(node) in procedure.states[exchange.state].hides_personal_from,
        blocked=exchange.blocked_at is not None,
    )


def _first_counted(exchange: Exchange, area: PolicyArea, counts: str) -> datetime | None:
    steps = area.procedures[exchange.procedure].steps
    return min((entry.at for entry in exchange.history if steps[entry.step].counts == counts), default=None)


class _Words(dict[str, set[str]]):
    """Words by scope. Forms have hundreds of words, so they are handled by the set."""

    def terms(self) -> Iterator[Term]:
        return (Term(scope, word) for scope, words in self.items() for word in words)

    def add(self, scope: str, words: Iterable[str]) -> None:
        self.setdefault(scope, set()).update(words)

    def add_text(self, text: str) -> set[str]:
        words = folding.vocabulary(text)
        self.add(ANYWHERE, words)
        for host in folding.hosts(text):
            self.add(DOMAIN, folding.domains(host))
        return words

    def add_answer(self, field: Field, answer: bool | str | float) -> None:  # noqa: FBT001  a form's answer
        scope = field_scope(field.name)
        text = {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else str(answer)
        match field.type:
            case "text":
                words = self.add_text(text)
                self.add(scope, words)
                self.add(BEGINNING, (each for word in words for each in _beginnings(word)))
            case "long_text":
                self.add_text(text)
            case "urls":
                self.add(ADDRESS, [folding.whole(text)])
                self.add_text(text)
            case "exchanges":
                self.add(ANYWHERE, [folding.fold(text)])
                self.add(scope, [folding.fold(text)])
            case "moment":
                self.add(scope, [text[:10]])
            case _:
                self.add(scope, [folding.fold(text)])


def _add_fields(fields: tuple[Field, ...], content: Mapping[str, object], plain: _Words, personal: _Words) -> None:
    for field in fields:
        own = personal if field.personal or field.personal_when else plain
        value = content.get(field.name)
        for entry in value if isinstance(value, list) else () if value is None else (value,):
            match entry:
                case dict() if field.type == "group":
                    _add_fields(field.fields, entry, own, personal)
                case {"name": str(name), **note} if field.type == "attachments":
                    (personal if note.get("personal") is True else own).add_text(name)
                case bool() | str() | int() | float():
                    own.add_answer(field, entry)


def _beginnings(word: str) -> Iterator[str]:
    for length in range(SHORTEST_BEGINNING, min(len(word), LONGEST_BEGINNING) + 1):
        yield word[:length]
