"""Hand digests to the mail server by SMTP, again and again until it takes or refuses them.

- The way is encrypted, and the server's certificate checked (RFC 8314), unless the server is this machine itself.
- A digest is sent with one message id however often it is tried, so that a repetition after a crash is known for one.
- What could not be handed over stays, with what went wrong, for the operator to see. No address is kept or logged.
"""

import asyncio
import logging
import sqlite3
import ssl
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import aiosmtplib

from node.config import BadConfig, Mail
from node.runtime import Seat
from node.runtime.notices import addresses
from node.store import mails
from node.store.mails import Waiting
from schemas.notices import Digest

log = logging.getLogger(__name__)

GROUP = 100  # digests of one connection
POLL_SECONDS = 2.0
TIMEOUT_SECONDS = 30.0  # for each answer of the mail server
FIRST_RETRY = timedelta(seconds=5)  # doubled with each attempt
LAST_RETRY = timedelta(hours=1)

_PERMANENT = range(500, 600)  # RFC 5321, 4.2.1
_OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Mailer:
    """The loop that empties the box of digests."""

    def __init__(self, seat: Seat, mail: Mail) -> None:
        """Stand ready; `run` begins.

        Raises:
            BadConfig: the file with the credentials is missing, or others may read it.
        """
        self._seat = seat
        self._mail = mail
        self._credentials = read_credentials(mail.credentials) if mail.credentials is not None else None
        self._tls = ssl.create_default_context(cafile=str(mail.ca) if mail.ca is not None else None)

    async def run(self) -> None:
        """Send what is due, for ever."""
        while True:
            try:
                await self.send_due()
            except sqlite3.OperationalError as error:
                log.warning("mail.postponed", extra={"reason": str(error)})
            await asyncio.sleep(POLL_SECONDS)

    async def send_due(self) -> int:
        """Hand over what is due, and return how many digests the mail server took."""
        due = await mails.due(self._seat.store.read, self._seat.wall.now(), GROUP)
        if not due:
            return 0
        sent = 0
        try:
            async with self._connected() as server:
                for each in due:
                    if not server.is_connected:
                        break  # the one before broke the connection; the rest gets a new one
                    sent += await self._hand_over(server, each)
        except (aiosmtplib.SMTPException, OSError) as error:
            log.warning("mail.paused", extra={"reason": type(error).__name__})
            await self._postpone(due, _what(error))  # those that were taken meanwhile have ended
        return sent

    async def _hand_over(self, server: aiosmtplib.SMTP, waiting: Waiting) -> bool:
        digest = waiting.digest
        to = await addresses(self._seat, digest.recipient)
        if not to:
            await self._refused(digest, "no address is known")
            return False
        try:
            await server.send_message(self._written(digest, to))
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = {each.code for each in error.recipients}
            if codes <= set(_PERMANENT):
                await self._refused(digest, f"the mail server refuses the recipient ({_codes(codes)})")
            else:
                await self._postpone([waiting], f"the mail server puts the recipient off ({_codes(codes)})")
            return False
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._postpone([waiting], _what(error))
            return False
        async with self._seat.store.transaction() as db:
            await mails.mark_sent(db, digest.message_id, self._seat.wall.now())
        return True

    def _written(self, digest: Digest, to: Sequence[str]) -> EmailMessage:
        letter = EmailMessage()
        letter["From"] = self._mail.sender
        letter["To"] = ", ".join(to)
        letter["Subject"] = digest.subject
        letter["Date"] = format_datetime(self._seat.clock.now())
        letter["Message-ID"] = f"<{digest.message_id}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is answered to us
        letter.set_content(digest.body)
        return letter

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[aiosmtplib.SMTP]:
        mail = self._mail
        server = aiosmtplib.SMTP(
            hostname=mail.host,
            port=mail.port,
            use_tls=mail.implicit_tls,
            start_tls=not mail.implicit_tls and not mail.plain,
            tls_context=self._tls,
            timeout=TIMEOUT_SECONDS,
        )
        async with server:
            if self._credentials is not None:
                await server.login(*self._credentials)
            yield server

    async def _refused(self, digest: Digest, answer: str) -> None:
        log.warning("mail.refused", extra={"recipient": digest.recipient, "reason": answer})
        async with self._seat.store.transaction() as db:
            await mails.mark_refused(db, digest.message_id, self._seat.wall.now(), answer)

    async def _postpone(self, waiting: Sequence[Waiting], answer: str) -> None:
        now = self._seat.wall.now()
        async with self._seat.store.transaction() as db:
            for each in waiting:
                pause = min(LAST_RETRY, FIRST_RETRY * 2 ** min(each.attempts, 20))
                await mails.postpone(db, [each.digest.message_id], now + pause, answer)


def read_credentials(file: Path) -> tuple[str, str]:
    """Read user and password, a line each.

    Raises:
        BadConfig: there is no such file, others may read it, or it has not two lines.
    """
    try:
        if file.stat().st_mode & _OPEN_TO_OTHERS:
            raise BadConfig(f"{file} can be read by others: chmod 600 {file}")
        lines = file.read_text().splitlines()
    except OSError as error:
        raise BadConfig(f"the mail server's credentials can't be read: {error}") from error
    if len(lines) != 2 or not all(lines):  # noqa: PLR2004
        raise BadConfig(f"{file} has the user in its first line and the password in its second, and nothing else")
    return lines[0], lines[1]


def _what(error: aiosmtplib.SMTPException | OSError) -> str:
    """Say what went wrong without the server's own words, which may name an address."""
    match error:
        case aiosmtplib.SMTPResponseException():
            return f"the mail server answers {error.code}"
        case aiosmtplib.SMTPException():
            return f"the mail server can't be used: {type(error).__name__}"
        case _:
            return f"the mail server can't be reached: {error.strerror or type(error).__name__}"


def _codes(codes: set[int]) -> str:
    return ", ".join(str(code) for code in sorted(codes))
