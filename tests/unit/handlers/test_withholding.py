"""Personal data before acceptance, and for those whose role does not need them."""

import pytest

from node.handlers.access import OWN_ACCOUNT_ALONE, Actor, Case
from node.handlers.exchanges import withholding
from tests.unit.handlers.access_cases import actor, case
from tests.unit.handlers.cases import AREA, form

REQUEST = AREA.forms["request"]


def waiting(node: str = "CY") -> Case:
    return case(state="awaiting_acceptance", node=node)


@pytest.mark.parametrize(
    ("user", "known", "because"),
    [
        (OWN_ACCOUNT_ALONE, waiting(), "before_acceptance"),
        (actor("handler"), waiting(), "before_acceptance"),
        (actor("allocator"), waiting(), "no_right"),
        (OWN_ACCOUNT_ALONE, case(), ""),
        (actor("handler"), case(), ""),
        (actor("allocator"), case(), "no_right"),
        (actor("handler", "CY/coordinator"), case(), "no_right"),
        (actor("referral_handler", "CY/coordinator"), case(state="referred"), ""),
        (actor("viewer", "CY/told"), case("notification", "sent"), ""),
    ],
)
def test_why_personal_data_are_withheld(user: Actor, known: Case, because: str) -> None:
    assert withholding.because(user, known) == because


def test_the_other_side_sees_its_own_request_at_any_time() -> None:
    known = waiting()
    at_home = Case(known.exchange, known.procedure, "DE", known.desk)

    assert not withholding.hides_personal(at_home)
    assert withholding.because(OWN_ACCOUNT_ALONE, at_home) == ""


def test_what_is_shown_holds_no_personal_data_and_no_files() -> None:
    content = form(
        "send",
        "request",
        country_of_establishment="CY",
        provider_kind="natural_person",
        provider_name="Erika Mustermann",
        attachments=[{"name": "a.pdf"}],
    )

    shown = withholding.shown(REQUEST, content)
    withheld = withholding.withheld(REQUEST, content)

    assert "Mustermann" not in str(shown)
    assert {"provider_name", "attachments", "service_addresses"} <= set(withheld)
    assert shown["subject"] == content["subject"]
    assert {name for name, value in content.items() if shown.get(name) == value} == content.keys() - set(withheld)


def test_the_name_of_a_company_is_shown() -> None:
    content = form(
        "send", "request", country_of_establishment="CY", provider_kind="legal_person", provider_name="Acme Ltd"
    )

    assert withholding.shown(REQUEST, content)["provider_name"] == "Acme Ltd"


def test_an_authority_reads_what_it_wrote() -> None:
    known = waiting()
    entry = known.exchange.history[0]
    ours = entry.model_copy(update={"sender": "CY", "authority": "CY/responsible"})

    assert withholding.wrote(actor("handler"), known, ours)
    assert withholding.wrote(OWN_ACCOUNT_ALONE, known, ours)
    assert not withholding.wrote(actor("handler", "CY/further"), known, ours)
    assert not withholding.wrote(actor("handler"), known, entry)
