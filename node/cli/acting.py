"""Takes a step for a person: finds the form, the acting authority and the parties, and asks the node."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from node.areas import Areas, newest
from node.cli.forms import BadForm, read_form
from node.cli.talk import ask, known_here, open_here
from node.cli.words import standing
from node.client import NodeClient
from node.clock import clock_of
from node.config import Config
from schemas.api import ExchangeView
from schemas.exchange import Act, Exchange
from schemas.identifiers import node_of
from schemas.policy_area import Form, PolicyArea, Procedure

_NOT_SUBMITTED = "It no longer waits for approval: submit it again with `imi desk submit`."


@dataclass(frozen=True)
class Opening:
    """An exchange to open."""

    area: str
    procedure: str
    to: str
    """A country, or an authority of it."""
    authority: str | None = None
    on_behalf_of: str | None = None
    """The local authority for which the central one acts."""
    as_draft: bool = False


def open_exchange(folder: Path, opening: Opening, file: Path | None, settings: Sequence[str]) -> str:
    """Open an exchange, and say where it stands then.

    Raises:
        BadForm: area, procedure, form or authority are not to be had.
        Declined: the node says what is wrong with it.
    """
    config, areas = known_here(folder)
    # Of one that is not open now, the node says why, and until when.
    area = newest(open_here(folder, areas), opening.area) or newest(areas, opening.area)
    if area is None:
        names = ", ".join(sorted({name for name, _ in areas}))
        raise BadForm(f"there is no policy area {opening.area}; there are {names}")
    procedure = _procedure(area, opening.procedure)
    step = _drafting(procedure) if opening.as_draft else procedure.opening
    answers = read_form(file, settings, _form(area, procedure, step))
    country = procedure.parties[procedure.addressee].field or ""
    stated = answers.setdefault(country, node_of(opening.to))
    if stated not in ("", node_of(opening.to)):
        raise BadForm(f"{country}: the form says {stated}, and --to says {node_of(opening.to)}")
    answers[country] = node_of(opening.to)

    async def act(node: NodeClient) -> Exchange:
        own = opening.authority or _sole(await node.register.opening(area.area, opening.procedure))
        return await node.take(
            Act(
                step=step,
                authority=own,
                area=area.area,
                procedure=opening.procedure,
                form=answers,
                addressed=opening.to if "/" in opening.to else None,
                on_behalf_of=opening.on_behalf_of,
            )
        )

    exchange = ask(folder, act)
    return f"{exchange.id}: {standing(exchange, area, config.node, _today(config))}"


def take_step(
    folder: Path,
    case: str,
    step: str,
    file: Path | None,
    settings: Sequence[str],
    *,
    authority: str | None,
    addressed: str | None,
    on_behalf_of: str | None = None,
) -> str:
    """Take a step in an exchange, and say where it stands then; raises as `open_exchange` does."""
    config, areas = known_here(folder)

    async def act(node: NodeClient) -> tuple[ExchangeView, Exchange]:
        view = await node.exchange(case)
        answers = _answers(view, areas, step, file, settings)
        return view, await node.take(
            Act(
                step=step,
                authority=authority or _acting(view, step, config.node),
                exchange=case,
                form=answers,
                addressed=addressed,
                on_behalf_of=on_behalf_of,
            )
        )

    before, after = ask(folder, act)
    opening = areas[after.area, after.version].procedures[after.procedure].opening
    is_draft = after.opened_at is None and after.closed_at is None
    ended = f"\n{_NOT_SUBMITTED}" if is_draft and _waited(before, opening) else ""
    return told_standing(folder, after) + ended


def prepare_step(
    folder: Path,
    case: str,
    step: str,
    file: Path | None,
    settings: Sequence[str],
    *,
    authority: str | None,
    addressed: str | None,
) -> str:
    """Keep a step without taking it, and say so; raises as `open_exchange` does."""
    config, areas = known_here(folder)

    async def act(node: NodeClient) -> ExchangeView:
        view = await node.exchange(case)
        answers = _answers(view, areas, step, file, settings)
        own = authority or _acting(view, step, config.node)
        await node.desk.prepare(case, step, authority=own, form=answers, addressed=addressed)
        return view

    ended = f" {_NOT_SUBMITTED}" if _waited(ask(folder, act), step) else ""
    return f"{case}: {step} is prepared, and not taken.{ended}"


def told_standing(folder: Path, exchange: Exchange) -> str:
    """Say where an exchange stands."""
    config, areas = known_here(folder)
    area = areas[exchange.area, exchange.version]
    return f"{exchange.id}: {standing(exchange, area, config.node, _today(config))}"


def _today(config: Config) -> date:
    return clock_of(config.clock).now().date()


def _procedure(area: PolicyArea, name: str) -> Procedure:
    if name not in area.procedures:
        raise BadForm(f"{area.area} has no procedure {name}; it has {', '.join(area.procedures)}")
    return area.procedures[name]


def _drafting(procedure: Procedure) -> str:
    """The local step that is filled in with the form of the opening one."""
    form = procedure.steps[procedure.opening].form
    for name, rule in procedure.steps.items():
        if rule.local and rule.form == form and procedure.initial in rule.sources:
            return name
    raise BadForm("this procedure has no drafts; send it at once")


def _form(area: PolicyArea, procedure: Procedure, step: str) -> Form | None:
    rule = procedure.steps.get(step)
    if rule is None:
        raise BadForm(f"there is no step {step}; there are {', '.join(procedure.steps)}")
    return area.forms[rule.form] if rule.form is not None else None


def _waited(before: ExchangeView, step: str) -> bool:
    """Whether a step waited for approval."""
    pending = before.desk.pending.get(step) if before.desk is not None else None
    return pending is not None and pending.status == "awaiting_approval"


def _answers(
    view: ExchangeView, areas: Areas, step: str, file: Path | None, settings: Sequence[str]
) -> dict[str, object]:
    area = areas[view.exchange.area, view.exchange.version]
    return read_form(file, settings, _form(area, area.procedures[view.exchange.procedure], step))


def _acting(view: ExchangeView, step: str, node: str) -> str:
    """The authority for which a person takes a step and names none: the only one that he or she may take it for.

    Where nobody may, the node says so of the responsible authority, with the remedy.
    """
    able = view.acts_as.get(step, ())
    responsible = view.exchange.authorities.get(view.exchange.role_of(node) or "")
    if responsible is not None and (not able or responsible in able):
        return responsible
    if not able:
        raise BadForm(f"{step} in {view.exchange.id} is for no authority that you work for")
    return _sole(able)


def _sole(able: Sequence[str]) -> str:
    """The one authority that can act; where there are several, a person has to say which."""
    if len(able) == 1:
        return able[0]
    raise BadForm(f"say which authority acts, with --authority: {', '.join(able)}")
