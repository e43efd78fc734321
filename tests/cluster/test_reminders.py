"""Time passes over real nodes and a real mail server: who is reminded, when, and by how many messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, Envelope, Session

from node.config import Mail
from node.sandbox.cluster import Arrangement, Cluster, Member, cluster
from node.sandbox.federation import Validity
from schemas.authorities import Authority, Contact, Coordination

START = datetime(2026, 12, 18, 8, 0, tzinfo=UTC)  # a Friday; Christmas is the Friday after
YEARS = timedelta(days=20 * 365)
MODULES = {"e_commerce": ("request", "notification")}
CANARY = "Canary Trading"


class PostOffice:
    """Keeps what it is handed: day, recipient, text."""

    def __init__(self, c: Cluster) -> None:
        self._cluster = c
        self.letters: list[tuple[str, str, str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server, session
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        self.letters.append((f"{self._cluster.now():%m-%d}", str(letter["To"]), envelope.content.decode()))
        return "250 taken"


@asynccontextmanager
async def post_office(c: Cluster) -> AsyncIterator[tuple[PostOffice, str]]:
    office = PostOffice(c)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(office), "127.0.0.1", 0)
    try:
        yield office, f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()


def authorities(node: str) -> tuple[Authority, ...]:
    """An office that handles cases, and a coordinator that handles none; each with a mailbox."""

    def mailbox(name: str) -> tuple[Contact, ...]:
        return (Contact(name=name.title(), email=f"{name}@{node.lower()}.example"),)

    return (
        Authority(id=f"{node}/office", name="Office", modules=MODULES, contacts=mailbox("office")),
        Authority(
            id=f"{node}/coordinator",
            name="Coordinator",
            contacts=mailbox("coordinator"),
            coordination=Coordination(national=True),
        ),
    )


async def give_mail(member: Member, server: str) -> None:
    """Configure the mail server, as an operator does: by the node's configuration, and a new start."""
    await member.stop()
    mail = Mail(server=server, sender=f"imi@{member.node.lower()}.example", link="https://imi.example/exchanges/")
    member.config = member.config.model_copy(update={"mail": mail})
    await member.start()
    await member.ready()


async def on(c: Cluster, day: str) -> None:
    """Let it be the late morning of a day, and all mail handed over."""
    assert c.clock is not None
    at = datetime.fromisoformat(f"{day}T09:00+00:00").astimezone(UTC)
    await c.advance(seconds=(at - c.now()).total_seconds())
    for member in c.members.values():
        async with asyncio.timeout(30):
            while any(  # noqa: ASYNC110  the mail server takes it in its own time
                mail.state == "waiting" for mail in await member.client.notices.mails()
            ):
                await asyncio.sleep(0.05)


async def urgencies(member: Member) -> dict[str, str]:
    return {item.exchange: item.urgency for item in await member.client.notices.work()}


async def test_reminders_reach_whom_they_concern_by_one_message_a_working_day() -> None:
    validity = Validity(signing=YEARS, sealing=YEARS, directory=YEARS)
    both = {node: authorities(node) for node in ("DE", "CY")}
    async with (
        cluster("DE", "CY", start=START, validity=validity, authorities=both, arrangement=Arrangement.ONE_PROCESS) as c,
        post_office(c) as (office, server),
    ):
        await give_mail(c.DE, server)
        await give_mail(c.CY, server)
        case = await c.DE.send("request", to="CY", provider_name=CANARY, reply_requested_by="2027-01-29")
        second = await c.DE.send("request", to="CY", provider_name=CANARY, reply_requested_by="2027-02-26")
        await c.settle()
        assert await urgencies(c.CY) == {case: "news", second: "news"}
        assert office.letters == []

        # Seven days end on Christmas Day, so the period ends with the working day after it, a Monday.
        for day in ("2026-12-19", "2026-12-20", "2026-12-21", "2026-12-23", "2026-12-24", "2026-12-25", "2026-12-27"):
            await on(c, day)
        cyprus = [(day, to) for day, to, _ in office.letters if to.endswith("cy.example")]
        assert cyprus == [("12-21", "office@cy.example"), ("12-24", "office@cy.example")]
        await on(c, "2026-12-28")
        assert sorted((day, to) for day, to, _ in office.letters if day == "12-28") == [
            ("12-28", "coordinator@cy.example"),
            ("12-28", "office@cy.example"),
        ]
        await on(c, "2026-12-29")
        assert await urgencies(c.CY) == {case: "critical", second: "critical"}
        assert (await c.DE.exchange(case)).sentence.endswith(
            "Cyprus is to accept, forward or refuse by 28 Dec 2026; critically overdue, by 1 day."
        )
        assert [each.id for each in await c.DE.client.exchanges(overdue=True)] == [case, second]

        # The one is accepted late, and its reply date passes; nobody touches the other any more.
        await c.CY.take("accept", case, authority="CY/office", reply_proposed_by="2027-01-15")
        await c.settle()
        before = len(office.letters)
        for day in ("2027-01-12", "2027-01-15", "2027-01-18", "2027-01-22"):
            await on(c, day)
        replies = sorted((day, to) for day, to, text in office.letters[before:] if case in text and "cy.example" in to)
        assert replies == [
            ("01-12", "office@cy.example"),
            ("01-15", "office@cy.example"),
            ("01-22", "coordinator@cy.example"),
            ("01-22", "office@cy.example"),
        ]
        assert (await urgencies(c.CY))[case] == "critical"
        await c.CY.take("reply", case, authority="CY/office")
        await c.settle()

        # Two months after it was sent the coordinators of both countries hear of the second.
        before = len(office.letters)
        await on(c, "2027-02-18")
        await on(c, "2027-02-19")
        told = {to for _, to, text in office.letters[before:] if second in text}
        assert {"coordinator@de.example", "coordinator@cy.example"} <= told

        one_a_day = [(day, to) for day, to, _ in office.letters]
        assert len(set(one_a_day)) == len(one_a_day)
        assert not [text for _, _, text in office.letters if CANARY in text or "Germany" in text]
