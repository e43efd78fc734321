"""What does not fit its shape, as sentences that people can act on."""

import pytest
from pydantic import BaseModel, ValidationError

from schemas.mistakes import mistakes
from schemas.people import Grant
from schemas.register import AddUser, AuthorityQuery, CancelAbsence, SetAbsence
from schemas.search import Query
from schemas.structure import BadStructure, parse_structure

_GRANT = {"authority": "DE/port", "role": "handler"}


def said_of(shape: type[BaseModel], value: object) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        shape.model_validate(value)
    return [str(each) for each in mistakes(caught.value)]


@pytest.mark.parametrize(
    ("shape", "value", "sentence"),
    [
        (
            CancelAbsence,
            {"user": "Hugo!", "first": "2026-11-24"},
            "user: takes small letters, digits, dots, hyphens and underscores: hugo",
        ),
        (Grant, {**_GRANT, "authority": "port"}, "authority: takes an authority after the code of its country: DE/"),
        (Grant, {**_GRANT, "role": "boss"}, "role: takes one of handler, approver, allocator, referral_handler,"),
        (Grant, {**_GRANT, "area": "E-Commerce"}, "area: takes a name of small letters, digits and underscores: e_"),
        (AuthorityQuery, {"country": "Cyprus"}, "country: takes the code of a country in capitals: CY, EL for Greece"),
        (AuthorityQuery, {"language": "french"}, "language: takes a language's code of two small letters: fr"),
        (AuthorityQuery, {"limit": 0}, "limit: is too small; the least is 1"),
        (Query, {"after": "12"}, "after: takes a case number: ECOM-REQ-DE-2026-000123; `imi exchange list` shows"),
        (Query, {"role": "read"}, "role: takes one of sent, received"),
        (SetAbsence, {"user": "hugo", "absence": {"first": "soon", "last": "2026-11-24"}}, "absence.first: takes a d"),
        (AddUser, {"user": "hugo", "name": " ", "grants": (_GRANT,)}, "name: is empty; fill it in"),
        (AddUser, {"user": "hugo", "name": "Hugo", "email": "x", "grants": (_GRANT,)}, "email: takes an e-mail addr"),
        (AddUser, {"user": "hugo", "name": "Hugo", "grants": ()}, "grants: has too few entries; at least 1 is needed"),
    ],
)
def test_each_mistake_is_a_sentence_with_an_example(shape: type[BaseModel], value: object, sentence: str) -> None:
    [told] = said_of(shape, value)

    assert told.startswith(sentence)


def test_a_days_order_keeps_its_own_words() -> None:
    absence = {"first": "2026-11-24", "last": "2026-11-20"}

    assert said_of(SetAbsence, {"user": "hugo", "absence": absence}) == [
        "absence: last: an absence ends on or after its first day, 2026-11-24"
    ]


def test_a_wrong_entry_of_a_structure_is_named_and_no_entry_is_said_to_be_missing() -> None:
    with pytest.raises(BadStructure) as caught:
        parse_structure('[[authority]]\nname = "port"\ntitle = "Port"\ntitel = "x"\n')

    assert str(caught.value) == "authority[1].titel: there is no such field; correct its name, or leave it out"
