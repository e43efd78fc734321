"""Requests about personal data: who asks, who decides, until when blocked data may be looked at, what is overdue.

Invariants:
- Nobody decides about what he asked for himself: access to blocked data and early deletion take two persons.
- Whoever asked looks, nobody else, for the hours that were granted and no longer; then the data are out of reach again.
- A person's request is answered within 30 days of its reaching the authority (IMI Regulation, Art. 19(1)).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import get_args

from node.handlers.refused import Refused
from schemas.privacy import (
    OF_AUTHORITIES,
    Asking,
    DataRequest,
    Decision,
    PrivacyCount,
    PrivacyCounts,
    RequestKind,
)
from schemas.refusal import Refusal

ANSWER_WITHIN = timedelta(days=30)
KEEP_DETAILS_YEARS = 3
"""After the decision: as long as the exchange itself would have been kept."""


class SecondPersonNeeded(Exception):
    """Two persons are needed, and one of them is missing; nothing has changed. The message says what to do."""


def asked(asking: Asking, *, number: int, by: str | None, now: datetime) -> DataRequest:
    """Enter what is asked.

    Raises:
        SecondPersonNeeded: an authority's request has to be some user's, so that another one can decide.
        Refused: it was received in the future.
    """
    of_authority = asking.kind in OF_AUTHORITIES
    if of_authority and by is None:
        raise SecondPersonNeeded("two users of this node are needed: one asks, another one decides; say who, with --as")
    received = asking.received_on or now.date()
    if received > now.date():
        raise Refused(Refusal.BAD_FORM, f"received_on: {received} is to come")
    return DataRequest(
        number=number,
        kind=asking.kind,
        authority=asking.authority,
        exchange=asking.exchange,
        ground=asking.ground,
        asked_by=by,
        asked_at=now,
        received_on=received,
        due_on=None if of_authority else received + ANSWER_WITHIN,
    )


def decided(request: DataRequest, decision: Decision, *, by: str | None, now: datetime) -> DataRequest:
    """Decide about a request.

    Raises:
        SecondPersonNeeded: whoever asked can't decide.
        Refused: it is decided already.
    """
    if request.status != "open":
        raise Refused(Refusal.NO_MEANING, f"request {request.number} is {request.status} already")
    if request.kind in OF_AUTHORITIES and (by is None or by == request.asked_by):
        raise SecondPersonNeeded(f"{request.asked_by} asked for it: another user has to decide about it")
    looks = request.kind == "blocked_access" and decision.granted
    return request.model_copy(
        update={
            "status": "granted" if decision.granted else "refused",
            "decided_by": by,
            "decided_at": now,
            "until": now + timedelta(hours=decision.hours) if looks else None,
        }
    )


def looked_at(request: DataRequest, *, by: str | None, now: datetime) -> DataRequest:
    """Count a look at blocked data.

    Raises:
        Refused: it was not granted, or to somebody else, or its time is over.
    """
    if request.kind != "blocked_access" or request.status != "granted" or request.until is None:
        raise Refused(Refusal.NO_MEANING, f"request {request.number} grants no look at blocked data")
    if by is None or by != request.asked_by:
        raise Refused(Refusal.NOT_YOUR_STEP, f"the look was granted to {request.asked_by}, and to nobody else")
    if now >= request.until:
        raise Refused(Refusal.NO_MEANING, f"the time for request {request.number} is over: ask anew, and say why")
    return request.model_copy(update={"views": request.views + 1})


def granted_by_act(request: DataRequest, *, by: str | None, now: datetime) -> DataRequest:
    """A person's request is granted by the very act that it asked for.

    Raises:
        Refused: it is decided already, or asks for something else.
    """
    if request.kind not in ("correction", "erasure", "contest", "restriction"):
        raise Refused(Refusal.NO_MEANING, f"request {request.number} does not ask for that")
    return decided(request, Decision(granted=True), by=by, now=now)


def counted(requests: Iterable[DataRequest], *, corrections: int, erasures: int, today: date) -> PrivacyCounts:
    """Count the register.

    Args:
        requests: all of it.
        corrections: how many this node has stated.
        erasures: the same of single answers.
        today: by the node's clock.
    """
    known = list(requests)
    return PrivacyCounts(
        blocked_accesses=sum(each.views for each in known),
        early_deletions=sum(each.kind == "early_deletion" and each.status == "granted" for each in known),
        corrections=corrections,
        erasures=erasures,
        requests=tuple(_count(kind, known, today) for kind in get_args(RequestKind)),
    )


def _count(kind: RequestKind, known: Iterable[DataRequest], today: date) -> PrivacyCount:
    of_kind = [each for each in known if each.kind == kind]
    by_status = {status: sum(each.status == status for each in of_kind) for status in ("open", "granted", "refused")}
    return PrivacyCount(kind=kind, **by_status, overdue=sum(each.overdue(today) for each in of_kind))
