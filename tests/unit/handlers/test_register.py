"""Authorities in the register: who may change what, and what has to hold."""

import pytest

from node.handlers.access import Denied
from node.handlers.registers.register import RegisterRefused
from schemas.authorities import Contact, Coordination
from schemas.register import (
    Change,
    ChangeAuthority,
    GiveAccess,
    InviteAuthority,
    NameCoordinator,
    RetireAuthority,
    ValidateAuthority,
)
from tests.unit.handlers.register_cases import (
    AT,
    CITY,
    MARKET,
    MODULES,
    NIMIC,
    SOUTH,
    authority,
    change,
    register,
    registered,
)

HARBOUR = "DE/harbour"


def invitation(**changes: object) -> InviteAuthority:
    return InviteAuthority(authority=authority(HARBOUR, **{"region": "South", **changes}), areas=("e_commerce",))


def market(**changes: object) -> ChangeAuthority:
    own = register().authorities[MARKET].authority
    return ChangeAuthority(authority=own.model_copy(update=changes))


# Who may make a change: n the national coordinator's administrator, s that of the South, m the authority's own,
# h a handler, o the node's own account where there are users.
WHO: dict[str, tuple[Change, str]] = {
    "invite in the South": (invitation(), "ns"),
    "invite in the North": (invitation(region="North"), "n"),
    "invite in another policy area": (
        InviteAuthority(authority=authority(HARBOUR, region="South"), areas=("services",)),
        "n",
    ),
    "validate in the North": (ValidateAuthority(authority=CITY), "n"),
    "give access in the South": (GiveAccess(authority=MARKET, area="e_commerce", procedures=("request",)), "ns"),
    "give access in another policy area": (
        GiveAccess(authority=MARKET, area="services", procedures=("derogation",)),
        "n",
    ),
    "take access away": (GiveAccess(authority=MARKET, area="e_commerce"), "ns"),
    "name a coordinator": (NameCoordinator(authority=MARKET, coordination=Coordination(region="South")), "n"),
    "change a contact": (market(contacts=(Contact(name="IMI desk"),)), "nsm"),
    "move to another region": (market(region="North"), "n"),
    "put under another": (market(parent=NIMIC), "ns"),
    "let it act for another": (market(acts_for=(CITY,)), "ns"),
    "retire": (RetireAuthority(authority=MARKET), "ns"),
}
NAMES = {"n": "nina", "s": "sven", "m": "mara", "h": "hugo", "o": None}


@pytest.mark.parametrize(("wanted", "allowed"), WHO.values(), ids=WHO)
@pytest.mark.parametrize("who", NAMES)
def test_only_those_over_an_authority_change_it(wanted: Change, allowed: str, who: str) -> None:
    if who in allowed:
        assert change(register(), NAMES[who], wanted) != register()
    else:
        with pytest.raises(Denied):
            change(register(), NAMES[who], wanted)


def test_an_authority_counts_from_its_validation_on() -> None:
    held = register(more=[registered(HARBOUR, status="invited", region="South")])

    after = change(held, "sven", ValidateAuthority(authority=HARBOUR))

    assert HARBOUR not in held.validated
    assert HARBOUR in after.validated
    assert after.authorities[HARBOUR].since == AT


def test_a_validator_of_one_policy_area_does_not_validate_for_another() -> None:
    held = register(more=[registered(HARBOUR, status="invited", region="South", areas=("e_commerce", "services"))])

    with pytest.raises(Denied):
        change(held, "sven", ValidateAuthority(authority=HARBOUR))


def test_a_coordinator_without_the_function_does_not_validate() -> None:
    only_content = Coordination(region="South", functions=("content",))
    held = register(
        more=[
            registered(SOUTH, region="South", coordination=only_content),
            registered(HARBOUR, status="invited", region="South"),
        ]
    )

    with pytest.raises(Denied):
        change(held, "sven", ValidateAuthority(authority=HARBOUR))


def test_access_is_given_in_place_of_what_there_was() -> None:
    after = change(register(), "sven", GiveAccess(authority=MARKET, area="e_commerce", procedures=("request",)))
    without = change(after, "nina", GiveAccess(authority=MARKET, area="e_commerce"))

    assert after.validated[MARKET].modules == {"e_commerce": ("request",)}
    assert without.validated[MARKET].modules == {}
    assert without.authorities[MARKET].areas == ()


def test_a_second_national_coordinator_is_refused() -> None:
    with pytest.raises(RegisterRefused, match=f"{NIMIC} is the national coordinator of Germany already.*has one"):
        change(register(), "nina", NameCoordinator(authority=MARKET, coordination=Coordination(national=True)))


def test_a_national_coordinator_follows_another() -> None:
    held = change(register(users=()), None)
    follow = NameCoordinator(authority=MARKET, coordination=Coordination(national=True), instead_of=NIMIC)

    after = change(held, None, follow)

    assert after.national is not None
    assert after.national.id == MARKET
    assert after.validated[NIMIC].coordination is None


REFUSED: dict[str, tuple[Change, str]] = {
    "an empty competence": (market(competences=("",)), "a competence is empty"),
    "an empty language": (market(languages=("",)), "no language without a code; there are bg, cs"),
    "an unknown language": (market(languages=("zz",)), "no language zz; there are bg, cs"),
    "approval of no step": (
        market().model_copy(update={"approval": ("fly",)}),
        "no procedure has a step fly to be released; there are accept, reply, send",
    ),
    "of another country": (InviteAuthority(authority=authority("FR/x")), "begin it with DE/"),
    "known already": (InviteAuthority(authority=authority(MARKET)), "has DE/market already, validated"),
    "invited with access": (invitation(modules=MODULES), "an invitation gives no access"),
    "invited as a coordinator": (invitation(coordination=Coordination()), "makes no coordinator"),
    "invited under nobody": (invitation(parent="DE/nobody"), "has no authority DE/nobody"),
    "invited to act for nobody": (invitation(acts_for=("DE/nobody",)), "has no authority DE/nobody"),
    "invited to act for itself": (invitation(acts_for=(HARBOUR,)), "can't act for DE/harbour"),
    "invited into no policy area": (
        InviteAuthority(authority=authority(HARBOUR), areas=("fishing",)),
        "no policy area fishing; there are e_commerce, services",
    ),
    "too large": (invitation(competences=tuple(f"{number:0>200}" for number in range(400))), "more than 64 KiB"),
    "validated twice": (ValidateAuthority(authority=MARKET), "validated already"),
    "unknown": (ValidateAuthority(authority="DE/nobody"), "has no authority DE/nobody"),
    "access to no procedure": (
        GiveAccess(authority=MARKET, area="e_commerce", procedures=("alert",)),
        "no procedure alert; it has notification, request",
    ),
    "a coordinator that is not validated": (
        NameCoordinator(authority=CITY, coordination=Coordination()),
        "validate it first",
    ),
    "a national coordinator with limits": (
        NameCoordinator(authority=NIMIC, coordination=Coordination(national=True, region="South")),
        "leave out limits",
    ),
    "no national coordinator": (
        NameCoordinator(authority=NIMIC, coordination=None),
        "a country has one; name the next",
    ),
    "a coordinator instead of the national one": (
        NameCoordinator(authority=MARKET, coordination=Coordination(), instead_of=NIMIC),
        "only a national coordinator takes another's place",
    ),
    "access changed with the rest": (market(modules={}), "use `imi authority access`"),
    "coordination changed with the rest": (market(coordination=Coordination()), "`imi authority coordinator`"),
    "above itself": (
        ChangeAuthority(authority=register().authorities[SOUTH].authority.model_copy(update={"parent": MARKET})),
        "would stand above itself",
    ),
    "the national coordinator retires": (RetireAuthority(authority=NIMIC), "name the next first"),
    "one above others retires": (RetireAuthority(authority=SOUTH), "stands above DE/market"),
}


@pytest.mark.parametrize(("wanted", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused_with_the_remedy(wanted: Change, sentence: str) -> None:
    with pytest.raises(RegisterRefused, match=sentence):
        change(register(), "nina", wanted)


def test_a_retired_authority_counts_no_more_until_it_is_validated_again() -> None:
    retired = change(register(), "nina", RetireAuthority(authority=MARKET))
    again = change(retired, "nina", ValidateAuthority(authority=MARKET))

    assert MARKET not in retired.validated
    with pytest.raises(RegisterRefused, match="is retired"):
        change(retired, "nina", GiveAccess(authority=MARKET, area="e_commerce"))
    assert again.validated[MARKET].modules == MODULES


def test_nobody_acts_for_a_retired_authority() -> None:
    held = register(more=[registered(HARBOUR, region="South", acts_for=(MARKET, CITY))])

    after = change(held, "nina", RetireAuthority(authority=MARKET))

    assert after.validated[HARBOUR].acts_for == (CITY,)


def test_a_retired_coordinator_has_no_power() -> None:
    moved = change(register(), "nina", market(parent=None), RetireAuthority(authority=SOUTH))

    with pytest.raises(Denied):
        change(moved, "sven", invitation())


def test_the_commission_has_no_national_coordinator() -> None:
    held = change(register(users=()), None)
    commission = type(held)("EC", {"EC/unit": registered("EC/unit")}, {})

    with pytest.raises(RegisterRefused, match="the Commission is no country"):
        change(commission, None, NameCoordinator(authority="EC/unit", coordination=Coordination(national=True)))


def test_changes_are_made_together_or_not_at_all() -> None:
    held = register()

    with pytest.raises(RegisterRefused):
        change(held, "nina", ValidateAuthority(authority=CITY), ValidateAuthority(authority="DE/nobody"))

    assert held == register()


def test_a_change_may_build_on_the_one_before_it() -> None:
    after = change(
        register(),
        "sven",
        invitation(),
        ValidateAuthority(authority=HARBOUR),
        GiveAccess(authority=HARBOUR, area="e_commerce", procedures=("request",)),
    )

    assert after.validated[HARBOUR].modules == {"e_commerce": ("request",)}
