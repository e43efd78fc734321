"""Users: who gives roles to whom, who stands in for whom, and what remains of somebody who left."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.handlers.access import Denied
from node.handlers.registers import staff
from node.handlers.registers.register import Register, RegisterRefused, effective_grants
from schemas.authorities import Coordination
from schemas.people import Absence, Grant, User
from schemas.register import (
    AddUser,
    CancelAbsence,
    Change,
    ChangeUser,
    GrantRole,
    NameCoordinator,
    RevokeRole,
    SetAbsence,
    UserLeaves,
)
from tests.unit.handlers.register_cases import AT, CITY, MARKET, NIMIC, SOUTH, USERS, change, register, registered, user

TODAY = AT.date()
WEEK = Absence(first=TODAY, last=TODAY + timedelta(days=6), substitute="hanna")


def handler(at: str = MARKET, **changes: object) -> Grant:
    return Grant.model_validate({"authority": at, "role": "handler", **changes})


def new_user(*grants: Grant) -> AddUser:
    return AddUser(user="new", name="Newcomer", grants=grants)


WHO: dict[str, tuple[Change, str]] = {
    "add a user": (new_user(handler()), "nsm"),
    "add a user of two authorities": (new_user(handler(), handler(SOUTH)), "ns"),
    "give a role": (GrantRole(user="hugo", grant=handler(area="e_commerce")), "nsm"),
    "give a role elsewhere": (GrantRole(user="hugo", grant=handler(NIMIC)), "n"),
    "take a role away": (RevokeRole(user="hugo", grant=handler()), "nsm"),
    "correct a name": (ChangeUser(user="hugo", name="Hugo Berg"), "nsmh"),
    "note an absence": (SetAbsence(user="hugo", absence=WEEK), "nsmh"),
    "end a user": (UserLeaves(user="hugo"), "nsm"),
}
NAMES = {"n": "nina", "s": "sven", "m": "mara", "h": "hugo", "a": "hanna", "o": None}


@pytest.mark.parametrize(("wanted", "allowed"), WHO.values(), ids=WHO)
@pytest.mark.parametrize("who", NAMES)
def test_administrators_manage_users_and_users_their_own_absence(wanted: Change, allowed: str, who: str) -> None:
    if who in allowed:
        assert change(register(), NAMES[who], wanted) != register()
    else:
        with pytest.raises(Denied):
            change(register(), NAMES[who], wanted)


REFUSED: dict[str, tuple[Change, str]] = {
    "a taken id": (AddUser(user="hugo", name="Hugo", grants=(handler(),)), "hugo is taken"),
    "a language that there is not": (
        new_user(handler()).model_copy(update={"language": "zz"}),
        "has no language zz; there are bg, cs",
    ),
    "a role for nobody": (new_user(handler("DE/nobody")), "has no authority DE/nobody"),
    "a role for an invited authority": (new_user(handler(CITY)), "is invited"),
    "a role in no policy area": (new_user(handler(area="fishing")), "there are e_commerce: notification request"),
    "a role in no procedure": (new_user(handler(area="e_commerce", procedures=("alert",))), "no such policy area"),
    "procedures without their area": (new_user(handler(procedures=("request",))), "belong to a policy area"),
    "an administrator of one policy area": (
        new_user(Grant(authority=MARKET, role="administrator", area="e_commerce")),
        "is given for all policy areas",
    ),
    "referrals at no coordinator": (new_user(Grant(authority=MARKET, role="referral_handler")), "no coordinator"),
    "an assessor in a country": (new_user(Grant(authority=MARKET, role="assessor")), "only the Commission assesses"),
    "a role twice": (GrantRole(user="hugo", grant=handler()), "has that role already"),
    "taking a role that is not there": (
        RevokeRole(user="hugo", grant=handler(area="e_commerce")),
        "the roles are: handler for DE/market",
    ),
    "nobody": (UserLeaves(user="nobody"), "there is no user nobody"),
    "an absence that is over": (
        SetAbsence(user="hugo", absence=Absence(first=date(2026, 1, 1), last=date(2026, 1, 2))),
        "ended on 2026-01-02",
    ),
    "oneself as substitute": (
        SetAbsence(user="hugo", absence=WEEK.model_copy(update={"substitute": "hugo"})),
        "can't be the own substitute",
    ),
    "a substitute of elsewhere": (
        SetAbsence(user="hugo", absence=WEEK.model_copy(update={"substitute": "sven"})),
        "sven does not work for DE/market",
    ),
    "an absence that is none": (CancelAbsence(user="hugo", first=TODAY), "has no absence that begins on 2026-11-24"),
    "the last administrator": (UserLeaves(user="nina"), "nobody could give rights any more"),
    "the last administrator's role": (
        RevokeRole(user="nina", grant=Grant(authority=NIMIC, role="administrator")),
        "make another one first",
    ),
    "the last administrator's authority": (
        NameCoordinator(authority=MARKET, coordination=Coordination(national=True), instead_of=NIMIC),
        "nobody could give rights any more",
    ),
}


@pytest.mark.parametrize(("wanted", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense_is_refused_with_the_remedy(wanted: Change, sentence: str) -> None:
    held = register()
    if isinstance(wanted, NameCoordinator):  # mara governs there afterwards, if she stays
        held = Register(held.node, held.authorities, {name: held.users[name] for name in ("nina", "hugo")})
    with pytest.raises(RegisterRefused, match=sentence):
        change(held, "nina", wanted)


def test_the_first_user_governs() -> None:
    empty = register(users=())

    with pytest.raises(RegisterRefused, match="the first user has to be an administrator of the national coordinator"):
        change(empty, None, new_user(handler()))
    after = change(empty, None, new_user(Grant(authority=NIMIC, role="administrator")))

    with pytest.raises(Denied, match="this node has users: say which of them acts"):
        change(after, None, new_user(handler()))


def test_referrals_are_for_users_of_coordinators() -> None:
    after = change(register(), "sven", new_user(Grant(authority=SOUTH, role="referral_handler")))

    assert after.users["new"].grants[0].role == "referral_handler"


def test_a_user_who_left_can_do_nothing_and_is_no_substitute() -> None:
    held = change(register(), "hugo", SetAbsence(user="hugo", absence=WEEK))
    left = change(held, "mara", UserLeaves(user="hugo"))

    assert left.users["hugo"].left_at == AT
    assert effective_grants(left.users["hugo"], left.users.values(), TODAY) == ()
    assert effective_grants(left.users["hanna"], left.users.values(), TODAY) == (handler(),)
    with pytest.raises(RegisterRefused, match="left on 2026-11-24"):
        change(left, "mara", GrantRole(user="hugo", grant=handler(SOUTH)))


def test_the_data_of_a_user_are_kept_for_three_years_after_departure() -> None:
    left = change(register(), "mara", UserLeaves(user="hugo"))

    assert staff.to_forget(left, datetime(2029, 11, 24, 7, 59, tzinfo=UTC)) == []
    assert staff.to_forget(left, datetime(2029, 11, 24, 8, 0, tzinfo=UTC)) == ["hugo"]


def test_an_absence_takes_the_place_of_one_that_begins_on_the_same_day() -> None:
    once = change(register(), "hugo", SetAbsence(user="hugo", absence=WEEK))
    longer = WEEK.model_copy(update={"last": TODAY + timedelta(days=20), "substitute": None})
    twice = change(once, "hugo", SetAbsence(user="hugo", absence=longer))

    assert twice.users["hugo"].absences == (longer,)
    later = Absence(first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=1))
    with pytest.raises(RegisterRefused, match="is away from 2026-11-24 to 2026-12-14 already"):
        change(twice, "hugo", SetAbsence(user="hugo", absence=later))
    assert change(twice, "hugo", CancelAbsence(user="hugo", first=TODAY)).users["hugo"].absences == ()


# Day of the week, from the first of the absence on; whether the substitute has the rights of the absent user.
DAYS = [(-1, False), (0, True), (3, True), (6, True), (7, False)]


@pytest.mark.parametrize(("days", "stands_in"), DAYS)
def test_a_substitute_has_the_rights_from_the_first_to_the_last_day(days: int, stands_in: bool) -> None:  # noqa: FBT001  a row of the table
    away = user("hugo", (MARKET, "handler"), (MARKET, "approver"), absences=[WEEK])
    hanna = user("hanna", (MARKET, "handler"))

    roles = {grant.role for grant in effective_grants(hanna, [away, hanna], TODAY + timedelta(days=days))}

    assert roles == ({"handler", "approver"} if stands_in else {"handler"})


def away(name: str, substitute: str | None, *grants: str) -> User:
    absence = Absence(first=TODAY, last=TODAY, substitute=substitute)
    return user(name, *((where, "handler") for where in grants), absences=[absence])


def test_a_substitute_who_is_away_is_replaced_too() -> None:
    first, second, third = away("a", "b", MARKET), away("b", "c", SOUTH), user("c", (NIMIC, "handler"))

    grants = effective_grants(third, [first, second, third], TODAY)

    assert [grant.authority for grant in grants] == [NIMIC, MARKET, SOUTH]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd")), max_size=6))
def test_substitutions_in_a_circle_come_to_an_end_and_give_only_rights_that_somebody_has(
    pairs: list[tuple[str, str]],
) -> None:
    users = {name: away(name, substitute, f"DE/{name}") for name, substitute in pairs}

    for one in users.values():
        grants = effective_grants(one, users.values(), TODAY)
        assert set(one.grants) <= set(grants)
        assert len(set(grants)) == len(grants)
        assert {grant.authority for grant in grants} <= {f"DE/{name}" for name in users}


def test_users_of_a_retired_authority_have_no_power_over_others() -> None:
    held = register(users=USERS, more=[registered(SOUTH, status="retired", region="South")])

    with pytest.raises(Denied):
        change(held, "sven", new_user(handler()))
