"""The declaration of the e-Commerce pilot holds every field and every answer of the catalogue.

The ids are those that the declaration's comments carry: h header, s service, p provider, r request, a reply,
c check of the reply, n notification, k comment, e assessment, f follow-up; L answer lists.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.declaration import parse_policy_area
from schemas.policy_area import Field, PolicyArea, Procedure, all_fields

DECLARATION = Path(__file__).parents[3] / "schemas" / "policy_areas" / "e_commerce.toml"

SHARED = {
    "h2": ("language",),
    "h5": ("subject",),
    "h6": ("confidential", "confidential_reason"),
    "h7": ("legal_articles",),
    "h8": ("guidance_outcome", "guidance_reason", "guidance_path", "guidance_doubt"),
    "h9": ("links", "links.link_kind", "links.link_exchanges", "links.link_reference"),
    "s1": ("service_name",),
    "s2": ("service_addresses",),
    "s3": ("service_category",),
    "s4": ("targeted_languages", "targeted_countries"),
    "p1": ("provider_kind",),
    "p2": ("provider_name",),
    "p3": ("country_of_establishment", "provider_address"),
    "p4": ("provider_registration",),
    "p5": ("provider_email", "provider_phone", "provider_representative"),
    "p6": (
        "persons",
        "persons.person_name",
        "persons.person_role",
        "persons.person_birth_date",
        "persons.person_sensitive_data",
    ),
    "p7": ("establishment_evidence", "establishment_reasons"),
    "p8": ("other_entities", "other_entities.entity_name", "other_entities.entity_role"),
}

RATINGS = {"c3": ("timeliness",), "c4": ("effort",)}

CATALOGUE: dict[str, dict[str, tuple[str, ...]]] = {
    "request": {
        **SHARED,
        "r1": ("grounds",),
        "r2": ("facts",),
        "r3": ("provisions", "provisions.provision_reference", "provisions.provision_explanation"),
        "r4": ("harm",),
        "r5": ("complaints", "persons_affected", "damage_eur"),
        "r6": ("vulnerable_groups",),
        "r7": ("measures_asked", "measures_asked_details"),
        "r8": ("steps_taken", "steps_taken_details"),
        "r9": ("proceedings", "proceedings_details"),
        "r10": ("measures_considered", "measures_considered_details"),
        "r11": ("reply_requested_by", "short_notice_reason"),
        "r12": ("sensitive_data", "sensitive_data_ground"),
        "r13": ("attachments",),
    },
    "acceptance": {"a2": ("reply_proposed_by",), "a1": ("acceptance_note",)},
    "forwarding": {"a1": ("forwarding_reason",)},
    "refusal": {"a1": ("refusal_reason", "refusal_details")},
    "information_asked": {"": ("information_needed", "information_needed_by")},
    "information_given": {"": ("information", "information_attachments")},
    "split": {"": ("split_measures", "split_reason")},
    "part_reply": {"": ("part_measures", "part_outcome", "part_text", "part_document")},
    "date_proposal": {"a2": ("reply_proposed_by", "date_reason")},
    "date_agreement": {"a2": ("reply_agreed_by",), "": ("date_note",)},
    "reply": {
        "a3": ("established", "established_details"),
        "a4": ("activity_legal", "activity_legal_details"),
        "a5": ("outcome",),
        "a6": ("measures_taken", "measures_taken_details", "measures_taken_on"),
        "a7": ("no_measures_reasons",),
        "a8": ("decision_document",),
        "a9": ("follow_up_on",),
        "a10": ("evidence_allowed",),
    },
    "satisfaction": {
        "c1": ("satisfied",),
        "c2": ("measures_adequate",),
        "c5": ("satisfaction_comment",),
    },
    "return_reply": {"": ("return_reason", "reply_requested_by")},
    "withdrawal": {"": ("withdrawal_reason",)},
    "referral": {"": ("referral_reason",), **RATINGS},
    "reconsideration": {"": ("referral_finding",), "a2": ("reply_proposed_by",)},
    "upholding": {"": ("referral_finding",)},
    "reopening": {"": ("reopening_reason",)},
    "reopening_refusal": {"": ("reopening_refusal_reason",)},
    "closure": {**RATINGS, "": ("closing_note",)},
    "plain_closure": {"": ("closing_note",)},
    "notification": {
        **SHARED,
        "n1": ("variant",),
        "n2": ("requests", "asked_on", "reaction"),
        "G1": ("no_request_reason",),
        "n3": ("inadequacy",),
        "n4": ("urgency_reasons", "urgency_details"),
        "n5": ("measure_taken_at",),
        "G3": ("not_taken_reason",),
        "n6": ("measure_planned_on",),
        "G2": ("early_measure_reason",),
        "n7": ("grounds",),
        "n8": ("measure_types",),
        "n9": ("measure_description",),
        "n10": ("national_law", "national_law.law_reference", "national_law.law_links", "national_law.law_text"),
        "n11": ("addressees", "addressee_names"),
        "n12": ("duration",),
        "n13": ("measure_ends_on",),
        "n14": ("territorial_scope",),
        "n15": ("risk",),
        "n16": ("suitability", "necessity", "balance"),
        "n17": ("remedies", "provider_heard", "remedies_details"),
        "n18": ("proceedings", "proceedings_details"),
        "n19": ("other_notifications",),
        "n20": ("decision_exists", "attachments"),
    },
    "opening_for_comments": {"": ("comments_requested_by", "opening_note")},
    "amendment": {
        "": ("amendment_reason",),
        "n5": ("measure_taken_at",),
        "n6": ("measure_planned_on",),
        "n8": ("measure_types",),
        "n9": ("measure_description",),
        "n11": ("addressees", "addressee_names"),
        "n12": ("duration",),
        "n13": ("measure_ends_on",),
        "n14": ("territorial_scope",),
        "n20": ("attachments",),
    },
    "comment": {
        "k1": ("comment_type",),
        "k2": ("comment_text",),
        "k3": ("comment_attachments",),
        "k4": ("comment_answer_by",),
    },
    "assessment": {
        "e1": ("assessment_status",),
        "e2": ("conclusion",),
        "e3": ("assessment_text",),
        "e4": ("action_asked", "answer_requested_by"),
    },
    "addendum": {
        "": ("addendum_text",),
        "n12": ("duration",),
        "n13": ("measure_ends_on",),
        "n14": ("territorial_scope",),
    },
    "answer": {"e5": ("measure_response", "answer_text", "answer_attachments")},
    "follow_up": {
        "f1": ("measure_result",),
        "f2": ("measure_result_on", "next_report_on"),
        "f3": ("measure_result_details",),
    },
    "outside": {
        "": (
            "outside_kind",
            "outside_on",
            "outside_channel",
            "counterpart_country",
            "outside_subject",
            "outside_summary",
            "outside_documents",
        )
    },
}

ANSWER_LISTS = {
    "L1": ("service_categories", 18),
    "L2": ("establishment_evidence", 7),
    "L3": ("grounds", 10),
    "L4": ("vulnerable_groups", 7),
    "L5": ("measures", 15),
    "L6": ("steps_taken", 6),
    "L7": ("sensitive_data", 3),
    "L8": ("refusal_reasons", 7),
    "L9": ("outcomes", 7),
    "L10": ("urgency_reasons", 6),
    "L11": ("addressees", 8),
    "L12": ("durations", 3),
    "L13": ("conclusions", 7),
}

PERSONAL = {
    "shared": {
        "service_addresses",
        "provider_email",
        "provider_phone",
        "provider_representative",
        *SHARED["p6"],
        *SHARED["p8"],
    },
    "request": {"facts", "steps_taken_details", "proceedings_details", "attachments"},
    "information_given": {"information", "information_attachments"},
    "part_reply": {"part_text", "part_document"},
    "outside": {"outside_summary", "outside_documents"},
    "reply": {"decision_document"},
    "notification": {"measure_description", "addressee_names", "proceedings_details", "attachments"},
    "amendment": {"measure_description", "addressee_names", "attachments"},
    "comment": {"comment_attachments"},
    "answer": {"answer_attachments"},
}

FACTS = {
    "request": {
        "guidance_outcome",
        "guidance_doubt",
        "service_category",
        "grounds",
        "measures_asked",
        "reply_requested_by",
    },
    "acceptance": {"reply_proposed_by"},
    "date_proposal": {"reply_proposed_by"},
    "date_agreement": {"reply_agreed_by"},
    "information_asked": {"information_needed_by"},
    "refusal": {"refusal_reason"},
    "reply": {"established", "activity_legal", "outcome"},
    "satisfaction": {"satisfied", "measures_adequate"},
    "return_reply": {"reply_requested_by"},
    "referral": {"timeliness", "effort"},
    "reconsideration": {"reply_proposed_by"},
    "closure": {"timeliness", "effort"},
    "notification": {
        "guidance_outcome",
        "guidance_doubt",
        "service_category",
        "variant",
        "reaction",
        "urgency_reasons",
        "grounds",
        "measure_types",
        "measure_planned_on",
        "duration",
        "measure_ends_on",
    },
    "opening_for_comments": {"comments_requested_by"},
    "amendment": {"measure_types", "measure_planned_on", "duration", "measure_ends_on"},
    "addendum": {"duration", "measure_ends_on"},
    "assessment": {"conclusion", "answer_requested_by"},
    "answer": {"measure_response"},
    "follow_up": {"measure_result", "next_report_on"},
    "outside": {"outside_kind", "outside_channel"},
}

LAST = {"s": 4, "p": 8, "r": 13, "a": 10, "c": 5, "n": 20, "k": 4, "e": 5, "f": 3}
IDENTS = [
    *("h2", "h5", "h6", "h7", "h8", "h9"),
    *(f"{letter}{number}" for letter, last in LAST.items() for number in range(1, last + 1)),
]

LONG_TEXT = 20_000  # characters


@pytest.fixture(scope="module")
def area() -> PolicyArea:
    return parse_policy_area(DECLARATION.read_text(encoding="utf-8"))


def _paths(fields: tuple[Field, ...], prefix: str = "") -> Iterator[tuple[str, Field]]:
    for field in fields:
        yield prefix + field.name, field
        yield from _paths(field.fields, f"{prefix}{field.name}.")


def _flat(ids: dict[str, tuple[str, ...]]) -> list[str]:
    return [path for paths in ids.values() for path in paths]


def test_is_the_pilot_with_the_retention_of_article_14(area: PolicyArea) -> None:
    assert (area.area, area.code, area.version, area.pilot) == ("e_commerce", "ECOM", 1, True)
    assert (area.retention.block_after_months, area.retention.delete_after_years) == (6, 3)
    assert {(name, procedure.code) for name, procedure in area.procedures.items()} == {
        ("request", "REQ"),
        ("notification", "NOT"),
        ("outside", "OUT"),
    }


@pytest.mark.parametrize("form", CATALOGUE)
def test_a_form_has_exactly_the_fields_of_the_catalogue_in_its_order(area: PolicyArea, form: str) -> None:
    assert [path for path, _ in _paths(area.forms[form].fields)] == _flat(CATALOGUE[form])


def test_there_is_no_form_outside_the_catalogue_and_each_is_used(area: PolicyArea) -> None:
    used = {step.form for procedure in area.procedures.values() for step in procedure.steps.values() if step.form}

    assert set(area.forms) == set(CATALOGUE) == used


@pytest.mark.parametrize("ident", IDENTS)
def test_every_id_of_the_catalogue_is_a_field_and_stands_in_a_comment(ident: str) -> None:
    assert any(ident in ids for ids in CATALOGUE.values())
    assert f"# {ident}\n" in DECLARATION.read_text(encoding="utf-8")


@pytest.mark.parametrize("ident", ANSWER_LISTS)
def test_every_answer_list_is_complete(area: PolicyArea, ident: str) -> None:
    name, count = ANSWER_LISTS[ident]

    assert len(area.answers[name]) == count
    assert f"[answers.{name}] # {ident}\n" in DECLARATION.read_text(encoding="utf-8")


def test_the_parties_and_languages_of_the_pilot_are_complete(area: PolicyArea) -> None:
    assert len(area.answers["languages"]) == 24 + 2  # Icelandic and Norwegian beside the official ones
    assert len(area.answers["countries"]) == 28 + 3
    assert {"el", "uk"} <= set(area.answers["countries"])


def test_every_answer_list_is_used_and_no_two_answers_read_alike(area: PolicyArea) -> None:
    used = {field.answers for form in area.forms.values() for field in all_fields(form.fields) if field.answers}

    assert used == set(area.answers)
    for answers in area.answers.values():
        assert len(set(answers.values())) == len(answers)


def test_every_label_says_something(area: PolicyArea) -> None:
    for form in area.forms.values():
        labels = [field.label for field in all_fields(form.fields)]
        assert form.label
        assert all(len(label) > 1 and label[0].isupper() for label in labels)


@pytest.mark.parametrize("form", CATALOGUE)
def test_personal_fields_are_exactly_those_of_the_catalogue(area: PolicyArea, form: str) -> None:
    expected = PERSONAL.get(form, set()) | (PERSONAL["shared"] if form in ("request", "notification") else set())

    assert {path for path, field in _paths(area.forms[form].fields) if field.personal} == expected


@pytest.mark.parametrize("form", CATALOGUE)
def test_statistical_facts_are_exactly_those_wanted(area: PolicyArea, form: str) -> None:
    assert {path for path, field in _paths(area.forms[form].fields) if field.fact} == FACTS.get(form, set())


@pytest.mark.parametrize("name", ["request", "notification"])
def test_a_fact_is_written_by_one_role_so_that_crossing_steps_can_not_differ(area: PolicyArea, name: str) -> None:
    writers: dict[str, set[str]] = {}
    for step in area.procedures[name].steps.values():
        for field in area.forms[step.form].fields if step.form else ():
            if field.fact:
                writers.setdefault(field.name, set()).update(step.by)

    assert {fact: roles for fact, roles in writers.items() if len(roles) > 1} == {}


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("intention", {"asked_on", "reaction", "inadequacy", "measure_planned_on"}),
        ("urgent", {"urgency_reasons", "urgency_details"}),
        ("court_criminal", set()),
    ],
)
def test_what_a_notification_must_say_depends_on_its_variant(
    area: PolicyArea, variant: str, expected: set[str]
) -> None:
    fields = area.forms["notification"].fields

    assert {field.name for field in fields if variant in field.mandatory_when.get("variant", ())} == expected


def test_conditions_name_answers_that_exist(area: PolicyArea) -> None:
    for form in area.forms.values():
        for field in all_fields(form.fields):
            for other, codes in field.mandatory_when.items():
                asked = form.field(other)
                known = set(area.answers[asked.answers]) if asked.answers else {"yes", "no"}
                assert set(codes) <= known, f"{field.name} depends on {other}"


def test_long_texts_have_room_and_are_offered_for_translation(area: PolicyArea) -> None:
    long = [field for form in area.forms.values() for field in form.fields if field.max_length == LONG_TEXT]

    assert {"facts", "measure_description", "suitability", "necessity", "balance"} <= {field.name for field in long}
    assert all(field.translate for field in long)


def test_a_request_goes_to_another_country_only(area: PolicyArea) -> None:
    for form in ("request", "notification"):
        assert area.forms[form].field("country_of_establishment").not_own_country


def _steps(procedure: Procedure, role: str, state: str) -> set[str]:
    return {name for name, step in procedure.steps.items() if role in step.by and state in step.sources}


def test_what_can_cross_the_steps_of_the_responding_side_is_a_withdrawal_an_answer_or_an_agreement(
    area: PolicyArea,
) -> None:
    request = area.procedures["request"]
    may_cross = {"withdraw", "give_information", "agree_date", "propose_reopening"}
    for state in request.states:
        if _steps(request, "responding", state):
            assert _steps(request, "requesting", state) <= may_cross


def test_a_withdrawal_wins_over_every_step_that_it_crosses(area: PolicyArea) -> None:
    request = area.procedures["request"]
    at_work = {"awaiting_acceptance", "forwarded", "accepted", "more_information_given", "referred"}
    responding = [step for step in request.steps.values() if "responding" in step.by and at_work & set(step.sources)]
    withdraw = request.steps["withdraw"]

    assert {step.to for step in responding if step.to} <= {*withdraw.sources, *withdraw.crossing}
    assert set(withdraw.crossing.values()) == {"withdrawn"}
    assert all(step.crossing == {"withdrawn": "withdrawn"} for step in responding)


def test_only_both_coordinators_reopen_and_the_case_stays_closed_until_then(area: PolicyArea) -> None:
    request = area.procedures["request"]
    proposed = {"reopening_proposed": "responding", "reopening_suggested": "requesting"}

    for state, other in proposed.items():
        assert request.states[state].final
        assert request.states[state].counts_as == "closed"
        leading = {name for name, step in request.steps.items() if state in step.sources}
        assert {request.steps[name].by for name in leading} == {(other,)}
        assert {request.steps[name].to for name in leading} == {"accepted", "closed"}
    reopening = [step for name, step in request.steps.items() if "reopening" in name or "suggestion" in name]
    assert len(reopening) == 6
    assert all(step.coordinators for step in reopening)


def test_personal_data_are_hidden_from_who_has_not_accepted_or_has_no_more_need(area: PolicyArea) -> None:
    states = area.procedures["request"].states

    hiding = {name for name, state in states.items() if state.hides_personal_from == ("responding",)}
    assert hiding == {"awaiting_acceptance", "forwarded", "refused", "withdrawn"}


def test_each_country_rates_the_other_once_the_reply_is_there(area: PolicyArea) -> None:
    for form in ("closure", "referral"):
        assert all(area.forms[form].field(name).mandatory for name in ("timeliness", "effort"))


@pytest.mark.parametrize(("procedure", "counting"), [("request", {"accept": "accepted", "reply": "answered"})])
def test_indicators_count_acceptance_and_answer(area: PolicyArea, procedure: str, counting: dict[str, str]) -> None:
    steps = area.procedures[procedure].steps

    assert {name: step.counts for name, step in steps.items() if step.counts} == counting


@pytest.mark.parametrize("name", ["request", "notification", "outside"])
def test_every_state_is_reached(area: PolicyArea, name: str) -> None:
    procedure = area.procedures[name]

    assert {step.to for step in procedure.steps.values() if step.to} == set(procedure.states) - {procedure.initial}


@pytest.mark.parametrize("name", ["request", "notification", "outside"])
def test_what_leaves_a_final_state_is_contested_or_reopened_by_coordinators(area: PolicyArea, name: str) -> None:
    procedure = area.procedures[name]
    for step_name, step in procedure.steps.items():
        left = {state for state in step.sources if procedure.states[state].final}
        if left and step.to is not None:
            assert step.coordinators or (step_name, left) == ("refer", {"refused"})


def test_a_notification_is_closed_for_good_and_what_is_said_later_leaves_it_closed(area: PolicyArea) -> None:
    steps = area.procedures["notification"].steps

    after = {name: step.to for name, step in steps.items() if "closed" in step.sources}
    assert after == dict.fromkeys(("assess", "answer", "follow_up", "addendum"))


@pytest.mark.parametrize("name", ["request", "notification"])
def test_a_deadline_belongs_to_a_party_and_its_date_stands_in_the_starting_form(area: PolicyArea, name: str) -> None:
    procedure = area.procedures[name]
    for deadline in procedure.deadlines.values():
        assert deadline.party in procedure.parties
        for step in deadline.started_by if deadline.field else ():
            form = procedure.steps[step].form
            assert form is not None
            assert area.forms[form].field(str(deadline.field)).type == "date"


def test_a_status_that_statistics_use_is_a_state(area: PolicyArea) -> None:
    for procedure in area.procedures.values():
        assert {state.counts_as for state in procedure.states.values() if state.counts_as} <= set(procedure.states)
