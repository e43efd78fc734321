"""Which exchanges a form names, and as what."""

from node.handlers.exchanges.links import named_links
from tests.unit.handlers.cases import AREA, NOTIFICATION, REQUEST

OTHER = "ECOM-REQ-DE-2026-000002"
FORM = AREA.forms["notification"]


def test_a_request_that_came_before_is_followed_and_others_are_related() -> None:
    content = {"requests": [REQUEST], "links": [{"link_kind": "cpc", "link_exchanges": [OTHER]}, {"link_kind": "cpc"}]}

    assert named_links(FORM, content, NOTIFICATION) == ((OTHER, "relates_to"), (REQUEST, "follows"))


def test_each_is_named_once_and_itself_not_at_all() -> None:
    content = {"requests": [REQUEST, REQUEST, NOTIFICATION], "links": [{"link_exchanges": [REQUEST, NOTIFICATION]}]}

    assert named_links(FORM, content, NOTIFICATION) == ((REQUEST, "follows"),)


def test_what_is_no_list_of_numbers_names_nothing() -> None:
    assert named_links(FORM, {"requests": 7, "links": "x", "subject": REQUEST}, NOTIFICATION) == ()
