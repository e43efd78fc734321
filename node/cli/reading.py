"""Looks at one exchange for a person, and tells it as lines."""

from collections.abc import Iterable, Iterator

from node.areas import Areas
from node.cli.privacy_words import SENSITIVE, rectification_lines, retention_line
from node.cli.translations import translation_lines
from node.cli.words import WITHHELD, content_lines, deadline_lines, printable, standing, timeline, when
from node.client import NodeClient
from node.clock import clock_of
from node.config import Config
from schemas.api import ExchangeView, StepView
from schemas.exchange import Exchange
from schemas.policy_area import PolicyArea, Procedure

OVERVIEW = ("case", "parties", "opened", "where it stands")


def overview(exchanges: Iterable[Exchange], areas: Areas, config: Config) -> Iterator[tuple[str, ...]]:
    """Tell exchanges of a node, a row each, under the headings `OVERVIEW`."""
    today = clock_of(config.clock).now().date()
    for each in exchanges:
        opened = when(each.opened_at) if each.opened_at is not None else ""
        area = areas[each.area, each.version]
        yield each.id, ", ".join(each.parties.values()), opened, standing(each, area, config.node, today)


async def look(node: NodeClient, case: str, *, peek: bool, purpose: str | None = None) -> ExchangeView:
    """Get an exchange and, unless one only peeks, have its parties told that it was opened.

    Raises:
        Declined: the node knows no such exchange.
    """
    view = await node.exchange(case, purpose)
    if not peek and view.opens:
        await node.note_opened(case)
    return view


def view_lines(view: ExchangeView, area: PolicyArea, *, steps: int) -> Iterator[str]:
    """Tell an exchange.

    Args:
        view: as the node shows it.
        area: its policy area.
        steps: of how many steps, counted from the last, to tell what they say.
    """
    exchange = view.exchange
    procedure = area.procedures[exchange.procedure]
    yield exchange.id
    yield view.label
    yield view.sentence
    if view.possible:
        yield f"You may now: {', '.join(_offered(view, step) for step in view.possible)}"
    yield from _protection(view)
    yield ""
    yield from _parties(view, procedure)
    if view.deadlines:
        yield ""
        yield from deadline_lines(view.deadlines, view.today)
    if view.steps:
        yield ""
        yield from map(printable, timeline(view.steps))
    if any(step.withheld for step in view.steps):
        yield from ("", WITHHELD[view.withheld])
    for step in view.steps[-steps:]:
        yield from _content(step, area, view)
    if view.draft:
        form = procedure.steps[procedure.opening].form or ""
        yield from ("", "Draft:", *content_lines(area.forms[form], view.draft, area))
    for name, content in view.pending.items():
        form = procedure.steps[name].form or ""
        yield from ("", f"{procedure.steps[name].label} (prepared):", *content_lines(area.forms[form], content, area))


def _protection(view: ExchangeView) -> Iterator[str]:
    exchange, retention = view.exchange, view.retention
    if view.next_due_at is not None:
        due = "blocked" if exchange.blocked_at is None else "deleted"
        yield f"Its personal data will be {due} on {when(view.next_due_at)}."
    if retention is not None and (exchange.blocked_at is not None or any(each.hash for each in retention.others)):
        yield f"{retention_line(retention)}."
    yield from (SENSITIVE.get(code, code) for code in view.sensitive)


def _parties(view: ExchangeView, procedure: Procedure) -> Iterator[str]:
    """Tell who takes part, and who handles it here."""
    exchange = view.exchange
    for role, party in exchange.parties.items():
        further = exchange.further.get(role, ())
        also = f"; also {', '.join(further)}" if further else ""
        yield f"{procedure.parties[role].label}: {exchange.authorities.get(role, party)}{also}"
    for authority, user in view.desk.handlers.items() if view.desk is not None else ():
        yield f"Handled by {user}, for {authority}"


def _offered(view: ExchangeView, step: str) -> str:
    """A step that the reader may take, with the authority to take it for where none of the parties' is."""
    able = view.acts_as.get(step, ())
    others = view.exchange.opened_at is not None and not set(able) & set(view.exchange.authorities.values())
    return f"{step} (as {' or '.join(able)})" if able and others else step


def _content(step: StepView, area: PolicyArea, view: ExchangeView) -> Iterator[str]:
    form = area.procedures[view.exchange.procedure].steps[step.step].form
    yield ""
    if step.form is None:
        yield f"{step.label}: what it says is blocked or deleted."
    elif form is None or not step.form:
        yield f"{step.label}: says nothing more."
    else:
        yield f"{step.label}:"
        yield from content_lines(area.forms[form], step.form, area)
        yield from translation_lines(step, area.forms[form], view)
    yield from map(printable, rectification_lines(step.rectifications, area.forms[form] if form is not None else None))
