"""Denied unless the directory says so."""

import pytest

from node.handlers.access import addressee, require_registered
from node.handlers.procedure import Refused
from schemas.authorities import Authority, Coordination
from schemas.refusal import Refusal
from tests.unit.handlers.cases import AREA


def authority(name: str, *procedures: str, coordinator: bool = False) -> Authority:
    coordination = Coordination(national=True) if coordinator else None
    return Authority(id=name, name=name, modules={"e_commerce": procedures}, coordination=coordination)


def test_a_registered_authority_passes() -> None:
    require_registered(authority("DE/a", "request"), "DE/a", area=AREA, procedure="request")


@pytest.mark.parametrize(
    ("known", "words"),
    [(None, "there is no authority DE/a"), (authority("DE/a", "notification"), "its coordinator can register it")],
)
def test_others_are_refused_with_the_remedy(known: Authority | None, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        require_registered(known, "DE/a", area=AREA, procedure="request")

    assert caught.value.code is Refusal.NOT_A_PARTY


def test_the_commission_needs_no_registration_but_must_exist() -> None:
    require_registered(authority("EC/unit"), "EC/unit", area=AREA, procedure="notification")
    with pytest.raises(Refused):
        require_registered(None, "EC/unit", area=AREA, procedure="notification")


def test_what_is_addressed_to_a_country_goes_to_its_coordinator_or_the_first_registered() -> None:
    first, second = authority("CY/b", "request"), authority("CY/c", "request")
    coordinator = authority("CY/z", "request", coordinator=True)
    elsewhere = authority("CY/a", "notification", coordinator=True)

    assert addressee([second, coordinator, first], area=AREA, procedure="request") == "CY/z"
    assert addressee([second, elsewhere, first], area=AREA, procedure="request") == "CY/b"
    assert addressee([elsewhere], area=AREA, procedure="request") is None
