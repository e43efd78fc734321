"""What is to be done, who is told, and the one message that tells it."""

from datetime import UTC, date, datetime

import pytest

from node.handlers.access import Case
from node.handlers.dates.audience import Staff, told
from node.handlers.dates.deadlines import running
from node.handlers.dates.digest import MAX_LINES, digest, told_until
from node.handlers.dates.public_holidays import public_holidays
from node.handlers.dates.work import in_order, item
from schemas.authorities import Authority, Coordination
from schemas.desk import Desk
from schemas.exchange import Exchange
from schemas.notices import Notice, NoticeKind, WorkItem
from schemas.people import Absence, Grant, Role, User
from tests.unit.handlers.test_deadlines import SENT, START, area, case, deadline

DECLARED = area(acceptance=deadline(label="Accept, forward or refuse", days=7, escalates_after=2))
DUE_ON = date(2026, 12, 1)
LINK = "https://imi.example.eu/exchanges/"


def notice(kind: NoticeKind, subject: str = "send", exchange: Exchange | None = None) -> Notice:
    about = exchange or case([SENT])
    return Notice(exchange=about.id, kind=kind, subject=subject, since=about.history[0].message, at=START)


def work(day: date, *notices: Notice, node: str = "CY") -> WorkItem | None:
    exchange = case([SENT])
    dues = running(exchange, DECLARED, public_holidays)
    return item(exchange, DECLARED, node=node, today=day, dues=dues, notices=notices)


def test_work_is_as_urgent_as_the_most_urgent_of_its_reasons() -> None:
    def urgency(day: date, *kinds: NoticeKind) -> str | None:
        subjects = {"reminder": "acceptance", "news": "send"}
        found = work(day, *(notice(kind, subjects.get(kind, "EC")) for kind in kinds))
        return found.urgency if found is not None else None

    assert urgency(date(2026, 11, 24)) is None
    assert urgency(date(2026, 11, 24), "news") == "news"
    assert urgency(date(2026, 11, 24), "news", "reminder") == "soon"
    assert urgency(date(2026, 11, 28), "news") == "soon"
    assert urgency(date(2026, 11, 28), "news", "inactivity") == "inactive"
    assert urgency(date(2026, 11, 28), "inactivity", "refused") == "alarm"
    assert urgency(DUE_ON, "news") == "soon"
    assert urgency(date(2026, 12, 2), "unreceived") == "overdue"
    assert urgency(date(2026, 12, 3), "unreceived") == "critical"


def test_what_the_other_side_is_to_do_is_no_work_of_ours() -> None:
    assert work(date(2026, 12, 9), node="DE") is None


def test_a_reminder_of_what_was_settled_since_is_no_work() -> None:
    exchange = case([SENT, ("CY", "accept", 1)], state="accepted")

    found = item(
        exchange, DECLARED, node="CY", today=DUE_ON, dues=(), notices=[notice("reminder", "acceptance", exchange)]
    )

    assert found is None


def user(name: str, role: Role = "handler", authority: str = "CY/office", **changes: object) -> User:
    grant = Grant(authority=authority, role=role)
    return User.model_validate({"id": name, "name": name.title(), "since": START, "grants": (grant,), **changes})


def away(substitute: str | None = None) -> tuple[Absence, ...]:
    return (Absence(first=DUE_ON, last=DUE_ON, substitute=substitute),)


def who(*users: User, authority: str = "CY/office", handler: str | None = None) -> set[str]:
    return set(Staff(users, DUE_ON).who(authority, case([SENT]), handler))


def test_those_are_told_whose_work_it_is() -> None:
    other_area = user("areas").model_copy(
        update={"grants": (Grant(authority="CY/office", role="handler", area="services"),)}
    )
    other_procedure = user("procedures").model_copy(
        update={"grants": (Grant(authority="CY/office", role="handler", procedures=("notification",)),)}
    )
    gone = user("gone", left_at=START)

    assert who(user("a"), user("b", "allocator"), user("c", "viewer"), user("d", authority="CY/other")) == {"a", "b"}
    assert who(other_area, other_procedure, gone, user("operator", "operator")) == {"CY/office"}


def test_an_absent_users_share_goes_to_the_substitute() -> None:
    stand_in = user("s", authority="CY/other")

    assert who(user("a", absences=away("s")), stand_in) == {"s"}
    assert who(user("a", absences=away("s")), user("s", authority="CY/other", absences=away("t")), user("t")) == {"t"}
    assert who(user("a", absences=away()), user("b")) == {"b"}
    assert who(user("a", absences=away())) == {"a"}


def test_who_was_given_the_exchange_is_told_alone_or_whoever_stands_in() -> None:
    assert who(user("a"), user("b"), handler="a") == {"a"}
    assert who(user("a", absences=away("s")), user("b"), user("s", authority="CY/x"), handler="a") == {"s"}
    assert who(user("b"), handler="gone") == {"b"}


def coordinator(name: str, **changes: object) -> Authority:
    return Authority(id=f"CY/{name}", name=name, coordination=Coordination.model_validate(changes))


@pytest.mark.parametrize(
    ("coordinators", "names"),
    [
        ([coordinator("nimic", national=True)], ["CY/nimic"]),
        ([coordinator("nimic", national=True), coordinator("area", areas=("e_commerce",))], ["CY/area"]),
        ([coordinator("nimic", national=True), coordinator("area", areas=("services",))], ["CY/nimic"]),
        ([coordinator("gate", functions=("access",))], []),
        ([coordinator("south", region="south"), coordinator("north", region="north")], ["CY/south"]),
    ],
)
def test_the_nearest_coordinators_are_told(coordinators: list[Authority], names: list[str]) -> None:
    office = Authority(id="CY/office", name="Office", region="south")
    exchange = case([SENT]).model_copy(update={"authorities": {"responding": "CY/office"}})
    found = Case(
        exchange=exchange,
        procedure=DECLARED.procedures["request"],
        node="CY",
        desk=Desk(exchange=exchange.id),
        authorities={each.id: each for each in (office, *coordinators)},
    )

    assert list(told(found, "coordinator")) == names
    assert told(found, "authority") == ("CY/office",)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-24T05:59", None),
        ("2026-11-24T06:00", "2026-11-24T06:00"),
        ("2026-11-24T23:00", "2026-11-24T06:00"),
        ("2026-11-28T12:00", None),  # a Saturday
        ("2026-12-25T12:00", None),
        ("2026-12-24T12:00", "2026-12-24T06:00"),
    ],
)
def test_digests_are_made_in_the_morning_of_working_days(now: str, until: str | None) -> None:
    found = told_until(datetime.fromisoformat(f"{now}+00:00"), "CY", public_holidays)

    assert found == (datetime.fromisoformat(f"{until}+00:00").astimezone(UTC) if until is not None else None)


def test_a_digest_says_number_status_and_link_the_most_urgent_first() -> None:
    late, new = work(date(2026, 12, 2)), work(date(2026, 11, 24), notice("news"))
    assert late is not None
    assert new is not None
    other = new.model_copy(update={"exchange": "ECOM-REQ-DE-2026-000002"})

    made = digest("a.papas", [other, late], node="CY", day=date(2026, 12, 2), link=LINK, domain="imi.cy.example")

    assert made.subject == "IMI: 2 cases for you to look at"
    assert made.body == (
        "Overdue\n"
        "ECOM-REQ-DE-2026-000001: Awaiting acceptance; 1 day overdue\n"
        f"  {LINK}ECOM-REQ-DE-2026-000001\n"
        "\n"
        "New\n"
        "ECOM-REQ-DE-2026-000002: Awaiting acceptance\n"
        f"  {LINK}ECOM-REQ-DE-2026-000002\n"
        "\n"
        "Nothing of what the cases are about is ever sent by e-mail. Sign in to read them.\n"
    )
    assert made.message_id.startswith("2026-12-02.")
    assert made.message_id.endswith("@imi.cy.example")
    assert "a.papas" not in made.message_id


def test_a_digest_is_the_same_message_whenever_it_is_made_and_another_for_everybody_and_every_day() -> None:
    new = work(date(2026, 11, 24), notice("news"))
    assert new is not None

    def made(recipient: str, day: int) -> str:
        made = digest(recipient, [new], node="CY", day=date(2026, 12, day), link=LINK, domain="imi.cy.example")
        return made.message_id

    assert made("a", 1) == made("a", 1)
    assert len({made("a", 1), made("b", 1), made("a", 2)}) == 3


def test_a_long_digest_names_the_most_urgent_and_counts_the_others() -> None:
    new = work(date(2026, 11, 24), notice("news"))
    assert new is not None
    many = [new.model_copy(update={"exchange": f"ECOM-REQ-DE-2026-{number:06d}"}) for number in range(MAX_LINES + 7)]

    made = digest("a", many, node="CY", day=date(2026, 11, 24), link=LINK, domain="imi.cy.example")

    assert made.body.count(LINK) == MAX_LINES
    assert "There are 7 more" in made.body
    assert made.cases == len(many)
    assert in_order(many)[0].exchange == "ECOM-REQ-DE-2026-000000"
