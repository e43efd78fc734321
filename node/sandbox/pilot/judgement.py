"""Judges what a run found: figures, comparisons and checks, from what was read out of the nodes; pure."""

from collections.abc import Sequence

from node.sandbox.cases import Pilot
from node.sandbox.pilot.checks import Check, check_ending, check_snapshot
from node.sandbox.pilot.comparison import DefectLine, Line, Verdict, compare, examine_defects, read_report
from node.sandbox.pilot.figures import Figures, period_figures, periods_of, registry_figures, retention_figures
from node.sandbox.pilot.following import Followed, follow
from node.sandbox.pilot.history import as_rows, count_cases
from node.sandbox.pilot.observation import Ending, Snapshot
from node.sandbox.pilot.replay import authorities_of
from node.sandbox.pilot.usage import Memory, Stage
from schemas.frozen import Frozen
from schemas.identifiers import COMMISSION
from schemas.policy_area import PolicyArea


class Judgement(Frozen):
    """What a run found."""

    figures: dict[str, int]
    """Computed from what the nodes told the Commission, from its directory, and from the nodes' own copies."""
    comparison: tuple[Line, ...]
    """With the Commission's report; empty for another history."""
    defects: tuple[DefectLine, ...]
    following: tuple[Followed, ...]
    """With the file of cases."""
    checks: tuple[Check, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """Everything that nothing explains; a sound run has none."""
        return (
            *(f"figure {line.id}" for line in self.comparison if line.verdict is Verdict.DIFFERENT),
            *(f"figures {line.name}: {', '.join(line.differing)}" for line in self.following if line.differing),
            *(f"check: {check.claim}" for check in self.checks if not check.holds),
        )


class Outcome(Frozen):
    """A whole run: what `--json` writes."""

    cases: int
    steps: int
    nodes: int
    ready_seconds: float
    """From the first node's start until all are connected and can work; the broker runs by then."""
    memory: Memory | None
    """Of all nodes together, at the end; without the broker."""
    total_seconds: float
    stages: tuple[Stage, ...]
    judgement: Judgement


def judge(
    pilot: Pilot, area: PolicyArea, snapshots: Sequence[Snapshot], ending: Ending, *, against_report: bool
) -> Judgement:
    """Judge a run.

    Args:
        pilot: the history that was replayed.
        area: the policy area of its cases.
        snapshots: one at the end of each of its periods.
        ending: what was read at the end.
        against_report: whether the figures are to be those of the Commission's report.
    """
    figures = _figures_of_nodes(pilot, snapshots, ending)
    report = read_report()
    checks = [check for snapshot in snapshots for check in check_snapshot(snapshot, pilot, area)]
    return Judgement(
        figures=figures,
        comparison=tuple(compare(report, figures)) if against_report else (),
        defects=tuple(examine_defects(report, figures)) if against_report else (),
        following=tuple(follow(_without_retention(figures), _figures_of_file(pilot, area))),
        checks=(*checks, *check_ending(snapshots[-1], ending, pilot, area)),
    )


def _figures_of_nodes(pilot: Pilot, snapshots: Sequence[Snapshot], ending: Ending) -> dict[str, int]:
    countries = ending.authorities.keys() - {COMMISSION}
    copies = (copy for listed in snapshots[-1].copies.values() for copy in listed)
    figures = {**registry_figures(ending.authorities), **retention_figures(copies)}
    for period, snapshot in zip(periods_of(pilot), snapshots, strict=True):
        figures |= period_figures(period, snapshot.rows, countries)
    return figures


def _figures_of_file(pilot: Pilot, area: PolicyArea) -> dict[str, int]:
    figures = registry_figures(authorities_of(pilot))
    for period in periods_of(pilot):
        figures |= period_figures(period, as_rows(count_cases(pilot, area, period.as_of)), pilot.registry)
    return figures


def _without_retention(figures: Figures) -> Figures:
    """The file says when cases were closed; when data were hidden is the nodes' doing, and checked by itself."""
    return {name: count for name, count in figures.items() if not name.startswith("retention.")}
