"""Requests about personal data: two persons, a time box, 30 days, counts; and what may be said about an answer."""

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from node.handlers.persons import rectification
from node.handlers.persons import requests as privacy
from node.handlers.persons.requests import SecondPersonNeeded
from node.handlers.refused import Refused
from schemas.identifiers import message_id
from schemas.messages import Rectification
from schemas.privacy import Asking, DataRequest, Decision, Detail, RectificationOrder
from schemas.refusal import Refusal
from tests.unit.handlers.cases import AREA, REQUEST, form, opened

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
FULL = Detail(reasons="A court asks for it.", consent="Letter of 3 November, file 12", person="E. M.")


def asking(kind: str = "blocked_access", **changes: object) -> Asking:
    ground = "proof_with_consent" if kind == "blocked_access" else None
    given = {"kind": kind, "authority": "DE/office", "exchange": REQUEST, "ground": ground, "detail": FULL}
    return Asking.model_validate({**given, **changes})


def request(kind: str = "blocked_access", by: str | None = "anna", **changes: object) -> DataRequest:
    return privacy.asked(asking(kind, **changes), number=1, by=by, now=NOW)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ground": None}, "access to blocked data names one"),
        ({"kind": "correction", "ground": "public_interest"}, "nothing else does"),
        ({"detail": Detail(reasons="Why")}, "proof of the person's consent"),
        ({"kind": "early_deletion", "ground": None, "detail": Detail(reasons="Why")}, "proof of the person's consent"),
        ({"ground": "public_interest", "detail": Detail()}, "say why"),
        ({"kind": "erasure", "ground": None, "exchange": None}, "only a person's request for access"),
    ],
)
def test_what_is_asked_without_its_ground_is_not_taken(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        asking(**{"kind": "blocked_access", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["blocked_access", "early_deletion"])
def test_it_takes_two_persons(kind: str) -> None:
    with pytest.raises(SecondPersonNeeded, match="two users"):
        request(kind, by=None)
    for by in ("anna", None):
        with pytest.raises(SecondPersonNeeded, match="another user"):
            privacy.decided(request(kind), Decision(granted=True), by=by, now=NOW)

    granted = privacy.decided(request(kind), Decision(granted=True), by="ben", now=NOW)
    assert (granted.status, granted.decided_by) == ("granted", "ben")
    with pytest.raises(Refused, match="granted already"):
        privacy.decided(granted, Decision(granted=False), by="ben", now=NOW)


def test_a_look_is_for_who_asked_and_ends_after_the_hours_that_were_granted() -> None:
    granted = privacy.decided(request(), Decision(granted=True, hours=2), by="ben", now=NOW)
    assert granted.until == NOW + timedelta(hours=2)
    assert privacy.looked_at(granted, by="anna", now=NOW + timedelta(minutes=119)).views == 1
    with pytest.raises(Refused, match="time for request 1 is over"):
        privacy.looked_at(granted, by="anna", now=NOW + timedelta(hours=2))
    for by in ("ben", None):
        with pytest.raises(Refused, match="to anna, and to nobody else"):
            privacy.looked_at(granted, by=by, now=NOW)
    for other in (request(), privacy.decided(request(), Decision(granted=False), by="ben", now=NOW)):
        with pytest.raises(Refused, match="grants no look"):
            privacy.looked_at(other, by="anna", now=NOW)


def test_a_person_has_an_answer_within_thirty_days_of_reaching_the_authority() -> None:
    made = request("correction", received_on=date(2026, 11, 20), ground=None)
    assert made.due_on == date(2026, 12, 20)
    assert not made.overdue(date(2026, 12, 20))
    assert made.overdue(date(2026, 12, 21))
    done = privacy.granted_by_act(made, by="anna", now=NOW)
    assert not done.overdue(date(2027, 1, 1))
    assert request().due_on is None
    with pytest.raises(Refused, match="is to come"):
        request("correction", received_on=date(2026, 11, 25), ground=None)
    with pytest.raises(Refused, match="does not ask for that"):
        privacy.granted_by_act(request(), by="ben", now=NOW)


def test_the_pilots_counts_are_zero_and_ours_add_up() -> None:
    none = privacy.counted([], corrections=0, erasures=0, today=NOW.date())
    assert (none.blocked_accesses, none.early_deletions, none.corrections) == (0, 0, 0)

    granted = privacy.decided(request(), Decision(granted=True), by="ben", now=NOW)
    seen = privacy.looked_at(privacy.looked_at(granted, by="anna", now=NOW), by="anna", now=NOW)
    deletion = privacy.decided(request("early_deletion"), Decision(granted=True), by="ben", now=NOW)
    late = request("access", received_on=date(2026, 10, 1), ground=None)
    found = privacy.counted([seen, deletion, late], corrections=3, erasures=1, today=NOW.date())
    assert (found.blocked_accesses, found.early_deletions, found.corrections, found.erasures) == (2, 1, 3, 1)
    [access] = [each for each in found.requests if each.kind == "access"]
    assert (access.open, access.overdue) == (1, 1)


def about(act: str, sender: str = "DE", **changes: object) -> Rectification:
    entry = opened().history[0]
    made = {"id": message_id(NOW, b"x" * 10), "sender": sender, "at": NOW, "to": {"CY": 1}, "exchange": REQUEST}
    said = {"authority": f"{sender}/office", "about": entry.message, "act": act, "field": "provider_name"}
    return Rectification.model_validate({**made, **said, **changes})


def test_only_the_author_corrects_and_erases_and_any_party_contests() -> None:
    for act in ("corrects", "erases"):
        assert rectification.require_entry(opened(), about(act)).step == "send"
        with pytest.raises(Refused) as caught:
            rectification.require_entry(opened(), about(act, "CY"))
        assert caught.value.code is Refusal.NOT_YOUR_STEP
    for act in ("contests", "restricts"):
        rectification.require_entry(opened(), about(act, "CY"))
        with pytest.raises(Refused, match="no party"):
            rectification.require_entry(opened(), about(act, "EC"))
    with pytest.raises(Refused, match="has no step"):
        rectification.require_entry(opened(), about("contests", about=message_id(NOW, b"y" * 10)))


def test_facts_are_not_erased_and_files_not_corrected() -> None:
    declared = AREA.forms["request"]
    assert rectification.require_field(declared, "provider_name", "erases").name == "provider_name"
    fact = next(field.name for field in declared.fields if field.fact)
    with pytest.raises(Refused, match="is a fact"):
        rectification.require_field(declared, fact, "erases")
    with pytest.raises(Refused, match="names files"):
        rectification.require_field(declared, "attachments", "corrects")
    for form_ in (declared, None):
        with pytest.raises(Refused, match="no field of that name"):
            rectification.require_field(form_, "nonsense", "contests")


def test_special_categories_are_found_wherever_a_form_says_so() -> None:
    declared, content = AREA.forms["request"], form("send", "request", country_of_establishment="CY")
    assert rectification.sensitive(declared, {**content, "sensitive_data": "none"}) == ()
    assert rectification.sensitive(declared, {"sensitive_data": "offences"}) == ("offences",)
    nested = {"people": [{"person_sensitive_data": "special_category"}, {"person_sensitive_data": "none"}]}
    assert rectification.sensitive(declared, nested) == ("special_category",)


def test_an_order_says_what_its_act_takes() -> None:
    common = {"authority": "DE/office", "about": message_id(NOW, b"x" * 10), "field": "subject"}
    for wrong in ({"act": "corrects"}, {"act": "erases", "corrected": "x"}, {"act": "contests"}):
        with pytest.raises(ValidationError):
            RectificationOrder.model_validate({**common, **wrong})
