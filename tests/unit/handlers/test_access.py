"""Every role against every act, as tables to be read; and who has to do with an exchange at all."""

from typing import get_args

import pytest

from node.handlers import access
from node.handlers.access import OWN_ACCOUNT, OWN_ACCOUNT_ALONE, Actor, Case, Denied, Hidden
from node.handlers.exchanges.procedure import Refused
from node.handlers.rights import CASE_RIGHTS, RIGHTS, Right
from schemas.authorities import Authority, Coordination
from schemas.desk import Desk, PendingStep
from schemas.exchange import Act
from schemas.people import Role
from schemas.refusal import Refusal
from tests.unit.handlers.access_cases import AT, CYPRUS, actor, authority, case
from tests.unit.handlers.cases import AREA

ROLES: tuple[Role, ...] = get_args(Role)

# What a role gives anywhere at all: the question at every entry point. `own` is the node's own account once users are
# registered.
ANYWHERE = """
                  handler approver allocator referral_handler disseminator administrator viewer auditor assessor statistician helpdesk operator own
see                  x       x         x            x              x             .           x       .        x          .           .        .      .
see_personal         x       x         .            x              .             .           x       .        x          .           .        .      .
download             x       x         .            x              .             .           x       .        x          .           .        .      .
export_evidence      x       x         .            x              .             .           x       .        x          .           .        .      .
search               x       x         x            x              x             .           x       .        x          .           .        .      .
note_opened          x       .         x            .              x             .           .       .        x          .           .        .      .
open                 x       .         .            .              .             .           .       .        .          .           .        .      .
take                 x       .         .            .              .             .           .       .        x          .           .        .      .
forward              x       .         x            .              .             .           .       .        .          .           .        .      .
coordinate           .       .         .            x              .             .           .       .        .          .           .        .      .
prepare              x       .         .            x              .             .           .       .        x          .           .        .      .
attach               x       .         .            x              .             .           .       .        x          .           .        .      .
release              .       x         .            .              .             .           .       .        .          .           .        .      .
allocate             .       .         x            .              .             .           .       .        .          .           .        .      .
disseminate          .       .         .            .              x             .           .       .        .          .           .        .      .
block                x       .         .            x              .             .           .       .        x          .           .        .      .
ask_about_data       x       .         .            x              .             .           .       .        x          .           .        .      .
decide_about_data    .       x         .            x              .             .           .       .        .          .           .        .      .
rectify              x       .         .            .              .             .           .       .        x          .           .        .      .
see_data_requests    x       x         .            x              .             .           .       x        x          .           .        .      .
see_register         x       x         x            x              x             x           x       x        x          x           x        x      x
see_users            .       .         .            .              .             x           .       x        .          .           x        .      .
validate             .       .         .            .              .             x           .       .        .          .           .        .      .
give_access          .       .         .            .              .             x           .       .        .          .           .        .      .
manage_users         .       .         .            .              .             x           .       .        .          .           .        .      .
see_directory        x       x         x            x              x             x           x       x        x          x           x        x      x
ask_guidance         x       x         x            x              x             x           x       x        x          x           x        x      x
count                x       x         x            x              x             x           x       .        x          x           .        .      .
report               .       .         .            .              .             .           .       .        .          x           .        x      x
see_declarations     x       x         x            x              x             x           x       x        x          x           x        x      x
declare              .       .         .            .              .             x           .       .        .          .           .        .      .
see_status           .       .         .            .              .             .           .       .        .          .           x        x      x
operate              .       .         .            .              .             .           .       .        .          .           .        x      x
audit                .       .         .            .              .             .           .       x        .          .           .        .      .
"""  # noqa: E501  a table is read across

# What a role gives in a request of Germany that Cyprus has accepted, by the authority that the role is for:
#   A acts: the responsible one          R reads: it was disseminated to it
#   C coordinates                        D coordinates, while coordinators have to decide a referral
#   X has nothing to do with it: never in the table
AT_HOME = """
                  handler approver allocator referral_handler disseminator administrator viewer auditor assessor statistician helpdesk operator own
see                 ARCD    ARCD     ARCD           CD            ARCD           .          ARCD     .        .          .           .        .      .
see_personal         AR      ARD       .            D              .             .           AR      .        .          .           .        .      .
download             AR      ARD       .            D              .             .           AR      .        .          .           .        .      .
export_evidence      AR      ARD       .            D              .             .           AR      .        .          .           .        .      .
search              ARCD    ARCD     ARCD           CD            ARCD           .          ARCD     .        .          .           .        .      .
note_opened          A       .         A            .              A             .           .       .        .          .           .        .      .
open                 A       .         .            .              .             .           .       .        .          .           .        .      .
take                 A       .         .            .              .             .           .       .        .          .           .        .      .
forward             ACD      .        ACD           .              .             .           .       .        .          .           .        .      .
coordinate           .       .         .            CD             .             .           .       .        .          .           .        .      .
prepare             ACD      .         .            CD             .             .           .       .        .          .           .        .      .
attach              ACD      .         .            CD             .             .           .       .        .          .           .        .      .
release              .      ACD        .            .              .             .           .       .        .          .           .        .      .
allocate             .       .        ACD           .              .             .           .       .        .          .           .        .      .
disseminate          .       .         .            .             ACD            .           .       .        .          .           .        .      .
block                ACD     .         .            CD             .             .           .       .        .          .           .        .      .
ask_about_data       A       .         .            .              .             .           .       .        .          .           .        .      .
decide_about_data    .       ACD       .            CD             .             .           .       .        .          .           .        .      .
rectify              A       .         .            .              .             .           .       .        .          .           .        .      .
"""  # noqa: E501  a table is read across

# The same at the Commission's node: N in a notification. It is party to nothing else.
AT_THE_COMMISSION = """
                  handler approver allocator referral_handler disseminator administrator viewer auditor assessor statistician helpdesk operator own
see                  .       N         .            .              .             .           N       .        N          .           .        .      .
see_personal         .       N         .            .              .             .           N       .        N          .           .        .      .
download             .       N         .            .              .             .           N       .        N          .           .        .      .
export_evidence      .       N         .            .              .             .           N       .        N          .           .        .      .
search               .       N         .            .              .             .           N       .        N          .           .        .      .
note_opened          .       .         .            .              .             .           .       .        N          .           .        .      .
open                 .       .         .            .              .             .           .       .        .          .           .        .      .
take                 .       .         .            .              .             .           .       .        N          .           .        .      .
forward              .       .         .            .              .             .           .       .        .          .           .        .      .
coordinate           .       .         .            .              .             .           .       .        .          .           .        .      .
prepare              .       .         .            .              .             .           .       .        N          .           .        .      .
attach               .       .         .            .              .             .           .       .        N          .           .        .      .
release              .       N         .            .              .             .           .       .        .          .           .        .      .
allocate             .       .         .            .              .             .           .       .        .          .           .        .      .
disseminate          .       .         .            .              .             .           .       .        .          .           .        .      .
block                .       .         .            .              .             .           .       .        N          .           .        .      .
ask_about_data       .       .         .            .              .             .           .       .        N          .           .        .      .
decide_about_data    .       N         .            .              .             .           .       .        .          .           .        .      .
rectify              .       .         .            .              .             .           .       .        N          .           .        .      .
"""  # noqa: E501  a table is read across

REFERRED = case(state="referred")
PLACES: dict[str, tuple[str, Case]] = {
    "A": ("CY/responsible", case()),
    "R": ("CY/told", case()),
    "C": ("CY/coordinator", case()),
    "D": ("CY/coordinator", REFERRED),
    "X": ("CY/elsewhere", REFERRED),
}


def rows(table: str) -> list[tuple[Right, str, str]]:
    """Each right with each column and its cell."""
    head, *lines = table.strip("\n").splitlines()
    columns = head.split()
    assert columns == [*ROLES, "own"]
    return [
        (Right(line.split()[0]), column, cell)
        for line in lines
        for column, cell in zip(columns, line.split()[1:], strict=True)
    ]


def who(column: str, at: str) -> Actor:
    return OWN_ACCOUNT if column == "own" else actor(column, at)  # type: ignore[arg-type]  # the head of the table


def test_the_tables_leave_nothing_out() -> None:
    assert {right for right, _, _ in rows(ANYWHERE)} == set(Right)
    assert {right for right, _, _ in rows(AT_HOME)} == {right for right, _, _ in rows(AT_THE_COMMISSION)} == CASE_RIGHTS


@pytest.mark.parametrize(("right", "column", "cell"), rows(ANYWHERE))
def test_what_a_role_gives_anywhere(right: Right, column: str, cell: str) -> None:
    user = who(column, "CY/responsible")

    assert access.holds(user, right) is (cell == "x")
    if cell == ".":
        with pytest.raises(Denied, match=r"the role|an administrator of") as caught:
            access.require(user, right)
        assert caught.value.right is right


@pytest.mark.parametrize(("right", "column", "cell"), rows(AT_HOME))
def test_what_a_role_gives_in_an_exchange(right: Right, column: str, cell: str) -> None:
    allowed = {place for place, (at, one) in PLACES.items() if access.may(who(column, at), right, one)}

    assert allowed == set(cell) - {"."}


@pytest.mark.parametrize(("right", "column", "cell"), rows(AT_THE_COMMISSION))
def test_what_a_role_gives_at_the_commission(right: Right, column: str, cell: str) -> None:
    user = who(column, "EC/e-commerce")
    notified = case("notification", "open_for_comments", "EC")
    taken_on = case("notification", "open_for_comments", "EC", authorities={"commission": "EC/other"})

    assert access.may(user, right, notified) is (cell == "N")
    assert not access.may(user, right, taken_on), "another unit has taken it on"


@pytest.mark.parametrize("right", Right)
def test_while_no_user_is_registered_the_local_door_does_everything(right: Right) -> None:
    assert access.holds(OWN_ACCOUNT_ALONE, right)
    assert access.may(OWN_ACCOUNT_ALONE, right, REFERRED)
    assert access.may_over(OWN_ACCOUNT_ALONE, right, CYPRUS["CY/local"], CYPRUS)


@pytest.mark.parametrize("right", Right)
def test_nobody_has_any_right_without_a_grant(right: Right) -> None:
    nobody = Actor(actor("handler").user)

    assert not access.holds(nobody, right)
    assert not access.may(nobody, right, REFERRED)
    assert not access.may_over(nobody, right, CYPRUS["CY/local"], CYPRUS)


@pytest.mark.parametrize("role", ROLES)
def test_who_sees_no_content_has_no_right_in_any_exchange(role: Role) -> None:
    assert bool(RIGHTS[role] & CASE_RIGHTS) is (Right.SEE in RIGHTS[role])


@pytest.mark.parametrize(
    ("area", "procedures", "sees"),
    [(None, (), True), ("e_commerce", ("request",), True), ("services", (), False), (None, ("notification",), False)],
)
def test_a_grant_counts_in_its_area_and_procedures(area: str | None, procedures: tuple[str, ...], sees: bool) -> None:  # noqa: FBT001
    assert access.may(actor("handler", area=area, procedures=procedures), Right.SEE, case()) is sees


def coordinator(**scope: object) -> dict[str, Authority]:
    one = authority("CY/coordinator", coordination=Coordination.model_validate(scope))
    return {**CYPRUS, one.id: one}


@pytest.mark.parametrize(
    ("scope", "sees"),
    [
        ({"functions": ("content",)}, True),
        ({"functions": ("validating", "access")}, False),
        ({"areas": ("e_commerce",)}, True),
        ({"areas": ("services",)}, False),
        ({"region": "Larnaca"}, True),
        ({"region": "Paphos"}, False),
    ],
)
def test_a_coordinator_sees_what_it_coordinates(scope: dict[str, object], sees: bool) -> None:  # noqa: FBT001
    known = case()
    coordinated = Case(known.exchange, known.procedure, "CY", known.desk, coordinator(**scope))

    assert access.may(actor("handler", "CY/coordinator"), Right.SEE, coordinated) is sees


@pytest.mark.parametrize(
    ("at", "sees", "acts"),
    [
        ("CY/responsible", True, True),
        ("CY/further", True, True),
        ("CY/central", True, True),
        ("CY/told", True, False),
        ("CY/coordinator", True, False),
        ("CY/elsewhere", False, False),
    ],
)
def test_only_authorities_that_take_part_see_it_and_only_those_that_act_take_steps(
    at: str,
    sees: bool,  # noqa: FBT001
    acts: bool,  # noqa: FBT001
) -> None:
    user = actor("handler", at)

    assert access.may(user, Right.SEE, case()) is sees
    assert access.may(user, Right.TAKE, case()) is acts
    if not sees:
        with pytest.raises(Hidden):
            access.require_in(user, Right.SEE, case())


def test_what_is_addressed_to_a_country_only_is_the_national_coordinators() -> None:
    unaddressed = case(authorities={}, further={})

    assert access.may(actor("handler", "CY/coordinator"), Right.TAKE, unaddressed)
    assert not access.may(actor("handler", "CY/responsible"), Right.SEE, unaddressed)


def test_a_draft_is_seen_by_the_authority_that_prepares_it() -> None:
    pending = PendingStep(step="send", authority="CY/local", status="draft", by="anna", at=AT)
    sent = case(authorities={}, further={}, opened_at=None)
    draft = Case(sent.exchange, sent.procedure, "CY", Desk(exchange=sent.exchange.id, pending={"send": pending}))

    assert access.may(actor("handler", "CY/local"), Right.SEE, draft)
    assert not access.may(actor("handler", "CY/responsible"), Right.SEE, draft)


REPLY = Act(step="reply", authority="CY/responsible", exchange=case().exchange.id)


@pytest.mark.parametrize(
    ("user", "changes", "words"),
    [
        (actor("handler"), {}, None),
        (
            actor("handler", "CY/further"),
            {},
            "no right to take steps in an exchange for CY/responsible: the role handler gives it for CY/further",
        ),
        (actor("viewer"), {}, r"can give the role handler$"),
        (actor("approver"), {}, r"can give the role handler$"),
        (actor("handler", "CY/told"), {}, "CY/told only reads it, and CY/further or CY/responsible acts"),
        (actor("handler", "CY/told"), {"authority": "CY/told"}, "CY/told only reads it"),
        (actor("handler", "CY/coordinator"), {"authority": "CY/coordinator"}, "CY/coordinator only coordinates it"),
        (actor("handler", "CY/central"), {"authority": "CY/central"}, "on behalf of CY/further or CY/responsible only"),
        (actor("handler", "CY/central"), {"authority": "CY/central", "on_behalf_of": "CY/responsible"}, None),
        (actor("allocator"), {"step": "forward"}, None),
        (actor("handler", "CY/coordinator"), {"step": "forward", "authority": "CY/coordinator"}, None),
        (actor("viewer"), {"step": "forward"}, "the role handler or allocator"),
        (actor("referral_handler", "CY/coordinator"), {"step": "uphold", "authority": "CY/coordinator"}, None),
        (actor("handler", "CY/coordinator"), {"step": "uphold", "authority": "CY/coordinator"}, "referral handler"),
        (actor("referral_handler"), {"step": "uphold"}, None),
    ],
)
def test_who_takes_a_step(user: Actor, changes: dict[str, object], words: str | None) -> None:
    act = REPLY.model_copy(update=changes)
    known = REFERRED if act.step == "uphold" else case()
    declared = AREA.procedures["request"].steps[act.step]

    if user.grants[0].role == "referral_handler" and user.grants[0].authority == "CY/responsible":
        with pytest.raises(Hidden):  # the role is for coordinators only
            access.require_step(user, act, declared, known)
    elif words is None:
        access.require_step(user, act, declared, known)
    else:
        with pytest.raises(Denied, match=words):
            access.require_step(user, act, declared, known)


def test_a_role_that_the_commission_alone_gives_is_named_there_only() -> None:
    notified = case("notification", "open_for_comments", "EC")

    with pytest.raises(Denied, match=r"can give the role assessor$"):
        access.require_in(actor("viewer", "EC/e-commerce"), Right.TAKE, notified, authority="EC/e-commerce")


def test_who_works_for_an_authority_that_ended_is_told_so() -> None:
    user = actor("handler").user
    with pytest.raises(Denied, match="CY/responsible is not validated, or retired, and nobody acts for it"):
        access.require(Actor(user), Right.OPEN)


@pytest.mark.parametrize("right", [Right.VALIDATE, Right.GIVE_ACCESS, Right.MANAGE_USERS])
def test_rights_over_authorities_are_not_given_as_roles(right: Right) -> None:
    with pytest.raises(Denied, match=r"an administrator of .* a coordinator over it|an administrator of a coordinator"):
        access.require_over(actor("administrator"), right, CYPRUS["CY/local"], CYPRUS)


@pytest.mark.parametrize(
    ("user", "step", "able"),
    [
        (actor("handler"), "reply", ("CY/responsible",)),
        (actor("handler", "CY/further"), "part_reply", ("CY/further",)),
        (actor("handler", "CY/central"), "reply", ("CY/central",)),
        (actor("handler", "CY/told"), "reply", ()),
        (actor("handler", "CY/coordinator"), "forward", ("CY/coordinator",)),
        (actor("handler", "CY/coordinator"), "uphold", ()),
        (actor("referral_handler", "CY/coordinator"), "uphold", ("CY/coordinator",)),
        (OWN_ACCOUNT_ALONE, "reply", ("CY/further", "CY/responsible")),
        (OWN_ACCOUNT, "reply", ()),
    ],
)
def test_for_which_authority_a_step_is_taken(user: Actor, step: str, able: tuple[str, ...]) -> None:
    rule = AREA.procedures["request"].steps[step]

    assert access.authorities_for(user, rule, case(), AREA) == able


def test_a_step_is_taken_for_no_authority_that_has_no_access() -> None:
    rule = AREA.procedures["request"].steps["reply"]
    known = case()
    without = {**CYPRUS, "CY/responsible": authority("CY/responsible", modules={})}
    other = Case(known.exchange, known.procedure, "CY", known.desk, without)

    assert access.authorities_for(actor("handler"), rule, other, AREA) == ()


def test_a_step_that_an_approver_releases_is_not_taken_by_a_handler() -> None:
    declared = AREA.procedures["request"].steps["reply"]

    with pytest.raises(Denied, match="submit it with `imi desk submit`") as caught:
        access.require_step(actor("handler"), REPLY, declared, case(), ("reply",))

    assert caught.value.right is Right.RELEASE
    access.require_step(OWN_ACCOUNT_ALONE, REPLY, declared, case(), ("reply",))


def test_who_opens_an_exchange() -> None:
    act = Act(step="send", authority="CY/local", procedure="request")
    declared = AREA.procedures["request"].steps["send"]

    access.require_opening(actor("handler", "CY/local"), act, declared)
    access.require_opening(OWN_ACCOUNT_ALONE, act, declared, ("send",))
    for user in (actor("handler", "CY/told"), actor("approver", "CY/local"), OWN_ACCOUNT):
        with pytest.raises(Denied):
            access.require_opening(user, act, declared)
    with pytest.raises(Denied, match="released by an approver"):
        access.require_opening(actor("handler", "CY/local"), act, declared, ("send",))


def test_a_registered_authority_passes() -> None:
    access.require_registered(registered("DE/a", "request"), "DE/a", area=AREA, procedure="request")


def registered(name: str, *procedures: str, coordinator: bool = False) -> Authority:
    coordination = Coordination(national=True) if coordinator else None
    return Authority(id=name, name=name, modules={"e_commerce": procedures}, coordination=coordination)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (None, "no authority DE/a is known here"),
        (registered("DE/a", "notification"), "its coordinator can register it"),
    ],
)
def test_others_are_refused_with_the_remedy(known: Authority | None, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        access.require_registered(known, "DE/a", area=AREA, procedure="request")

    assert caught.value.code is Refusal.NOT_A_PARTY


def test_the_commission_needs_no_registration_but_must_exist() -> None:
    access.require_registered(registered("EC/unit"), "EC/unit", area=AREA, procedure="notification")
    with pytest.raises(Refused):
        access.require_registered(None, "EC/unit", area=AREA, procedure="notification")


@pytest.mark.parametrize("on_behalf_of", ["CY/local", "CY/central"])
def test_an_authority_acts_only_for_those_that_it_is_registered_for(on_behalf_of: str) -> None:
    access.require_behalf(CYPRUS["CY/central"], "CY/central", "CY/responsible")
    access.require_behalf(None, "CY/central", None)
    with pytest.raises(Refused, match="does not act on behalf of"):
        access.require_behalf(CYPRUS["CY/central"], "CY/central", on_behalf_of)


def test_what_is_addressed_to_a_country_goes_to_its_coordinator_or_the_first_registered() -> None:
    first, second = registered("CY/b", "request"), registered("CY/c", "request")
    national = registered("CY/z", "request", coordinator=True)
    elsewhere = registered("CY/a", "notification", coordinator=True)

    assert access.addressee([second, national, first], area=AREA, procedure="request") == "CY/z"
    assert access.addressee([second, elsewhere, first], area=AREA, procedure="request") == "CY/b"
    assert access.addressee([elsewhere], area=AREA, procedure="request") is None
