"""Which terms a form gives, derived from its declaration alone."""

from datetime import timedelta

from node.handlers.search.indexing import ADDRESS, ANYWHERE, BEGINNING, DOMAIN, Term, facets_of, field_scope, terms_of
from schemas.policy_area import Field, Form
from tests.unit.handlers.cases import AREA, AT, after, opened

FORM = Form(
    label="A form",
    fields=(
        Field(name="subject", type="text", label="Subject"),
        Field(name="story", type="long_text", label="Story"),
        Field(name="seller", type="text", label="Seller", personal=True),
        Field(name="seller_kind", type="choice", label="Kind", answers="kinds"),
        Field(name="places", type="urls", label="Places", personal=True),
        Field(name="harmful", type="yes_no", label="Harmful"),
        Field(name="day", type="date", label="Day"),
        Field(name="cases", type="exchanges", label="Cases"),
        Field(name="files", type="attachments", label="Files"),
        Field(
            name="persons",
            type="group",
            label="Persons",
            repeatable=True,
            personal=True,
            fields=(Field(name="person", type="text", label="Name"),),
        ),
    ),
)


def terms(**content: object) -> dict[Term, bool]:
    return terms_of(FORM, content)


def test_a_text_of_one_line_gives_words_their_beginnings_and_words_of_the_field() -> None:
    assert terms(subject="Größe 12") == dict.fromkeys(
        [
            *(Term(ANYWHERE, word) for word in ("grosse", "groesse", "12")),
            *(Term(field_scope("subject"), word) for word in ("grosse", "groesse", "12")),
            *(Term(BEGINNING, "grosse"[:length]) for length in (3, 4, 5, 6)),
            *(Term(BEGINNING, "groesse"[:length]) for length in (4, 5, 6, 7)),
        ],
        False,
    ) | {Term(BEGINNING, "gro"): False}


def test_a_long_text_gives_its_words_and_the_domains_of_addresses_in_it() -> None:
    assert terms(story="Aus Athen: shop.example.eu") == dict.fromkeys(
        [
            *(Term(ANYWHERE, word) for word in ("aus", "athen", "shop", "example", "eu")),
            *(Term(DOMAIN, domain) for domain in ("shop.example.eu", "example.eu")),
        ],
        False,
    )


def test_an_address_is_found_as_a_whole_and_by_its_domains() -> None:
    found = terms(places=["https://Shop.example.eu/a/"])

    assert {Term(ADDRESS, "shop.example.eu/a"), Term(DOMAIN, "example.eu"), Term(ANYWHERE, "shop")} < set(found)
    assert all(found.values())


def test_coded_answers_days_and_cases_stand_under_the_name_of_their_field() -> None:
    found = terms(seller_kind="natural", harmful=True, day="2026-11-24", cases=["ECOM-REQ-DE-2026-000001"])

    assert found == dict.fromkeys(
        [
            Term("field:seller_kind", "natural"),
            Term("field:harmful", "yes"),
            Term("field:day", "2026-11-24"),
            Term("field:cases", "ecom-req-de-2026-000001"),
            Term(ANYWHERE, "ecom-req-de-2026-000001"),
        ],
        False,
    )


def test_a_word_counts_as_personal_only_if_it_stands_nowhere_else() -> None:
    found = terms(seller="Acme Papadopoulos", subject="Acme", persons=[{"person": "Eleni"}])

    assert found[Term(ANYWHERE, "acme")] is False
    assert found[Term("field:seller", "acme")] is True
    assert found[Term(ANYWHERE, "papadopoulos")] is True
    assert found[Term("field:person", "eleni")] is True


def test_files_are_found_by_their_names() -> None:
    found = terms(files=[{"name": "Warrant.pdf", "personal": True}, {"name": "annex.pdf", "personal": False}])

    assert found[Term(ANYWHERE, "warrant")] is True
    assert found[Term(ANYWHERE, "annex")] is False


def test_facets_tell_how_an_exchange_stands() -> None:
    exchange = after(opened(), ("CY", "accept"))

    sent, received = (facets_of(exchange, AREA, node, AT + timedelta(days=1)) for node in ("DE", "CY"))

    assert (sent.role, received.role) == ("sent", "received")
    assert sent.parties == ("CY", "DE")
    assert set(sent.authorities) == {"DE/office", "CY/office"}
    assert (sent.state, sent.opened_at, sent.due_at, sent.closed_at) == ("accepted", AT, AT + timedelta(days=1), None)
    assert not sent.blocked
