"""What a user writes, as terms; what can't be searched for gets a sentence that helps."""

import pytest

from node.handlers.search.indexing import ADDRESS, ANYWHERE, BEGINNING, DOMAIN, Term, terms_of
from node.handlers.search.searching import (
    Unsearchable,
    groups_of,
    require_area,
    require_party,
    require_state,
    states_of,
)
from schemas.search import Query
from tests.unit.handlers.cases import AREA

AREAS = {("e_commerce", 1): AREA}


def groups(**query: object) -> list[set[Term]]:
    return [set(group) for group in groups_of(Query.model_validate(query), AREAS)]


def test_words_must_all_be_there_each_in_any_of_its_spellings() -> None:
    assert groups(words="Müller Shop") == [
        {Term(ANYWHERE, "muller"), Term(ANYWHERE, "mueller")},
        {Term(ANYWHERE, "shop")},
    ]


def test_nothing_is_looked_for_where_nothing_is_given() -> None:
    assert groups() == []
    assert groups(words=" - ") == []


def test_a_beginning_is_looked_for_by_at_most_eight_letters() -> None:
    assert groups(words="Aphrodítes-* ELL*") == [{Term(BEGINNING, "aphrodit")}, {Term(BEGINNING, "ell")}]


@pytest.mark.parametrize(
    "words", ["www.example.eu", "domain:www.example.eu", "url:WWW.example.eu", "https://www.example.eu"]
)
def test_a_host_stands_for_all_within_it_however_it_is_written(words: str) -> None:
    assert groups(words=words) == [{Term(DOMAIN, "www.example.eu")}]


def test_an_address_with_a_path_stands_for_itself() -> None:
    assert (
        groups(words="https://www.example.eu/a/")
        == groups(domain="www.example.eu/a")
        == [{Term(ADDRESS, "www.example.eu/a")}]
    )


def test_a_domain_of_other_letters_is_found_in_both_ways_of_writing() -> None:
    assert groups(domain="münchen.example") == groups(domain="xn--mnchen-3ya.example")


def test_a_name_stands_for_all_fields_that_it_begins() -> None:
    [acme, limited] = groups(provider="Acme Ltd")

    assert {Term("field:provider_name", "acme"), Term("field:provider_registration", "acme")} <= acme
    assert {term.word for term in limited} == {"ltd"}
    assert groups(words='provider:"acme ltd"') == [acme, limited]


def test_codes_are_looked_for_in_the_fields_that_have_them() -> None:
    assert groups(ground="pp_minors") == groups(words="grounds:PP_minors") == [{Term("field:grounds", "pp_minors")}]
    [measures] = groups(measure="block_access")
    assert {Term("field:measures_asked", "block_access"), Term("field:measure_types", "block_access")} <= measures


def test_days_and_case_numbers_are_looked_for_as_they_are() -> None:
    assert groups(words="reply_requested_by:2026-12-24") == [{Term("field:reply_requested_by", "2026-12-24")}]
    assert groups(words="ECOM-REQ-DE-2026-000001") == [{Term(ANYWHERE, "ecom-req-de-2026-000001")}]


def test_urgency_is_what_the_declaration_calls_urgent() -> None:
    [urgent] = groups(urgent=True)

    assert Term("field:variant", "urgent") in urgent
    assert not urgent.isdisjoint(terms_of(AREA.forms["notification"], {"variant": "urgent"}))


@pytest.mark.parametrize(
    ("query", "remedy"),
    [
        ({"words": "color:red"}, "there is no field color; leave a blank after the colon if you mean the words"),
        ({"words": "ab*"}, "give at least 3 letters"),
        ({"ground": "economy"}, "ground takes one of cons"),
        ({"words": "description:word"}, "there is no field description"),
    ],
)
def test_what_can_not_be_searched_for_is_said_with_the_remedy(query: dict[str, str], remedy: str) -> None:
    with pytest.raises(Unsearchable, match=remedy.replace("(", r"\(")):
        groups(**query)


def test_a_status_stands_for_all_states_that_count_as_it() -> None:
    assert states_of("awaiting_acceptance", AREAS) == ("awaiting_acceptance", "forwarded")
    with pytest.raises(Unsearchable, match="there is no status lost; there are accepted"):
        states_of("lost", AREAS)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("GR", "GR: Greece has the code EL"),
        ("GB", "GB: United Kingdom has the code UK"),
        ("XX", "the federation has no country XX; there are AT, BE,"),
    ],
)
def test_a_code_of_no_country_is_refused_with_the_right_one(code: str, sentence: str) -> None:
    with pytest.raises(Unsearchable, match=sentence):
        require_party(code)


def test_what_is_not_declared_is_refused_with_what_is() -> None:
    with pytest.raises(Unsearchable, match="there is no policy area nix; there are e_commerce"):
        require_area("nix", None, AREAS)
    with pytest.raises(Unsearchable, match=r"there is no procedure nix in e_commerce; there are .*request"):
        require_area("e_commerce", "nix", AREAS)
    with pytest.raises(Unsearchable, match="there is no state nonsense; there are accepted"):
        require_state("nonsense", AREAS)


def test_what_is_declared_and_what_is_not_named_is_looked_for() -> None:
    require_party("EL")
    require_party("EC")
    require_party(None)
    require_area("e_commerce", "request", AREAS)
    require_area(None, None, AREAS)
    require_state("accepted", AREAS)
    require_state(None, AREAS)
