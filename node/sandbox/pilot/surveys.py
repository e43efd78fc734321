"""The arithmetic of the report's two surveys: the answers can't be replayed, but printed shares can be checked.

A share is sound if it is the number that stands beside it, or where none does, any number, divided by the number
of those asked: rounded, or cut off, as the report does with most of them.
"""

from typing import Protocol


class Printed(Protocol):
    """Gives printed figures by name."""

    def value(self, name: str) -> int:
        """A printed figure."""


def is_sound(report: Printed, share: str) -> bool:
    """Say whether a printed share can be a share of those asked."""
    return _fitting(report, share) is not None


def note(report: Printed, share: str) -> str:
    """Say which number of answers a printed share stands for, or that it stands for none."""
    total, fitting = _asked(report, share), _fitting(report, share)
    if fitting is not None:
        cut = "" if _rounded(fitting, total) == report.value(share) else ", cut off"
        return f"{fitting} of {total} = {fitting * 100 / total:.1f} %{cut}"
    if share in _COUNTS:
        count = report.value(_COUNTS[share])
        return f"but {count} of {total} = {count * 100 / total:.1f} %"
    return f"but no number of {total} gives it"


def _fitting(report: Printed, share: str) -> int | None:
    total, printed = _asked(report, share), report.value(share)
    candidates = [report.value(_COUNTS[share])] if share in _COUNTS else range(total + 1)
    return next((n for n in candidates if printed in (n * 100 // total, _rounded(n, total))), None)


def _rounded(count: int, total: int) -> int:
    return (200 * count + total) // (2 * total)


def _asked(report: Printed, share: str) -> int:
    if share == "survey_2019.notifications_positive.share":
        return report.value("survey_2019.received_notifications")
    if share.startswith("survey_2017."):
        return report.value("survey_2017.respondents")
    return report.value("survey_2019.member_states") + report.value("survey_2019.others")


_COUNTS = {
    f"survey_2019.{name}.share": f"survey_2019.{name}"
    for name in ("users", "received_requests", "secure", "channel_doubt", "appropriate", "notifications_positive")
}
"""Shares of 2019, and the numbers that are printed beside them; those of 2017 are printed without."""
