from hypothesis import given
from hypothesis import strategies as st

from node.crypto.ledger import GENESIS, chain, verify_chain

ENTRIES = st.lists(st.binary(min_size=1, max_size=30), min_size=2, max_size=8, unique=True)


def chained(entries: list[bytes]) -> list[tuple[bytes, str]]:
    kept, previous = [], GENESIS
    for entry in entries:
        previous = chain(previous, entry)
        kept.append((entry, previous))
    return kept


@given(ENTRIES)
def test_an_untouched_ledger_is_whole(entries: list[bytes]) -> None:
    kept = chained(entries)
    assert verify_chain(kept) is None
    assert verify_chain(kept, head=kept[-1][1]) is None


@given(ENTRIES, st.data())
def test_a_changed_entry_shows_where_it_is(entries: list[bytes], data: st.DataObject) -> None:
    kept = chained(entries)
    place = data.draw(st.integers(0, len(kept) - 1))
    kept[place] = (kept[place][0] + b"!", kept[place][1])
    assert verify_chain(kept) == place


@given(ENTRIES, st.data())
def test_any_removed_entry_shows(entries: list[bytes], data: st.DataObject) -> None:
    kept = chained(entries)
    head = kept[-1][1]
    place = data.draw(st.integers(0, len(kept) - 1))
    del kept[place]
    assert verify_chain(kept, head=head) == place


@given(ENTRIES, st.data())
def test_swapped_entries_show(entries: list[bytes], data: st.DataObject) -> None:
    kept = chained(entries)
    place = data.draw(st.integers(0, len(kept) - 2))
    kept[place], kept[place + 1] = kept[place + 1], kept[place]
    assert verify_chain(kept) == place


@given(ENTRIES, st.data())
def test_the_rest_of_a_ledger_is_whole_from_where_it_begins(entries: list[bytes], data: st.DataObject) -> None:
    kept = chained(entries)
    place = data.draw(st.integers(1, len(kept) - 1))
    assert verify_chain(kept[place:], start=kept[place - 1][1]) is None


def test_an_empty_ledger_is_whole_unless_it_should_not_be_empty() -> None:
    assert verify_chain([]) is None
    assert verify_chain([], head=chain(GENESIS, b"entry")) == 0
