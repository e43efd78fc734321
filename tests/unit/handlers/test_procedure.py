"""Who may take which step, when, and what a step means that crosses another on its way."""

from datetime import date, timedelta
from itertools import permutations

import pytest

from node.handlers.exchanges.procedure import (
    DropDraft,
    KeepDraft,
    Refused,
    Tell,
    begin,
    case_prefix,
    lacks,
    others,
    possible_steps,
    received,
    require_sender_of_files,
)
from schemas.exchange import Act, Exchange
from schemas.messages import Chunk, Step
from schemas.refusal import Refusal
from tests.unit.handlers.cases import AREA, AT, NOTIFICATION, REQUEST, after, form, opened, seen, step_of, take

TODAY = date(2026, 11, 24)


def test_an_opening_step_makes_the_exchange_at_its_recipient() -> None:
    exchange = opened()

    assert exchange.state == "awaiting_acceptance"
    assert exchange.parties == {"requesting": "DE", "responding": "CY"}
    assert exchange.opened_at == AT
    assert exchange.closed_at is None
    assert [(entry.step, entry.sender, entry.crossed) for entry in exchange.history] == [("send", "DE", False)]
    assert exchange.facts["service_category"] == "online_shop"


def test_the_same_step_gives_the_same_exchange_to_all_and_effects_to_its_author_only() -> None:
    exchange = opened("notification")
    step, content = step_of(exchange, "EC", "open"), form("open", "notification")

    decisions = {node: take(exchange, step, content, node) for node in ("DE", "CY", "EC")}

    assert len({decision.exchange.model_dump_json() for decision in decisions.values()}) == 1
    assert decisions["EC"].effects == (Tell(("CY", "DE")),)
    assert decisions["DE"].effects == decisions["CY"].effects == ()


def test_it_leaves_its_inputs_alone() -> None:
    exchange, content = opened(), form("accept", "request")
    before = exchange.model_dump_json(), dict(content)

    take(exchange, step_of(exchange, "CY", "accept"), content, "CY")

    assert (exchange.model_dump_json(), content) == before


WHO: list[tuple[str, list[tuple[str, str]], str, str, Refusal | None]] = [
    ("request", [], "CY", "accept", None),
    ("request", [], "DE", "accept", Refusal.NOT_YOUR_STEP),
    ("request", [], "DE", "withdraw", None),
    ("request", [], "CY", "withdraw", Refusal.NOT_YOUR_STEP),
    ("request", [], "CY", "reply", Refusal.NO_MEANING),
    ("request", [("CY", "accept")], "CY", "reply", None),
    ("request", [("CY", "accept")], "CY", "accept", Refusal.NO_MEANING),
    ("request", [("CY", "accept"), ("CY", "reply")], "DE", "close", None),
    ("request", [("CY", "accept"), ("CY", "reply")], "DE", "withdraw", Refusal.NO_MEANING),
    ("request", [("CY", "refuse")], "CY", "accept", Refusal.NO_MEANING),
    ("request", [("DE", "withdraw")], "DE", "withdraw", Refusal.NO_MEANING),
    ("request", [], "CY", "no_such_step", Refusal.NO_MEANING),
    ("notification", [], "EC", "open", None),
    ("notification", [], "CY", "open", Refusal.NOT_YOUR_STEP),
    ("notification", [], "CY", "comment", Refusal.NO_MEANING),
    ("notification", [("EC", "open")], "CY", "comment", None),
    ("notification", [("EC", "open")], "EC", "assess", None),
    ("notification", [("EC", "open")], "CY", "assess", Refusal.NOT_YOUR_STEP),
    ("notification", [("DE", "close")], "DE", "amend", Refusal.NO_MEANING),
]


@pytest.mark.parametrize(("procedure", "earlier", "sender", "name", "code"), WHO)
def test_who_may_do_what_and_when(
    procedure: str, earlier: list[tuple[str, str]], sender: str, name: str, code: Refusal | None
) -> None:
    exchange = after(opened(procedure), *earlier)
    step = step_of(exchange, sender, name)
    content = form(name, procedure) if name in AREA.procedures[procedure].steps else {}
    possible = possible_steps(exchange, AREA.procedures[procedure], sender)

    if code is None:
        assert take(exchange, step, content, sender).exchange.history[-1].step == name
        assert name in possible
    else:
        with pytest.raises(Refused) as caught:
            take(exchange, step, content, sender)
        assert caught.value.code is code
        assert caught.value.detail
        assert name not in possible


CROSSING: list[tuple[str, list[tuple[str, str]], tuple[str, str], tuple[str, str], str]] = [
    ("request", [], ("DE", "withdraw"), ("CY", "accept"), "withdrawn"),
    ("request", [], ("DE", "withdraw"), ("CY", "refuse"), "withdrawn"),
    ("request", [("CY", "refuse"), ("DE", "refer")], ("DE", "withdraw"), ("CY", "uphold"), "withdrawn"),
    ("request", [("CY", "refuse"), ("DE", "refer")], ("DE", "withdraw"), ("CY", "reconsider"), "withdrawn"),
    ("request", [("CY", "accept")], ("DE", "agree_date"), ("CY", "reply"), "answered"),
    ("request", [("CY", "accept"), ("CY", "ask_information")], ("DE", "give_information"), ("CY", "refuse"), "refused"),
    (
        "request",
        [("CY", "accept"), ("CY", "reply"), ("DE", "close")],
        ("DE", "propose_reopening"),
        ("CY", "suggest_reopening"),
        "accepted",
    ),
    ("notification", [("EC", "open")], ("DE", "amend"), ("CY", "comment"), "amended"),
    ("notification", [("EC", "open")], ("DE", "close"), ("EC", "assess"), "closed"),
    ("request", [("CY", "accept")], ("DE", "withdraw"), ("CY", "reply"), "withdrawn"),
    ("request", [("CY", "accept")], ("DE", "withdraw"), ("CY", "propose_date"), "withdrawn"),
    ("notification", [], ("DE", "amend"), ("EC", "open"), "amended"),
    ("notification", [], ("DE", "withdraw"), ("EC", "open"), "withdrawn"),
    ("notification", [("EC", "open")], ("DE", "close"), ("CY", "comment"), "closed"),
    ("notification", [("EC", "open")], ("DE", "withdraw"), ("EC", "assess"), "withdrawn"),
]


@pytest.mark.parametrize(("procedure", "earlier", "one", "other", "end"), CROSSING)
def test_steps_that_cross_end_in_the_same_state_facts_and_closure_on_all_copies(
    procedure: str,
    earlier: list[tuple[str, str]],
    one: tuple[str, str],
    other: tuple[str, str],
    end: str,
) -> None:
    common = after(opened(procedure), *earlier)
    steps = [step_of(common, *each, at=AT + timedelta(hours=hour)) for hour, each in enumerate((one, other))]

    copies = []
    for order in permutations(steps):
        exchange = common
        for step in order:
            content = form(step.step, procedure)
            exchange = take(exchange, step, content, order[0].sender).exchange
        copies.append(exchange)

    assert {copy.state for copy in copies} == {end}
    assert len({(copy.closed_at, str(sorted(copy.facts.items())), str(sorted(copy.seen))) for copy in copies}) == 1
    assert {one[1], other[1]} & {"amend", "assess"} or any(copy.history[-1].crossed for copy in copies)


def test_formal_closure_is_the_earliest_closing_step_whichever_comes_last() -> None:
    common = opened()
    refusal = step_of(common, "CY", "refuse", AT + timedelta(hours=5))
    withdrawal = step_of(common, "DE", "withdraw", AT + timedelta(hours=3))

    ends = []
    for order in ((refusal, withdrawal), (withdrawal, refusal)):
        exchange = common
        for step in order:
            exchange = take(exchange, step, form(step.step, "request"), order[0].sender).exchange
        ends.append(exchange.closed_at)

    assert ends == [AT + timedelta(hours=3)] * 2


def test_nobody_crosses_his_own_step() -> None:
    withdrawn = after(opened(), ("DE", "withdraw"))
    acceptance = step_of(withdrawn, "CY", "accept")

    assert take(withdrawn, acceptance, form("accept", "request"), "DE").exchange.state == "withdrawn"
    with pytest.raises(Refused) as caught:
        take(withdrawn, acceptance, form("accept", "request"), "CY")
    assert caught.value.code is Refusal.NO_MEANING


FORGED: dict[str, tuple[dict[str, object], Refusal]] = {
    "an authority of another country": ({"authority": "DE/office"}, Refusal.NOT_A_PARTY),
    "other parties": ({"parties": {"requesting": "DE", "responding": "FR"}}, Refusal.NOT_A_PARTY),
    "told to a stranger too": ({"to": {"DE": 1, "FR": 1}}, Refusal.NOT_A_PARTY),
    "told to nobody": ({"to": {}}, Refusal.NOT_A_PARTY),
    "by a stranger": ({"sender": "FR", "authority": "FR/office"}, Refusal.NOT_A_PARTY),
    "out of sequence": ({"sequence": 2}, Refusal.BAD_SEQUENCE),
    "another version": ({"version": 2}, Refusal.UNKNOWN_AREA),
    "another area": ({"area": "services"}, Refusal.UNKNOWN_AREA),
    "another procedure": ({"procedure": "notification"}, Refusal.UNKNOWN_AREA),
    "naming an authority for its side from elsewhere": (
        {"authorities": {"responding": "DE/office"}},
        Refusal.NOT_A_PARTY,
    ),
}


@pytest.mark.parametrize(("changes", "code"), FORGED.values(), ids=FORGED)
def test_a_step_that_claims_too_much_is_refused(changes: dict[str, object], code: Refusal) -> None:
    exchange = opened()

    with pytest.raises(Refused) as caught:
        take(exchange, step_of(exchange, "CY", "accept").model_copy(update=changes), form("accept", "request"), "DE")

    assert caught.value.code is code


def test_two_people_of_one_authority_who_answer_at_once_are_told_apart() -> None:
    exchange = after(opened(), ("CY", "accept"))
    answered = after(exchange, ("CY", "reply"))

    with pytest.raises(Refused, match="stands at 'Answered'; reply is possible at 'Accepted'") as caught:
        take(answered, step_of(answered, "CY", "reply"), form("reply", "request"), "CY")

    assert caught.value.code is Refusal.NO_MEANING


def test_a_day_that_is_left_open_does_not_stand_any_longer_unless_it_is_amended() -> None:
    asked = after(opened(), ("CY", "accept"))
    content = form("ask_information", "request", information_needed_by="2026-12-01")
    asked = take(asked, step_of(asked, "CY", "ask_information"), content, "CY").exchange
    given = after(asked, ("DE", "give_information"))
    again = take(given, step_of(given, "CY", "ask_information"), form("ask_information", "request"), "CY").exchange
    sent = opened("notification", duration="temporary", measure_ends_on="2027-01-01")

    assert asked.facts["information_needed_by"] == "2026-12-01"
    assert "information_needed_by" not in again.facts
    assert after(sent, ("DE", "amend")).facts["measure_ends_on"] == "2027-01-01"


def test_a_record_is_kept_at_home_with_its_content_and_its_periods_run() -> None:
    begun = begin(act("save", "outside"), area=AREA, node="DE", exchange_id=REQUEST, today=TODAY)
    content = form("record", "outside", AT, counterpart_country="CY")
    made = begin(act("record", "outside", **content), area=AREA, node="DE", exchange_id=REQUEST, today=TODAY)
    recorded = take(made, step_of(made, "DE", "record", to={}), content, "DE")

    assert recorded.effects == (KeepDraft(),)
    assert (recorded.exchange.state, recorded.exchange.opened_at, recorded.exchange.closed_at) == ("recorded", AT, AT)
    assert recorded.exchange.parties == {"recording": "DE", "counterpart": "CY"}
    assert recorded.exchange.facts == {"outside_channel": "email", "outside_kind": "request"}
    with pytest.raises(Refused) as caught:
        take(begun, step_of(begun, "DE", "record", to={}), {"outside_kind": "request"}, "DE")
    assert caught.value.code is Refusal.BAD_FORM


def test_nobody_takes_a_record_from_another_country() -> None:
    made = begin(
        act("record", "outside", counterpart_country="CY"), area=AREA, node="DE", exchange_id=REQUEST, today=TODAY
    )

    with pytest.raises(Refused) as caught:
        take(made, step_of(made, "DE", "record"), form("record", "outside", counterpart_country="CY"), "CY")

    assert caught.value.code is Refusal.NOT_A_PARTY


def test_facts_are_coded_answers_of_declared_fields_only() -> None:
    exchange = opened(subject="Canary", service_category="dating")

    assert exchange.facts["service_category"] == "dating"
    assert "Canary" not in exchange.model_dump_json()
    fields = {field.name for each in AREA.forms.values() for field in each.fields if field.fact}
    assert set(exchange.facts) <= fields


def test_a_wrong_form_is_refused_with_all_its_fields_and_without_made_up_names() -> None:
    exchange = opened()

    with pytest.raises(Refused) as caught:
        take(exchange, step_of(exchange, "CY", "accept"), {"Erika Mustermann": 1}, "DE")

    assert caught.value.code is Refusal.BAD_FORM
    assert "Erika" not in caught.value.detail
    assert "Erika Mustermann" in {problem.field for problem in caught.value.problems}


STRANGE: dict[str, dict[str, object]] = {
    "a case number of another country": {"exchange": "ECOM-REQ-CY-2026-000001"},
    "a case number of the other procedure": {"exchange": NOTIFICATION},
    "a case number of a year to come": {"exchange": "ECOM-REQ-DE-2027-000001"},
    "parties that the form does not give": {"parties": {"requesting": "DE", "responding": "FR"}},
}


@pytest.mark.parametrize("changes", STRANGE.values(), ids=STRANGE)
def test_an_opening_step_that_is_not_as_declared_is_refused(changes: dict[str, object]) -> None:
    content = form("send", "request", country_of_establishment="CY")
    step = _sent().model_copy(update=changes)

    with pytest.raises(Refused) as caught:
        received(step, content, AREA)

    assert caught.value.code is Refusal.NOT_A_PARTY


def test_a_case_begun_last_year_is_opened_this_year() -> None:
    step = _sent().model_copy(update={"exchange": "ECOM-REQ-DE-2025-000009"})

    assert received(step, form("send", "request", country_of_establishment="CY"), AREA).id.endswith("2025-000009")


def test_another_step_opens_nothing() -> None:
    with pytest.raises(Refused) as caught:
        received(_sent().model_copy(update={"step": "accept"}), {}, AREA)

    assert caught.value.code is Refusal.UNKNOWN_EXCHANGE


def _sent() -> Step:
    draft = Exchange(
        id=REQUEST,
        area="e_commerce",
        version=1,
        procedure="request",
        state="draft",
        parties={"requesting": "DE", "responding": "CY"},
    )
    return step_of(draft, "DE", "send")


def act(step: str, procedure: str = "request", **given: object) -> Act:
    return Act(step=step, authority="DE/office", procedure=procedure, form=given)


def test_a_draft_may_leave_the_country_open_and_a_sending_may_not() -> None:
    draft = begin(act("save"), area=AREA, node="DE", exchange_id=REQUEST, today=TODAY)
    assert draft.parties == {"requesting": "DE"}

    for given in ({}, {"country_of_establishment": "DE"}, {"country_of_establishment": "XX"}):
        with pytest.raises(Refused) as caught:
            begin(act("send", **given), area=AREA, node="DE", exchange_id=REQUEST, today=TODAY)
        assert caught.value.code is Refusal.BAD_FORM
        assert "country_of_establishment" in {problem.field for problem in caught.value.problems}


def test_the_commission_is_party_to_every_notification_and_to_no_request() -> None:
    for procedure, with_commission in (("request", False), ("notification", True)):
        content = form("send", procedure, country_of_establishment="CY")
        made = begin(act("send", procedure, **content), area=AREA, node="DE", exchange_id=REQUEST, today=TODAY)
        assert ("EC" in made.parties.values()) == with_commission


def test_an_unknown_procedure_names_those_that_there_are() -> None:
    with pytest.raises(Refused, match="it has request, notification, outside") as caught:
        case_prefix(AREA, "alert", "DE", 2026)

    assert caught.value.code is Refusal.UNKNOWN_AREA


def test_drafts_are_kept_at_home_and_a_discarded_one_is_final() -> None:
    draft = begin(act("save"), area=AREA, node="DE", exchange_id=REQUEST, today=TODAY)
    at_home: dict[str, object] = {"to": {}}

    kept = take(draft, step_of(draft, "DE", "save").model_copy(update=at_home), {"subject": "x"}, "DE")
    discarded = take(draft, step_of(draft, "DE", "discard").model_copy(update=at_home), {}, "DE")

    assert (kept.effects, kept.exchange.state, kept.exchange.history) == ((KeepDraft(),), "draft", ())
    assert (discarded.effects, discarded.exchange.state) == ((DropDraft(),), "discarded")
    assert discarded.exchange.closed_at == AT
    nowhere = begin(act("discard"), area=AREA, node="DE", exchange_id=REQUEST, today=TODAY)
    assert nowhere.parties == {"requesting": "DE"}
    with pytest.raises(Refused):
        take(discarded.exchange, step_of(draft, "DE", "save").model_copy(update=at_home), {}, "DE")


def test_a_step_waits_for_what_its_author_had_seen() -> None:
    exchange = opened("notification")
    step = step_of(exchange, "CY", "comment")

    assert lacks(exchange, step) is None
    assert lacks(None, step) == "DE"
    assert lacks(exchange, step.model_copy(update={"seen": {"DE": seen(2)}})) == "DE"
    assert lacks(exchange, step.model_copy(update={"seen": {"DE": seen(1), "EC": seen(1)}})) == "EC"
    assert others(exchange, "CY") == ("DE", "EC")


@pytest.mark.parametrize(
    ("known", "sender", "allowed"),
    [(True, "CY", True), (True, "FR", False), (False, "DE", True), (False, "CY", False)],
)
def test_files_come_from_parties_only(*, known: bool, sender: str, allowed: bool) -> None:
    chunk = Chunk(
        id=_sent().id,
        sender=sender,
        at=AT,
        to={"DE": 1},
        exchange=REQUEST,
        attachment="h" * 43,
        index=0,
        count=1,
    )
    exchange = opened() if known else None

    if allowed:
        require_sender_of_files(exchange, chunk)
    else:
        with pytest.raises(Refused) as caught:
            require_sender_of_files(exchange, chunk)
        assert caught.value.code is Refusal.NOT_A_PARTY
