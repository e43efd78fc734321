"""Links and versions, told as lines."""

from datetime import UTC, datetime

from node.cli.links import link_lines, version_lines
from schemas.identifiers import message_id
from schemas.links import LinkView
from schemas.versions import Change, Version

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
REQUEST = "ECOM-REQ-DE-2026-000001"


def test_a_link_is_told_with_what_may_be_seen_of_its_other_end() -> None:
    seen = LinkView(kind="follows", outgoing=True, told=True, exchange=REQUEST, state_label="Refused")
    back = seen.model_copy(update={"outgoing": False})
    unseen = LinkView(kind="relates_to", outgoing=False, told=False)

    assert list(link_lines([seen, back, unseen])) == [
        f"It follows {REQUEST}: Refused",
        f"It is followed by {REQUEST}: Refused",
        "It relates to an exchange that you can't see (noted here, told to nobody)",
    ]
    assert list(link_lines([])) == ["There are no links."]


def test_a_version_is_told_with_what_changed() -> None:
    message = message_id(AT, bytes(10))
    changes = (
        Change(field="duration", label="Duration", before="temporary", after="permanent"),
        Change(field="measures", label="Measures", after=["warning", "fine"]),
    )
    sent = Version(number=1, message=message, step="send", at=AT, content={})
    amended = Version(number=2, message=message, step="amend", at=AT, content={}, changes=changes)

    assert list(version_lines([sent, amended], is_sent=True)) == [
        "Version 1, 24 Nov 2026, 08:00 UTC",
        "Version 2, 24 Nov 2026, 08:00 UTC",
        "  Duration: permanent, instead of temporary",
        "  Measures: warning, fine",
    ]
    assert list(version_lines([], is_sent=True)) == ["What it says is blocked or deleted."]
    assert list(version_lines([], is_sent=False)) == ["Nothing of it is sent yet: there are no versions."]
