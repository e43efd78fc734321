"""Entries of the search index: the same word gives the same entry, and only with the key."""

from node.crypto.search_key import entry, search_key

KEY = search_key(b"\1" * 32)


def test_the_key_is_another_one_than_that_it_is_derived_from() -> None:
    assert KEY != b"\1" * 32
    assert search_key(b"\2" * 32) != KEY


def test_an_entry_depends_on_key_scope_and_word() -> None:
    assert entry(KEY, "domain", "example.eu") == entry(KEY, "domain", "example.eu")
    assert len({entry(KEY, "", "acme"), entry(KEY, "field", "acme"), entry(b"\3" * 32, "", "acme")}) == 3
    assert entry(KEY, "a", "bc") != entry(KEY, "ab", "c")


def test_an_entry_fits_in_a_column() -> None:
    assert all(-(1 << 63) <= entry(KEY, "", str(number)) < 1 << 63 for number in range(200))
