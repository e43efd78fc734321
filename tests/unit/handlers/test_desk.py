"""What waits on a desk: prepared, submitted, sent back, released by somebody else, given to people."""

from collections.abc import Callable

import pytest

from node.handlers.exchanges import desk as desks
from node.handlers.exchanges.desk import NotOnDesk
from schemas.desk import Desk, Preparation
from tests.unit.handlers.cases import AT, REQUEST

DE = "DE/office"
EMPTY = Desk(exchange=REQUEST)
REPLY = Preparation(step="reply", authority=DE, form={"outcome": "partly"}, addressed="DE/other")
PREPARED = desks.prepare(EMPTY, REPLY, by="anna", at=AT)
SUBMITTED = desks.submit(PREPARED, "reply", by="anna", at=AT)
SENT_BACK = desks.send_back(SUBMITTED, "reply", "Give the date.", at=AT)


def test_a_step_is_prepared_submitted_and_sent_back_with_a_note() -> None:
    assert [each.pending["reply"].status for each in (PREPARED, SUBMITTED, SENT_BACK)] == [
        "draft",
        "awaiting_approval",
        "sent_back",
    ]
    assert SENT_BACK.pending["reply"].note == "Give the date."
    assert SENT_BACK.pending["reply"].by == "anna"
    assert SUBMITTED.pending["reply"].addressed == "DE/other"


def test_nothing_of_a_form_stands_on_the_desk() -> None:
    assert "partly" not in SUBMITTED.model_dump_json()


def test_what_was_sent_back_keeps_its_note_until_it_is_submitted_again() -> None:
    again = desks.prepare(SENT_BACK, REPLY, by="ben", at=AT)

    assert (again.pending["reply"].status, again.pending["reply"].note) == ("draft", "Give the date.")
    assert desks.submit(again, "reply", by="ben", at=AT).pending["reply"].note == ""


def test_preparing_again_takes_a_submitted_step_back() -> None:
    assert desks.prepare(SUBMITTED, REPLY, by="anna", at=AT).pending["reply"].status == "draft"
    assert desks.withdraw(SUBMITTED, "reply", by="anna", at=AT).pending["reply"].status == "draft"


def test_nobody_releases_what_he_submitted_himself() -> None:
    with pytest.raises(NotOnDesk, match=r"anna submitted reply .*: somebody else has to release it"):
        desks.require_release(SUBMITTED, "reply", by="anna")

    assert desks.require_release(SUBMITTED, "reply", by="boss").authority == DE
    assert desks.require_release(SUBMITTED, "reply", by=None).authority == DE


IMPOSSIBLE: list[tuple[Callable[[], object], str]] = [
    (lambda: desks.submit(EMPTY, "reply", by="anna", at=AT), "nothing of reply is prepared"),
    (lambda: desks.submit(PREPARED, "close", by="anna", at=AT), "nothing of close is prepared in .*; there is reply"),
    (lambda: desks.submit(SUBMITTED, "reply", by="ben", at=AT), "is submitted already, by anna"),
    (lambda: desks.withdraw(PREPARED, "reply", by="anna", at=AT), "does not wait for approval"),
    (lambda: desks.send_back(SENT_BACK, "reply", "Again.", at=AT), "does not wait for approval"),
    (lambda: desks.require_release(PREPARED, "reply", by="boss"), "does not wait for approval"),
    (lambda: desks.discard(EMPTY, "reply"), "nothing of reply is prepared"),
    (
        lambda: desks.prepare(PREPARED, REPLY.model_copy(update={"authority": "DE/other"}), by="eve", at=AT),
        "DE/office prepares reply .*; agree on one of you",
    ),
]


@pytest.mark.parametrize(("act", "words"), IMPOSSIBLE)
def test_what_the_desk_does_not_allow_is_said(act: Callable[[], object], words: str) -> None:
    with pytest.raises(NotOnDesk, match=words):
        act()


def test_a_draft_goes_to_whoever_writes_it_last_and_stays_addressed() -> None:
    first = Preparation(step="send", authority=DE, addressed="CY/telecom")
    second = Preparation(step="send", authority="DE/other")

    begun = desks.begun(EMPTY, first, by="anna", at=AT)
    after = desks.begun(begun, second, by="eve", at=AT)

    assert (after.pending["send"].authority, after.pending["send"].addressed) == ("DE/other", "CY/telecom")
    assert desks.discard(after, "send") == EMPTY


def test_whoever_takes_the_first_step_handles_the_exchange() -> None:
    taken = desks.taken(SUBMITTED, "reply", authority=DE, handler="anna")

    assert (taken.pending, taken.handlers) == ({}, {DE: "anna"})
    assert desks.taken(taken, "close", authority=DE, handler="ben") == taken
    assert desks.taken(EMPTY, "close", authority=DE, handler=None) == EMPTY


def test_an_exchange_is_given_to_one_handler_of_each_authority() -> None:
    given = desks.allocate(desks.allocate(EMPTY, DE, "anna"), "DE/other", "eve")

    assert desks.allocate(given, DE, "ben").handlers == {DE: "ben", "DE/other": "eve"}
    assert desks.allocate(given, DE, None).handlers == {"DE/other": "eve"}


def test_an_authority_is_told_once() -> None:
    told = desks.disseminate(EMPTY, ["DE/a", "DE/b"])

    assert desks.disseminate(told, ["DE/b", "DE/c"]).disseminated_to == ("DE/a", "DE/b", "DE/c")
