"""A notification begins with what the request says; nothing is copied that it has no field for."""

import pytest

from node.handlers.exchanges.copying import copied, require_copying
from node.handlers.exchanges.forms import Setting, problems
from node.handlers.refused import Refused
from schemas.exchange import Exchange
from schemas.identifiers import node_of
from schemas.policy_area import Field, PolicyArea
from tests.unit.handlers.cases import AREA, AT, REQUEST, after, form, opened

NOTE = {"name": "a.pdf", "type": "application/pdf", "size": 1, "hash": "h" * 43}


def request(**given: object) -> dict[str, object]:
    return form("send", "request", country_of_establishment="CY", **given)


def draft(content: dict[str, object], source: Exchange | None = None) -> dict[str, object]:
    return copied(AREA, source or opened(), content, "notification")


def test_the_shared_blocks_and_the_mapped_fields_are_copied() -> None:
    persons = [{"person_name": "Erika Mustermann", "person_sensitive_data": "none"}]
    content = request(
        subject="Fake shop",
        provider_name="Shop Ltd",
        grounds=["cons"],
        harm="Losses",
        persons=persons,
        proceedings=True,
    )

    made = draft({**content, "measures_considered": ["block_access"]})

    for name in ("subject", "provider_name", "grounds", "persons", "service_addresses", "proceedings"):
        assert made[name] == content[name]
    assert made["risk"] == "Losses"
    assert made["measure_types"] == ["block_access"]
    assert made["country_of_establishment"] == "CY"


def test_the_source_is_linked_with_the_day_on_which_it_was_sent() -> None:
    made = draft(request())

    assert made["requests"] == [REQUEST]
    assert made["asked_on"] == AT.date().isoformat()
    assert "reaction" not in made


def test_how_the_request_ended_is_copied_from_its_facts() -> None:
    answered = after(opened(), ("CY", "accept"), ("CY", "reply"))

    assert draft(request(), answered)["reaction"] == answered.facts["outcome"]


def test_files_and_what_the_declaration_leaves_out_stay_where_they_are() -> None:
    content = {**request(), "attachments": [NOTE], "links": [{"link_kind": "cpc"}], "guidance_reason": "x"}

    made = draft(content)

    assert {"attachments", "links", "guidance_reason", "guidance_outcome"}.isdisjoint(made)


def test_what_the_new_form_has_no_field_for_is_not_copied() -> None:
    made = draft({**request(), "facts": "Canary Erika", "steps_taken_details": "Canary Erika"})

    assert "Canary" not in str(made)
    fields = {field.name: field for field in AREA.forms["notification"].fields}
    sources = {field.name: field for field in AREA.forms["request"].fields}
    assert set(made) <= set(fields)
    personal = {name for name, field in sources.items() if field.personal and name in made}
    assert all(fields[name].personal for name in personal)


def test_a_copied_form_has_no_wrong_answers_and_lacks_only_what_a_request_does_not_say() -> None:
    made = draft({**request(), "measures_considered": ["block_access"]})
    found = problems(AREA.forms["notification"], made, Setting(area=AREA, country="DE", today=AT.date()))

    assert all("is mandatory" in problem.message for problem in found)


def with_field(**changes: object) -> PolicyArea:
    """The area with the notification's first field of that name changed."""
    notification = AREA.forms["notification"]
    fields = tuple(
        Field.model_validate({**field.model_dump(), **changes}) if field.name == changes["name"] else field
        for field in notification.fields
    )
    forms = {**AREA.forms, "notification": notification.model_copy(update={"fields": fields})}
    return AREA.model_copy(update={"forms": forms})


OTHER_FIELDS: dict[str, dict[str, object]] = {
    "of another type": {"name": "service_name", "type": "number"},
    "of other answers": {"name": "service_category", "answers": "channels"},
    "of one answer, not several": {"name": "grounds", "type": "choice"},
    "that may not have it": {"name": "service_category", "only": ("other",)},
    "that is to hold no personal data": {"name": "service_addresses", "personal": False},
}


@pytest.mark.parametrize("changes", OTHER_FIELDS.values(), ids=OTHER_FIELDS)
def test_an_answer_is_not_copied_into_a_field(changes: dict[str, object]) -> None:
    made = copied(with_field(**changes), opened(), request(), "notification")

    assert changes["name"] not in made


def test_of_a_group_only_the_parts_are_copied_that_there_are() -> None:
    part = {"name": "person_name", "type": "text", "label": "Name", "personal": True}
    area = with_field(name="persons", fields=[part])
    persons = [{"person_name": "Erika", "person_role": "owner"}]

    assert copied(area, opened(), request(persons=persons), "notification")["persons"] == [{"person_name": "Erika"}]


def test_only_the_country_that_sent_it_copies_it_and_only_as_declared() -> None:
    sent = opened()

    assert require_copying(AREA, sent, "notification", "DE").link_field == "requests"
    with pytest.raises(Refused, match=r"was not sent by this country"):
        require_copying(AREA, sent, "notification", "CY")
    with pytest.raises(Refused, match=r"was not sent by this country"):
        require_copying(AREA, sent.model_copy(update={"opened_at": None}), "notification", node_of("DE/x"))
    for source, target in ((sent, "outside"), (opened("notification"), "request"), (sent, "no_such")):
        with pytest.raises(Refused, match="does not say how"):
            require_copying(AREA, source, target, "DE")
