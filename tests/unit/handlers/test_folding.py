"""Words are found however they are written, in three scripts; addresses by their hosts and domains."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.handlers.search import folding

TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


@given(TEXT)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = folding.fold(text)

    assert folding.fold(once) == once


@given(TEXT)
def test_composed_and_decomposed_text_have_the_same_words(text: str) -> None:
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]

    assert [*folding.spellings(forms[0])] == [*folding.spellings(forms[1])]


@given(TEXT)
def test_words_are_long_enough_and_not_too_long(text: str) -> None:
    assert all(folding.MIN_WORD <= len(word) <= folding.MAX_WORD for word in folding.words(text))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("STRASSE Straße", "strasse strasse"),
        ("Ørsted Ålborg Ærø", "orsted alborg aero"),
        ("Þórður Ísland", "thordur island"),
        ("Œuvre naïve façade", "oeuvre naive facade"),
        ("Łódź Đorđe Český", "lodz dorde cesky"),
        ("Ελλάδα ΟΔΥΣΣΕΎΣ Προϊόν", "ελλαδα οδυσσευσ προιον"),
        ("София Йордан Ёлка", "софия иордан елка"),
        ("ﬁnance №5", "finance no5"),
        ("IMI İstanbul", "imi istanbul"),
        ("Ħal Għaxaq", "hal ghaxaq"),
    ],
)
def test_case_diacritics_and_ligatures_go(written: str, folded: str) -> None:
    assert folding.fold(written) == folded


def test_a_word_has_the_spellings_that_people_use_for_it() -> None:
    assert [*folding.spellings("Müller in Ålborg, a B2B shop")] == [
        ("muller", "mueller"),
        ("in",),
        ("alborg", "aalborg"),
        ("b2b",),
        ("shop",),
    ]


def test_hosts_are_found_in_a_text_and_behind_an_address() -> None:
    text = "See https://www.Shop.example.eu/x?y, write to info@help.example.com; Art.3 and e.g. are none."

    assert [*folding.hosts(text)] == ["www.shop.example.eu", "help.example.com"]


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://user:word@www.example.eu:8443/path?q#part", "www.example.eu"),
        ("EXAMPLE.eu.", "example.eu"),
        ("com.example.app", "com.example.app"),
        ("short code 12345", None),
        ("localhost", None),
    ],
)
def test_an_address_has_a_host_or_none(address: str, host: str | None) -> None:
    assert folding.host_of(address) == host


def test_a_host_lies_in_its_domains_in_both_ways_of_writing() -> None:
    unicode, punycode = "www.münchen.example", "www.xn--mnchen-3ya.example"

    assert folding.domains(unicode) == (
        "www.münchen.example",
        "münchen.example",
        "www.xn--mnchen-3ya.example",
        "xn--mnchen-3ya.example",
    )
    assert set(folding.domains(unicode)) == set(folding.domains(punycode))


def test_whole_addresses_are_compared_without_scheme_and_last_slash() -> None:
    assert folding.whole("HTTPS://Example.eu/A/") == folding.whole("http://example.eu/a") == "example.eu/a"


@given(TEXT)
def test_the_vocabulary_of_a_text_is_what_its_words_are_spelt_like(text: str) -> None:
    assert folding.vocabulary(text) == {word for spellings in folding.spellings(text) for word in spellings}


@given(TEXT)
def test_whatever_is_written_has_hosts_and_domains_or_none(text: str) -> None:
    for host in (*folding.hosts(f"{text} a.{text}.eu"), *filter(None, [folding.host_of(text)])):
        assert host in folding.domains(host) or folding.domains(host)


@pytest.mark.parametrize(
    "text", ["a" * 50_000, "a." * 50_000, "a-" * 50_000 + ".", "_" * 50_000 + ".eu", "x@" * 50_000]
)
def test_what_a_peer_writes_to_be_slow_is_looked_through_and_has_no_host(text: str) -> None:
    assert [*folding.hosts(text)] == []
    assert folding.host_of(text) is None
