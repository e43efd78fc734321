"""What time and others' steps make users see, over real stores: once, at its time, until it is done."""

from datetime import UTC, datetime

from node.config import Mail
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.runtime.actors import actor_named
from node.runtime.notices import work_of
from node.store import exchanges, mails, notices
from schemas.desk import Preparation, SendingBack
from schemas.notices import MailView, WorkItem
from schemas.people import Grant
from schemas.register import AddUser
from tests.unit.runtime.desks import Desk, Town

MAIL = Mail(server="smtp://localhost:2525", sender="imi@node.example", link="https://imi.example/exchanges/")


async def at(town: Town, day: str, hour: int = 7) -> None:
    """Let it be an hour of a day of 2026 or, with a year, of another one, and every node look at the clock."""
    text = day if len(day) > 5 else f"2026-{day}"
    town.clock.at = datetime.fromisoformat(f"{text}T{hour:02d}:00+00:00").astimezone(UTC)
    for desk in town.desks.values():
        await desk.runtime.tick()


async def work(desk: Desk, user: str | None = None) -> list[tuple[str, ...]]:
    actor = OWN_ACCOUNT_ALONE if user is None else await actor_named(desk.seat, user)
    return [(each.urgency, *reasons(each)) for each in await work_of(desk.seat, actor)]


def reasons(item: WorkItem) -> list[str]:
    return [*(due.deadline for due in item.dues), *item.news, *item.alarms]


async def told(desk: Desk, case: str) -> list[tuple[str, str, int]]:
    """All that was ever told of an exchange, by kind."""
    found = await notices.of_exchange(desk.seat.store.read, case)
    return sorted((each.kind, each.subject, each.day) for each in found)


async def posted(desk: Desk) -> list[MailView]:
    return await mails.page(desk.seat.store.read)


async def staff(desk: Desk) -> None:
    """Two authorities with a user each: one who acts, one who coordinates and governs the register."""
    office, coordinator = f"{desk.node}/consumer-protection", f"{desk.node}/coordinator"
    roles = ("administrator", "referral_handler")
    await desk.runtime.registers.change(
        [
            AddUser(
                user="nimic",
                name="Coordinator",
                email="nimic@gov.example",
                grants=tuple(Grant(authority=coordinator, role=role) for role in roles),
            ),
            AddUser(
                user="clerk", name="Clerk", email="clerk@gov.example", grants=(Grant(authority=office, role="handler"),)
            ),
        ],
        OWN_ACCOUNT_ALONE,
    )


async def sent(town: Town) -> str:
    """A request of DE to the office of CY, as it was taken in."""
    act = town.DE.intention("send", country_of_establishment="CY", addressed="CY/consumer-protection")
    case = (await town.DE.runtime.submit(act, OWN_ACCOUNT_ALONE)).id
    await town.carry()
    return case


async def test_a_request_that_is_not_accepted_is_reminded_of_after_three_and_seven_days_once_each(town: Town) -> None:
    case = await sent(town)
    assert await work(town.CY) == [("news", "send")]

    await at(town, "11-27", 5)
    assert await told(town.CY, case) == [("news", "send", 0)]
    for hour in (6, 7, 23):
        await at(town, "11-27", hour)
    await at(town, "11-29")
    assert await work(town.CY) == [("soon", "acceptance", "send")]
    for hour in (6, 7):
        await at(town, "12-01", hour)
    await at(town, "12-02")

    assert await told(town.CY, case) == [
        ("escalation", "acceptance", 0),
        ("news", "send", 0),
        ("reminder", "acceptance", -4),
        ("reminder", "acceptance", 0),
    ]
    assert await work(town.CY) == [("critical", "acceptance", "send")]
    assert await told(town.DE, case) == []
    assert (await town.DE.view(case)).sentence == (
        "Awaiting acceptance. Cyprus is to accept, forward or refuse by 1 Dec 2026; critically overdue, by 1 day."
    )


async def test_a_node_that_was_away_gives_the_last_reminder_of_each_matter_only(town: Town) -> None:
    case = await sent(town)

    await at(town, "2027-05-03")

    assert await told(town.CY, case) == [
        ("escalation", "acceptance", 0),
        ("escalation", "reply_requested", 7),
        ("inactivity", "", 0),
        ("news", "send", 0),
        ("reminder", "acceptance", 0),
        ("reminder", "reply_requested", 7),
    ]
    assert len(await work(town.CY)) == 1


async def test_an_own_step_ends_what_was_to_be_done(town: Town) -> None:
    case = await sent(town)
    await at(town, "12-02")

    await town.CY.act("accept", case, reply_proposed_by="2026-12-15")

    assert await work(town.CY) == []
    assert await work(town.DE) == []  # it has not heard of it yet
    await town.carry()
    await at(town, "12-12")
    assert await work(town.CY) == [("soon", "reply_promised")]
    assert await work(town.DE) == [("news", "accept")]


async def test_news_is_none_any_more_once_it_was_opened(town: Town) -> None:
    case = await sent(town)

    await town.CY.runtime.note_opened(case, OWN_ACCOUNT_ALONE)

    assert await work(town.CY) == []


async def at_home(town: Town) -> None:
    """Cyprus with two offices, whose users handle and approve, and the coordinator."""
    await staff(town.CY)
    users = {"anna": ("coordinator", "handler"), "ben": ("consumer-protection", "approver")}
    await town.CY.runtime.registers.change(
        [
            AddUser(
                user=user,
                name=user,
                email=f"{user}@gov.example",
                grants=(Grant.model_validate({"authority": f"CY/{authority}", "role": role}),),
            )
            for user, (authority, role) in users.items()
        ],
        await actor_named(town.CY.seat, "nimic"),
    )


async def take(desk: Desk, user: str, step: str, case: str, *, addressed: str | None = None, **form: object) -> None:
    actor = await actor_named(desk.seat, user)
    authority = next(grant.authority for grant in actor.grants if grant.role != "administrator")
    act = desk.intention(step, case, authority=authority, addressed=addressed, form=form)
    await desk.runtime.submit(act.model_copy(update={"user": user}), actor)


async def test_the_authority_that_a_case_is_forwarded_to_is_told(town: Town) -> None:
    case = await sent(town)
    await at_home(town)

    await take(town.CY, "clerk", "forward", case, addressed="CY/coordinator")

    assert await work(town.CY, "anna") == [("news", "forward")]
    assert await work(town.CY, "clerk") == []
    await town.CY.runtime.note_opened(case, await actor_named(town.CY.seat, "anna"))
    assert await work(town.CY, "anna") == []


async def test_an_authority_that_joins_for_a_part_is_told_and_the_one_that_let_it_join_does_not_unsay_it(
    town: Town,
) -> None:
    case = await sent(town)
    await at_home(town)
    await take(town.CY, "clerk", "accept", case, reply_proposed_by="2027-03-01")

    await take(town.CY, "clerk", "split", case, addressed="CY/coordinator")
    await town.CY.runtime.note_opened(case, await actor_named(town.CY.seat, "clerk"))

    assert await work(town.CY, "clerk") == []
    assert await work(town.CY, "anna") == [("news", "split")]
    await take(town.CY, "anna", "part_reply", case)
    assert await work(town.CY, "clerk") == [("news", "part_reply")]
    assert await work(town.CY, "anna") == []


async def test_coordinators_are_told_of_what_they_are_to_decide_until_it_is_decided(town: Town) -> None:
    town.CY.seat.mail = MAIL
    case = await sent(town)
    await at_home(town)
    await take(town.CY, "clerk", "accept", case, reply_proposed_by="2027-03-01")
    await take(town.CY, "clerk", "reply", case)
    await town.carry()
    await town.DE.act("refer", case)
    await town.carry()

    assert await work(town.CY, "nimic") == [("news", "refer")]
    assert await work(town.CY, "clerk") == [("news", "refer")]
    await town.CY.runtime.note_opened(case, await actor_named(town.CY.seat, "clerk"))
    assert await work(town.CY, "nimic") == [("news", "refer")]
    await at(town, "11-25")
    assert "nimic" in {each.recipient for each in await posted(town.CY)}
    await at(town, "12-06")
    assert await work(town.CY, "nimic") == [("soon", "referral", "refer")]

    await take(town.CY, "nimic", "reconsider", case, reply_proposed_by="2027-03-01")
    assert await work(town.CY, "nimic") == []
    assert await work(town.CY, "clerk") == [("news", "reconsider")]


async def test_what_waits_for_approval_is_the_approvers_and_what_is_sent_back_the_handlers(town: Town) -> None:
    case = await sent(town)
    await at_home(town)
    await take(town.CY, "clerk", "accept", case, reply_proposed_by="2027-03-01")
    clerk, ben = [await actor_named(town.CY.seat, user) for user in ("clerk", "ben")]
    form = town.CY.intention("reply", case).form
    preparation = Preparation(step="reply", authority="CY/consumer-protection", form=form)
    await town.CY.runtime.desks.prepare(case, preparation, clerk)
    assert await work(town.CY, "ben") == []

    await town.CY.runtime.desks.submit(case, "reply", clerk)
    [item] = await work_of(town.CY.seat, ben)
    assert (item.urgency, item.approvals, item.sent_back) == ("desk", ("Reply",), ())
    assert item.sentence.startswith("Accepted. You are to release this step: reply")
    assert await work(town.CY, "clerk") == []
    assert await work(town.CY, "nimic") == []

    await town.CY.runtime.desks.send_back(case, SendingBack(step="reply", note="Shorter."), ben)
    [item] = await work_of(town.CY.seat, clerk)
    assert (item.urgency, item.approvals, item.sent_back) == ("desk", (), ("Reply",))
    assert await work(town.CY, "ben") == []


async def test_after_two_months_without_a_step_the_coordinators_of_both_countries_are_told(town: Town) -> None:
    case = await sent(town)
    await staff(town.DE)
    await staff(town.CY)

    await at(town, "2027-01-24", 9)

    assert ("inactivity", "", 0) in await told(town.DE, case)
    assert ("inactivity", "", 0) in await told(town.CY, case)
    assert await work(town.DE, "nimic") == [("inactive",)]
    assert await work(town.DE, "clerk") == []
    assert [item[0] for item in await work(town.CY, "nimic")] == ["critical"]
    await town.CY.act("accept", case, reply_proposed_by="2027-03-01")
    await town.carry()
    assert await work(town.DE, "nimic") == []


async def test_a_step_without_a_signed_receipt_for_a_day_is_an_alarm_until_the_receipt_comes(town: Town) -> None:
    case = await town.DE.open("CY", "notification")
    await town.DE.post()
    await town.EC.take_in(*town.EC.letters())  # one of the two recipients has it
    await town.carry(only=("DE", "EC"))

    await at(town, "11-25", 7)
    assert await work(town.DE) == []
    await at(town, "11-25", 9)
    await at(town, "11-25", 11)
    assert await work(town.DE) == [("alarm", "CY")]
    assert await told(town.DE, case) == [("unreceived", "CY", 0)]

    await town.carry()
    await at(town, "11-25", 13)

    assert await work(town.DE) == []


async def test_a_step_that_a_party_refused_is_an_alarm_at_once(town: Town) -> None:
    case = await town.DE.open("CY")
    await town.DE.act("withdraw", case)
    town.clock.advance(days=190)  # blocked here before it went out: what it said can't be told any more
    await town.DE.runtime.tick()
    await town.carry()
    town.clock.advance(hours=2)
    await town.DE.runtime.tick()

    assert ("refused", "CY", 0) in await told(town.DE, case)
    assert ("alarm", "CY") in await work(town.DE)


async def test_there_is_one_digest_in_the_morning_of_a_working_day_for_each_who_has_something_to_do(town: Town) -> None:
    town.CY.seat.mail = MAIL
    await staff(town.CY)
    await sent(town)

    await at(town, "11-24", 9)
    assert await posted(town.CY) == []  # it came after the morning
    for hour in (5, 6, 7, 12):
        await at(town, "11-25", hour)
    await sent(town)
    await at(town, "11-25", 18)
    [first] = await posted(town.CY)
    assert (first.recipient, str(first.day), first.cases) == ("clerk", "2026-11-25", 1)

    await at(town, "11-27")
    assert [(each.recipient, str(each.day), each.cases) for each in await posted(town.CY)] == [
        ("clerk", "2026-11-27", 2),  # a reminder of the one, the other is new
        ("clerk", "2026-11-25", 1),
    ]


async def test_nothing_is_mailed_on_a_weekend_and_what_is_settled_by_monday_is_not_told(town: Town) -> None:
    town.CY.seat.mail = MAIL
    await staff(town.CY)
    case = await sent(town)
    await at(town, "11-25")
    await town.CY.runtime.note_opened(case, OWN_ACCOUNT_ALONE)
    town.clock.at = datetime(2026, 11, 25, 8, tzinfo=UTC)
    later = await sent(town)
    await town.CY.runtime.note_opened(later, OWN_ACCOUNT_ALONE)
    first = await posted(town.CY)

    await at(town, "11-28")
    await at(town, "11-29")
    assert await posted(town.CY) == first
    await town.CY.act("accept", case)
    await at(town, "11-30")

    [monday, *_] = await posted(town.CY)
    assert (str(monday.day), monday.cases) == ("2026-11-30", 1)


async def test_coordinators_are_told_of_what_is_late_and_not_of_news(town: Town) -> None:
    town.CY.seat.mail = MAIL
    await staff(town.CY)
    await sent(town)

    await at(town, "11-25")
    assert {each.recipient for each in await posted(town.CY)} == {"clerk"}
    await at(town, "12-02")

    assert {each.recipient for each in await posted(town.CY) if str(each.day) == "2026-12-02"} == {"clerk", "nimic"}
    assert await work(town.CY, "nimic") == [("critical", "acceptance")]


async def test_without_users_the_authority_is_told_at_its_own_address_and_without_mail_nobody(town: Town) -> None:
    town.CY.seat.mail = MAIL
    case = await sent(town)

    await at(town, "11-25")

    assert [each.recipient for each in await posted(town.CY)] == ["CY/consumer-protection"]
    assert await posted(town.DE) == []
    assert case not in [each.recipient for each in await posted(town.CY)]


async def test_retention_is_not_put_off_and_what_was_told_goes_with_the_content(town: Town) -> None:
    case = await sent(town)
    await at(town, "12-02")
    await town.DE.act("withdraw", case)
    await town.carry()
    assert {kind for kind, *_ in await told(town.CY, case)} == {"news", "reminder", "escalation"}

    await at(town, "2027-06-02", 8)
    assert (await town.CY.copy(case)).blocked_at == town.clock.at
    await at(town, "2029-12-02", 8)

    assert (await town.CY.copy(case)).deleted_at == town.clock.at
    assert await told(town.CY, case) == []


async def test_the_list_of_what_is_overdue_has_the_longest_overdue_first(town: Town) -> None:
    early = await sent(town)
    town.clock.advance(days=1)
    late = await sent(town)
    settled = await sent(town)
    await town.CY.act("refuse", settled)

    found = await exchanges.due_until(town.CY.seat.store.read, datetime(2026, 12, 31, tzinfo=UTC).date())

    assert [each.id for each in found] == [early, late]
