"""Puts the Commission's printed figures, COM(2021) 295, beside ours, and judges each line.

A line is *equal*; or *explained*: the report contradicts itself there, and ours is what its own figures add up to;
or *not replayed*: a figure of a survey, or of all of IMI, that no exchange can reproduce; or *DIFFERENT*. An
explanation is never a licence: it holds only where the arithmetic of the printed figures leads to ours.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter

from node.sandbox.pilot import surveys
from node.sandbox.pilot.figures import Figures, percent
from schemas.frozen import Frozen

REPORT_FILE = Path(__file__).parents[1] / "report_figures.json"

_RENAMED = (
    (r"\.again$", ""),
    (r"\.share\.", ".status."),
    (r"(requests|notifications)\.closed$", r"\1.status.closed"),
    (r"^(in_2020\.\w+)\.status\.", r"\1.shown."),
)
"""Where the report's figures and ours have different names: until 2019 it counts cases by how they ended, hidden or
not; for 2020 it counts "inactive, personal data hidden" as a status of its own."""

_NOT_REPLAYED = {
    "imi": "all of IMI",
    "rights": "none recorded",
    "survey_2017": "survey",
    "survey_2019": "survey",
}
"""Figures that no exchange can reproduce, by the first part of their names, and why."""


class Verdict(StrEnum):
    """How a printed figure and ours compare."""

    EQUAL = "equal"
    EXPLAINED = "explained"
    NOT_REPLAYED = "not replayed"
    DIFFERENT = "DIFFERENT"


class ReportFigure(Frozen):
    """A figure as it is printed."""

    id: str
    section: str
    label: str
    value: int
    unit: str
    of: str | None = None
    """What a share is a share of."""

    @property
    def printed(self) -> str:
        """With its unit, as a reader sees it."""
        words = {"percent": f"{self.value} %", "at least": "some", "more than": f"> {self.value}"}
        return words.get(
            self.unit, f"{self.value} {self.unit}" if self.unit in ("months", "years") else f"{self.value}"
        )


class Defect(Frozen):
    """A place where the report contradicts itself."""

    id: str
    section: str
    text: str
    figures: tuple[str, ...]


class Report(Frozen):
    """The figures of the report, and its defects."""

    source: str
    figures: tuple[ReportFigure, ...]
    defects: tuple[Defect, ...]

    def value(self, name: str) -> int:
        """A printed figure."""
        return self.figure(name).value

    def figure(self, name: str) -> ReportFigure:
        """A figure by its name."""
        return next(figure for figure in self.figures if figure.id == name)


class Line(Frozen):
    """A printed figure, ours, and the verdict."""

    id: str
    section: str
    label: str
    printed: str
    count: int | None
    """Ours; none where it is not replayed."""
    why_not: str = ""
    """Why it is not replayed."""
    share: int | None
    """In whole per cent, where the report prints a share."""
    total: int | None
    """What it is a share of."""
    verdict: Verdict
    note: str = ""

    @property
    def ours(self) -> str:
        """For the table."""
        if self.count is None:
            return self.why_not
        return f"{self.count}" if self.share is None else f"{self.share} %  ({self.count} of {self.total})"


class DefectLine(Frozen):
    """A defect of the report, and what the nodes' figures say about it."""

    id: str
    section: str
    text: str
    finding: str


def read_report() -> Report:
    """Read the report's figures, which come with the program."""
    return TypeAdapter(Report).validate_json(REPORT_FILE.read_bytes())


def compare(report: Report, ours: Figures) -> list[Line]:
    """Compare every printed figure with ours.

    Args:
        report: what is printed.
        ours: by name (`pilot.figures`); what is not there counts as 0.
    """
    return [_line(report, figure, ours) for figure in report.figures]


def examine_defects(report: Report, ours: Figures) -> list[DefectLine]:
    """Say of each defect what the printed figures and ours come to."""
    return [
        DefectLine(id=defect.id, section=defect.section, text=defect.text, finding=_finding(report, defect, ours))
        for defect in report.defects
    ]


def our_name(figure: str) -> str:
    """Our name of a printed figure."""
    for pattern, replacement in _RENAMED:
        figure = re.sub(pattern, replacement, figure)
    return figure


def _line(report: Report, figure: ReportFigure, ours: Figures) -> Line:
    why_not = _NOT_REPLAYED.get(figure.id.partition(".")[0])
    if why_not is not None:
        return _line_not_replayed(report, figure, why_not)
    count = _count(report, figure, ours)
    total = _total(figure, ours)
    value = percent(count, total) if total is not None else count
    note = None
    if value == figure.value or (figure.unit == "at least" and value >= figure.value):
        verdict = Verdict.EQUAL
    else:
        note = _explanation(report, figure, value)
        verdict = Verdict.DIFFERENT if note is None else Verdict.EXPLAINED
    return Line(
        id=figure.id,
        section=figure.section,
        label=figure.label,
        printed=figure.printed,
        count=count,
        share=value if total is not None else None,
        total=total,
        verdict=verdict,
        note=note or "",
    )


def _line_not_replayed(report: Report, figure: ReportFigure, why_not: str) -> Line:
    """A survey's shares are at least checked against the numbers of answers."""
    sound = figure.unit != "percent" or surveys.is_sound(report, figure.id) or _defects_of(report, figure)
    return Line(
        id=figure.id,
        section=figure.section,
        label=figure.label,
        printed=figure.printed,
        count=None,
        why_not=why_not,
        share=None,
        total=None,
        verdict=Verdict.NOT_REPLAYED if sound else Verdict.DIFFERENT,
        note=surveys.note(report, figure.id) if figure.unit == "percent" else "",
    )


def _count(report: Report, figure: ReportFigure, ours: Figures) -> int:
    if figure.id.startswith("registry.usual."):
        counts = [*_usual_counts(report, ours)]
        return (min if figure.id.endswith("minimum") else max)(counts, default=0)
    stem, dot, values = our_name(figure.id).rpartition(".")
    return sum(ours.get(f"{stem}{dot}{value}", 0) for value in values.split("+"))


def _usual_counts(report: Report, ours: Figures) -> Iterator[int]:
    """Authorities by country and module, without the countries that the report names for having more."""
    named = {figure.id for figure in report.figures}
    for name, count in ours.items():
        if re.fullmatch(r"registry\.(request|notification)\.[A-Z]{2}", name) and name not in named:
            yield count


def _total(figure: ReportFigure, ours: Figures) -> int | None:
    if figure.unit != "percent":
        return None
    period, procedures, *_ = figure.id.split(".")
    return ours.get(f"{period}.{procedures}", 0)


def _explanation(report: Report, figure: ReportFigure, value: int) -> str | None:
    """A figure that is printed in several parts: ours must be what they add up to."""
    parts = [each.value for each in report.figures if our_name(each.id) == our_name(figure.id)]
    defects = _defects_of(report, figure)
    if len(parts) > 1 and value == sum(parts) and defects:
        return f"printed as {' and as '.join(map(str, parts))}, together {value}"
    return None


def _defects_of(report: Report, figure: ReportFigure) -> list[Defect]:
    return [defect for defect in report.defects if figure.id in defect.figures]


def _finding(report: Report, defect: Defect, ours: Figures) -> str:
    figures = [report.figure(name) for name in defect.figures]
    if figures[0].id.startswith("survey_"):
        shares = (figure for figure in figures if figure.unit == "percent")
        return "; ".join(f"{figure.printed}: {surveys.note(report, figure.id)}" for figure in shares)
    if any(figure.unit == "percent" for figure in figures):
        return _finding_of_shares(figures, ours)
    return _finding_of_parts(figures, ours)


def _finding_of_shares(figures: Sequence[ReportFigure], ours: Figures) -> str:
    printed = " + ".join(str(figure.value) for figure in figures)
    total = _total(figures[0], ours) or 0
    names = {our_name(figure.id) for figure in figures}
    counted = sum(ours.get(name, 0) for name in names)
    stem = our_name(figures[0].id).rpartition(".")[0]
    rest = {name: count for name, count in ours.items() if name.rpartition(".")[0] == stem and name not in names}
    listed = ", ".join(f"{count} {name.rpartition('.')[2].replace('_', ' ')}" for name, count in sorted(rest.items()))
    return (
        f"{printed} = {sum(figure.value for figure in figures)} %. Here they are {counted} of {total}; "
        f"the other {total - counted}: {listed or 'none'}."
    )


def _finding_of_parts(figures: Iterable[ReportFigure], ours: Figures) -> str:
    names = dict.fromkeys(our_name(figure.id) for figure in figures)
    part, whole = [*names][:2]
    stem = part.rpartition(".")[0]
    added = sum(count for name, count in ours.items() if name.rpartition(".")[0] == stem)
    return f"Here it received {ours.get(part, 0)}, and all receivers together {added} of {ours.get(whole, 0)}."
