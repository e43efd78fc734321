"""Digests reach a real mail server once, over an encrypted way; one that is down or says no loses none."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from broker.certificates import LinkAuthority
from node.config import BadConfig, Mail
from node.handlers.access import OWN_ACCOUNT_ALONE
from node.store import mails
from node.workers.mail import FIRST_RETRY, LAST_RETRY, Mailer, read_credentials
from schemas.notices import Digest, MailView
from schemas.people import Grant
from schemas.register import AddUser
from tests.unit.runtime.desks import Desk, Town

DAY = date(2026, 11, 25)


@dataclass
class Office:
    """A mail server's handler: keeps what it takes, and refuses whom it is told to."""

    refused: dict[str, str] = field(default_factory=dict)
    """Address -> answer."""
    letters: list[EmailMessage] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[bytes] = field(default_factory=list)
    disconnects_at: str = ""

    async def handle_RCPT(  # noqa: N802  as the library has it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options
        if address == self.disconnects_at and server.transport is not None:
            server.transport.close()
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del server
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.encrypted.append(session.ssl is not None)
        return "250 taken"

    def signs_in(self, *given: object) -> AuthResult:
        """Take one user with one password."""
        data = given[-1]
        assert isinstance(data, LoginPassword)
        self.users.append(data.login)
        return AuthResult(success=data == LoginPassword(b"imi", b"secret"), handled=False)


@asynccontextmanager
async def listening(make: Callable[[], SMTP], host: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve at a free port of an address of this machine."""
    server = await asyncio.get_running_loop().create_server(make, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    """An authority's certificate, and a server's context that it vouches for."""
    now = datetime.now(UTC)
    authority = LinkAuthority.create("mail", at=now)
    key, certificate = authority.issue_server(["127.0.0.1", "127.0.0.2"], at=now)
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    (tmp_path / "server.pem").write_bytes(key + certificate)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "server.pem")
    return tmp_path / "ca.pem", context


def settings(server: str, **changes: object) -> Mail:
    given = {"server": server, "sender": "imi@gov.example", "link": "https://imi.example/exchanges/", **changes}
    return Mail.model_validate(given)


async def users(desk: Desk, *names: str) -> None:
    grants = (
        Grant(authority="CY/coordinator", role="administrator"),
        Grant(authority="CY/coordinator", role="handler"),
    )
    await desk.runtime.registers.change(
        [AddUser(user=name, name=name.title(), email=f"{name}@gov.example", grants=grants) for name in names],
        OWN_ACCOUNT_ALONE,
    )


async def put(desk: Desk, *recipients: str) -> None:
    digests = [
        Digest(
            message_id=f"2026-11-25.{recipient.replace('/', '-')}@gov.example",
            recipient=recipient,
            day=DAY,
            subject="IMI: 1 case for you to look at",
            body="New\nECOM-REQ-DE-2026-000001: Awaiting acceptance\n",
            cases=1,
        )
        for recipient in recipients
    ]
    async with desk.seat.store.transaction() as db:
        await mails.add(db, digests, desk.seat.wall.now())


async def states(desk: Desk) -> dict[str, str]:
    return {each.recipient: each.state for each in await mails.page(desk.seat.store.read)}


async def only(desk: Desk) -> MailView:
    [mail] = await mails.page(desk.seat.store.read)
    return mail


async def test_a_digest_is_handed_over_once(town: Town) -> None:
    office = Office()
    await users(town.CY, "anna")
    await put(town.CY, "anna")
    async with listening(lambda: SMTP(office), "127.0.0.1") as port:
        mailer = Mailer(town.CY.seat, settings(f"smtp://127.0.0.1:{port}"))

        assert await mailer.send_due() == 1
        assert await mailer.send_due() == 0

    [letter] = office.letters
    assert (letter["To"], letter["From"]) == ("anna@gov.example", "imi@gov.example")
    assert letter["Message-ID"] == "<2026-11-25.anna@gov.example>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().replace("\r\n", "\n") == "New\nECOM-REQ-DE-2026-000001: Awaiting acceptance\n"
    assert (await only(town.CY)).state == "sent"


async def test_what_a_server_that_is_down_does_not_take_waits_longer_and_longer_and_arrives(town: Town) -> None:
    office = Office()
    await users(town.CY, "anna")
    await put(town.CY, "anna")
    async with listening(lambda: SMTP(office), "127.0.0.1") as port:
        pass
    mailer = Mailer(town.CY.seat, settings(f"smtp://127.0.0.1:{port}"))

    pauses = []
    for _ in range(12):
        assert await mailer.send_due() == 0
        waiting = await only(town.CY)
        assert waiting.next_attempt_at is not None
        pauses.append(waiting.next_attempt_at - town.wall.now())
        assert await mailer.send_due() == 0  # nothing is due before that
        assert (await only(town.CY)).attempts == waiting.attempts
        town.wall.at = waiting.next_attempt_at
    assert pauses[:3] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY]
    assert pauses[-1] == LAST_RETRY
    assert waiting.state == "waiting"
    assert "can't be" in waiting.answer

    server = await asyncio.get_running_loop().create_server(lambda: SMTP(office), "127.0.0.1", port)
    assert await mailer.send_due() == 1
    server.close()
    await server.wait_closed()
    assert len(office.letters) == 1


async def test_a_refused_recipient_is_noted_without_his_address_and_the_others_get_theirs(town: Town) -> None:
    office = Office(refused={"anna@gov.example": "550 anna@gov.example unknown", "ben@gov.example": "450 later"})
    await users(town.CY, "anna", "ben", "carl")
    await put(town.CY, "anna", "ben", "carl")
    async with listening(lambda: SMTP(office), "127.0.0.1") as port:
        assert await Mailer(town.CY.seat, settings(f"smtp://127.0.0.1:{port}")).send_due() == 1

    assert await states(town.CY) == {"anna": "refused", "ben": "waiting", "carl": "sent"}
    answers = {each.recipient: each.answer for each in await mails.page(town.CY.seat.store.read)}
    assert "550" in answers["anna"]
    assert "450" in answers["ben"]
    assert not any("@" in answer for answer in answers.values())


async def test_a_recipient_without_an_address_is_refused_and_stops_nobody(town: Town) -> None:
    office = Office()
    await users(town.CY, "anna")
    await put(town.CY, "CY/consumer-protection", "anna", "gone")
    async with listening(lambda: SMTP(office), "127.0.0.1") as port:
        await Mailer(town.CY.seat, settings(f"smtp://127.0.0.1:{port}")).send_due()

    assert await states(town.CY) == {"CY/consumer-protection": "refused", "anna": "sent", "gone": "refused"}


async def test_a_server_that_hangs_up_on_one_digest_gets_the_others_by_a_new_connection(town: Town) -> None:
    office = Office(disconnects_at="anna@gov.example")
    await users(town.CY, "anna", "ben")
    await put(town.CY, "anna", "ben")
    async with listening(lambda: SMTP(office), "127.0.0.1") as port:
        mailer = Mailer(town.CY.seat, settings(f"smtp://127.0.0.1:{port}"))

        assert [await mailer.send_due(), await mailer.send_due()] == [0, 1]

    assert await states(town.CY) == {"anna": "waiting", "ben": "sent"}


@pytest.mark.parametrize("scheme", ["smtps", "smtp"])
async def test_the_way_is_encrypted_and_the_server_known(
    town: Town, certified: tuple[Path, ssl.SSLContext], scheme: str
) -> None:
    ca, context = certified
    office = Office()
    await users(town.CY, "anna")
    await put(town.CY, "anna")
    implicit = scheme == "smtps"
    starting = None if implicit else context
    async with listening(
        lambda: SMTP(office, tls_context=starting), "127.0.0.2", context if implicit else None
    ) as port:
        server = f"{scheme}://127.0.0.2:{port}"

        assert await Mailer(town.CY.seat, settings(server)).send_due() == 0  # nobody vouches for it
        town.wall.advance(seconds=10)
        assert await Mailer(town.CY.seat, settings(server, ca=ca)).send_due() == 1

    assert office.encrypted == [True] or implicit
    assert len(office.letters) == 1


async def test_a_server_elsewhere_without_encryption_gets_nothing(town: Town) -> None:
    office = Office()
    await users(town.CY, "anna")
    await put(town.CY, "anna")
    async with listening(lambda: SMTP(office), "127.0.0.2") as port:
        assert await Mailer(town.CY.seat, settings(f"smtp://127.0.0.2:{port}")).send_due() == 0

    assert office.letters == []
    assert (await only(town.CY)).state == "waiting"


async def test_the_node_signs_in_with_what_stands_in_a_file(
    town: Town, certified: tuple[Path, ssl.SSLContext], tmp_path: Path
) -> None:
    ca, context = certified
    office = Office()
    await users(town.CY, "anna")
    await put(town.CY, "anna")
    secret = tmp_path / "mail.credentials"
    secret.write_text("imi\nwrong\n")
    secret.chmod(0o600)

    def serve() -> SMTP:
        return SMTP(office, tls_context=context, auth_required=True, authenticator=office.signs_in)

    async with listening(serve, "127.0.0.2") as port:
        mail = settings(f"smtp://127.0.0.2:{port}", ca=ca, credentials=secret)
        assert await Mailer(town.CY.seat, mail).send_due() == 0
        assert "535" in (await only(town.CY)).answer
        secret.write_text("imi\nsecret\n")
        town.wall.advance(seconds=10)
        assert await Mailer(town.CY.seat, mail).send_due() == 1

    assert set(office.users) == {b"imi"}


@pytest.mark.parametrize(
    ("content", "mode", "said"),
    [
        ("imi\nsecret\n", 0o644, "can be read by others"),
        ("imi", 0o600, "first line"),
        ("imi\nsecret\nmore\n", 0o600, "nothing else"),
        (None, 0o600, "can't be read"),
    ],
)
def test_credentials_that_are_open_or_incomplete_are_not_used(
    tmp_path: Path, content: str | None, mode: int, said: str
) -> None:
    file = tmp_path / "mail.credentials"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)

    with pytest.raises(BadConfig, match=said):
        read_credentials(file)


@pytest.mark.parametrize(
    "change",
    [
        {"server": "imap://mail.example"},
        {"server": "smtp://user:password@mail.example"},
        {"server": "smtps://"},
        {"link": "http://imi.example/"},
        {"sender": "nobody"},
        {"password": "secret"},
    ],
)
def test_mail_settings_that_are_unsafe_or_unknown_are_refused(change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(change))):
        settings(**{"server": "smtps://mail.example", **change})


def test_ports_and_ways_follow_from_the_address() -> None:
    assert (settings("smtps://mail.example").port, settings("smtp://mail.example").port) == (465, 587)
    assert settings("smtp://localhost").plain
    assert not settings("smtp://mail.example").plain
    assert not settings("smtps://localhost").plain
