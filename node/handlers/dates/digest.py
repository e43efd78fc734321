"""One message a day instead of a flood: what a recipient is told in the morning of a working day.

Invariants:
- It holds case numbers, status and links: no content, no name, no country but those in a case number. Mail is read by
  many servers.
- A recipient gets one a day at most, and none on which there is nothing to tell.
"""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from node.handlers.dates.deadlines import morning_of
from node.handlers.dates.sentences import DIGEST_HEADINGS, digest_end, digest_line, digest_more, digest_subject
from node.handlers.dates.work import ORDER, in_order
from node.handlers.dates.working_days import Calendar, is_working_day
from schemas.notices import Digest, WorkItem

MAX_LINES = 100  # cases in one digest; the list in the node has them all


def told_until(now: datetime, node: str, calendar: Calendar) -> datetime | None:
    """Up to when notices are told in the digests of today; None before the morning, and on days without work."""
    morning = morning_of(now.date())
    return morning if now >= morning and is_working_day(now.date(), node, calendar) else None


def digest(recipient: str, items: Sequence[WorkItem], *, node: str, day: date, link: str, domain: str) -> Digest:
    """Write the digest of a recipient.

    Args:
        recipient: a user or an authority.
        items: at least one.
        node: whose they are.
        day: on which it is sent.
        link: a case number put behind it is the address of the case.
        domain: of the sender, for the message's id.
    """
    parts = []
    shown = in_order(items)[:MAX_LINES]
    for urgency in ORDER:
        lines = [f"{digest_line(each, day)}\n  {link}{each.exchange}" for each in shown if each.urgency == urgency]
        if lines:
            parts.append("\n".join([DIGEST_HEADINGS[urgency], *lines]))
    if len(items) > len(shown):
        parts.append(digest_more(len(items) - len(shown)))
    parts.append(digest_end())
    return Digest(
        message_id=_message_id(recipient, node, day, domain),
        recipient=recipient,
        day=day,
        subject=digest_subject(len(items)),
        body="\n\n".join(parts) + "\n",
        cases=len(items),
    )


def _message_id(recipient: str, node: str, day: date, domain: str) -> str:
    name = hashlib.sha256(f"{node} {recipient} {day.isoformat()}".encode()).hexdigest()[:32]
    return f"{day.isoformat()}.{name}@{domain}"
