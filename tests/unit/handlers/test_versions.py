"""An amendment is a new version, with what changed field by field; comments make none."""

from collections.abc import Mapping

from node.handlers.exchanges.versions import Said, versions
from tests.unit.handlers.cases import AREA, AT, form, opened, step_of


def said(step: str, content: Mapping[str, object]) -> Said:
    made = step_of(opened("notification"), "DE", "follow_up")
    return Said(message=made.id, step=step, at=AT, content=content)


SENT = form("send", "notification", country_of_establishment="CY", duration="temporary", measure_ends_on="2027-01-01")
COMMENT = form("comment", "notification")


def test_what_was_sent_is_the_first_version() -> None:
    (only,) = versions(AREA, "notification", [said("send", SENT)])

    assert (only.number, only.step, only.changes, only.remarks) == (1, "send", (), {})
    assert only.content == SENT


def test_an_amendment_tells_what_changed_and_why() -> None:
    amendment = {
        "amendment_reason": "It was too long.",
        "duration": "permanent",
        "measure_types": SENT["measure_types"],
    }

    _, second = versions(AREA, "notification", [said("send", SENT), said("comment", COMMENT), said("amend", amendment)])

    assert (second.number, second.step) == (2, "amend")
    (change,) = second.changes
    assert (change.field, change.before, change.after) == ("duration", "temporary", "permanent")
    assert change.label == "Duration of the measure"
    assert second.content == {**SENT, "duration": "permanent"}
    assert second.remarks == {"amendment_reason": "It was too long."}


def test_an_answer_that_was_not_there_before_is_new() -> None:
    amendment = {"amendment_reason": "x", "addressee_names": "Access Ltd"}

    second = versions(AREA, "notification", [said("send", SENT), said("amend", amendment)])[1]

    assert [(change.before, change.after) for change in second.changes] == [(None, "Access Ltd")]


def test_an_addendum_after_closure_is_a_version_too_and_builds_on_the_last() -> None:
    steps = [
        said("send", SENT),
        said("amend", {"amendment_reason": "x", "duration": "permanent"}),
        said("close", {}),
        said("addendum", {"addendum_text": "Lifted in part.", "territorial_scope": "regional"}),
    ]

    found = versions(AREA, "notification", steps)

    assert [(each.number, each.step) for each in found] == [(1, "send"), (2, "amend"), (3, "addendum")]
    assert found[-1].content["duration"] == "permanent"
    assert [change.field for change in found[-1].changes] == ["territorial_scope"]


def test_a_comment_that_crosses_an_amendment_changes_no_version() -> None:
    amendment = said("amend", {"amendment_reason": "x", "duration": "permanent"})
    comment = said("comment", COMMENT)

    one = versions(AREA, "notification", [said("send", SENT), comment, amendment])
    other = versions(AREA, "notification", [said("send", SENT), amendment, comment])

    assert one == other


def test_without_what_was_sent_there_is_nothing_to_amend() -> None:
    assert versions(AREA, "notification", [said("amend", {"duration": "permanent"})]) == ()
