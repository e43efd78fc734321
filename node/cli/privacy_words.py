"""Sentences about personal data: who has blocked or deleted, what was corrected, what is asked."""

from collections.abc import Iterable, Iterator
from datetime import date

from node.handlers.dates.sentences import at_time as when
from node.handlers.dates.sentences import on_day, party
from schemas.policy_area import Form
from schemas.privacy import DataRequest, DataRequestView, PrivacyCounts, RectificationView, RequestKind, RetentionView

KINDS: dict[RequestKind, str] = {
    "blocked_access": "look at blocked data",
    "early_deletion": "early deletion",
    "access": "a person's access",
    "correction": "a person's correction",
    "erasure": "a person's erasure",
    "contest": "data that a person contests",
    "restriction": "restricted use",
}

SENSITIVE = {
    "special_category": "It holds special categories of personal data, on the ground stated in it.",
    "offences": "It holds data on criminal convictions or offences, on the ground stated in it.",
}

_SAID = {"corrects": "corrected", "erases": "erased", "contests": "contested", "restricts": "use restricted"}


def retention_line(view: RetentionView) -> str:
    """Say in one line who has blocked or deleted: here, and at each other party."""
    if view.closed_at is None:
        return "not formally closed: nothing is blocked"
    if view.deleted_at is not None:
        here = f"deleted here on {when(view.deleted_at)}"
    elif view.blocked_at is not None:
        here = f"blocked here on {when(view.blocked_at)}"
    else:
        here = (
            f"to be blocked here on {when(view.blocking_due_at)}" if view.blocking_due_at is not None else "open here"
        )
    said = []
    for each in view.others:
        if each.deleted_at is not None:
            said.append(f"{party(each.party)} confirmed deletion on {when(each.deleted_at)}")
        elif each.blocked_at is not None:
            said.append(f"{party(each.party)} confirmed blocking on {when(each.blocked_at)}")
        else:
            said.append(f"{party(each.party)} has not confirmed yet")
    return "; ".join([f"Personal data: {here}", *said])


def rectification_lines(said: Iterable[RectificationView], form: Form | None) -> Iterator[str]:
    """Tell what was said about answers of a step, a line each."""
    labels = {field.name: field.label for field in form.fields} if form is not None else {}
    for each in said:
        what = "" if each.corrected is None else f": {each.corrected}"
        remark = f" ({each.remark})" if each.remark else ""
        hidden = " (what exactly is not shown)" if each.withheld else ""
        label = labels.get(each.field, each.field)
        yield f"  {_SAID[each.act]} on {when(each.at)} by {party(each.sender)}: {label}{what}{remark}{hidden}"


def request_row(request: DataRequest, today: date) -> tuple[str, ...]:
    """Tell a request: number, what, case, for whom, status, and by when it is due."""
    due = ""
    if request.status == "open" and request.due_on is not None:
        due = on_day(request.due_on) + (" (overdue)" if request.overdue(today) else "")
    elif request.until is not None:
        due = f"until {when(request.until)}"
    return str(request.number), KINDS[request.kind], request.exchange or "", request.authority, request.status, due


def request_lines(view: DataRequestView, today: date) -> Iterator[str]:
    """Tell a request with what is kept of it."""
    request, detail = view.request, view.detail
    yield " | ".join(filter(None, request_row(request, today)))
    yield f"Entered by {request.asked_by or 'the node'} on {when(request.asked_at)}."
    if request.decided_at is not None:
        yield f"{request.status.capitalize()} by {request.decided_by or 'the node'} on {when(request.decided_at)}."
    if request.views:
        yield f"Looked at {request.views} times."
    if detail is None:
        yield "Why and for whom is not shown to you, or not kept any more."
        return
    named = {"Reasons": detail.reasons, "Consent": detail.consent, "Person": detail.person, "Answer": detail.answer}
    yield from (f"{name}: {text}" for name, text in named.items() if text)


def count_lines(counts: PrivacyCounts) -> Iterator[str]:
    """Tell the counts, a line each."""
    yield f"Looks at blocked data: {counts.blocked_accesses}"
    yield f"Early deletions: {counts.early_deletions}"
    yield f"Corrections stated: {counts.corrections}"
    yield f"Answers erased: {counts.erasures}"
    for each in counts.requests:
        yield (
            f"Requests, {KINDS[each.kind]}: {each.open} open ({each.overdue} overdue), {each.granted} granted, "
            f"{each.refused} refused"
        )
