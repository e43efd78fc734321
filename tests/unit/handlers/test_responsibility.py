"""Who answers for a side after a step: taken over, handed over, shared, left as it was; and on whose behalf."""

import pytest

from node.handlers.refused import Refused
from schemas.refusal import Refusal
from tests.unit.handlers.cases import after, form, opened, step_of, take


def test_who_accepts_takes_over_and_speaks_for_its_own_side_only() -> None:
    exchange = opened()
    names = {"responding": "CY/other", "requesting": "DE/another"}
    step = step_of(exchange, "CY", "accept").model_copy(update={"authorities": names, "authority": "CY/desk"})

    after_step = take(exchange, step, form("accept", "request"), "DE").exchange
    assert after_step.authorities == {"requesting": "DE/office", "responding": "CY/desk"}


def test_forwarding_hands_over_to_another_authority_and_to_nobody_else() -> None:
    exchange = after(opened(), ("CY", "accept"))
    content = form("forward", "request")

    given = step_of(exchange, "CY", "forward", authorities={"responding": "CY/telecom"})
    assert take(exchange, given, content, "DE").exchange.authorities["responding"] == "CY/telecom"
    for named in ({}, {"responding": "CY/office"}):
        with pytest.raises(Refused, match="names the authority that takes over") as caught:
            take(exchange, step_of(exchange, "CY", "forward", authorities=named), content, "CY")
        assert caught.value.code is Refusal.BAD_FORM


def test_a_further_authority_joins_for_a_part_and_the_responsible_one_stays() -> None:
    exchange = after(opened(), ("CY", "accept"))
    content = form("split", "request")

    joined = take(exchange, step_of(exchange, "CY", "split", further=("CY/telecom",)), content, "CY").exchange
    again = take(joined, step_of(joined, "CY", "split", further=("CY/payments",)), content, "DE").exchange
    part = step_of(again, "CY", "part_reply", authority="CY/telecom")

    assert again.further == {"responding": ("CY/telecom", "CY/payments")}
    assert (again.state, again.authorities["responding"]) == ("accepted", "CY/office")
    assert take(again, part, form("part_reply", "request"), "DE").exchange.authorities["responding"] == "CY/office"


NO_SPLIT: dict[str, tuple[str, tuple[str, ...], Refusal]] = {
    "nobody joins": ("split", (), Refusal.BAD_FORM),
    "the responsible one joins itself": ("split", ("CY/office",), Refusal.BAD_FORM),
    "one of another country": ("split", ("DE/telecom",), Refusal.NOT_A_PARTY),
    "in a step that is no split": ("reply", ("CY/telecom",), Refusal.NOT_A_PARTY),
}


@pytest.mark.parametrize(("name", "further", "code"), NO_SPLIT.values(), ids=NO_SPLIT)
def test_only_a_further_authority_of_the_own_country_joins(name: str, further: tuple[str, ...], code: Refusal) -> None:
    exchange = after(opened(), ("CY", "accept"))

    with pytest.raises(Refused) as caught:
        take(exchange, step_of(exchange, "CY", name, further=further), form(name, "request"), "DE")

    assert caught.value.code is code


def test_a_central_authority_acts_for_a_local_one_and_both_are_seen() -> None:
    exchange = opened()
    step = step_of(exchange, "CY", "accept", on_behalf_of="CY/limassol")

    assert take(exchange, step, form("accept", "request"), "DE").exchange.history[-1].on_behalf_of == "CY/limassol"
    for other in ("DE/office", "CY/office"):
        with pytest.raises(Refused, match="can't act on behalf of") as caught:
            take(exchange, step_of(exchange, "CY", "accept", on_behalf_of=other), form("accept", "request"), "DE")
        assert caught.value.code is Refusal.NOT_A_PARTY
