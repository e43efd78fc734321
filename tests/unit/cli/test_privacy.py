"""What is asked about personal data comes from files, as the guide shows them; and the sentences that tell it."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from node.cli.forms import BadForm
from node.cli.privacy_papers import read_asking, read_rectification
from node.cli.privacy_words import count_lines, rectification_lines, request_lines, request_row, retention_line
from node.handlers.persons.requests import asked, counted, decided
from schemas.privacy import DataRequestView, Decision, KeptView, RectificationView, RetentionView

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "privacy.md"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)


def paper(folder: Path, first_line: str) -> Path:
    """A file as the guide shows it, from the line on that begins so."""
    block = next(each for each in re.findall(r"(?:^    .*\n)+", GUIDE.read_text(), re.MULTILINE) if first_line in each)
    file = folder / "paper.toml"
    file.write_text(re.sub(r"^    ", "", block, flags=re.MULTILINE))
    return file


def test_the_request_of_the_guide_is_read_as_it_stands(tmp_path: Path) -> None:
    asking = read_asking(paper(tmp_path, 'kind = "blocked_access"'))

    assert (asking.kind, asking.ground, asking.exchange) == (
        "blocked_access",
        "proof_with_consent",
        "ECOM-REQ-DE-2026-000001",
    )
    assert asking.detail.consent == "Letter of 3 November 2026, file 12"


def test_the_correction_of_the_guide_is_read_as_it_stands(tmp_path: Path) -> None:
    said = read_rectification(paper(tmp_path, 'act = "corrects"'))

    assert (said.step, said.act, said.field, said.corrected) == (1, "corrects", "provider_name", "Example Ltd")


def test_a_file_that_is_none_says_why(tmp_path: Path) -> None:
    file = tmp_path / "paper.toml"
    file.write_text("kind = ")
    with pytest.raises(BadForm, match="is no TOML"):
        read_asking(file)
    file.write_text('kind = "blocked_access"\nauthority = "DE/office"\nwhy = "so"')
    with pytest.raises(ValidationError):
        read_asking(file)


def test_one_line_tells_who_has_confirmed() -> None:
    view = RetentionView(
        exchange="ECOM-REQ-DE-2026-000001",
        closed_at=NOW,
        blocking_due_at=LATER,
        deletion_due_at=None,
        blocked_at=NOW,
        deleted_at=None,
        others=(KeptView(party="CY", blocked_at=LATER), KeptView(party="EC")),
    )
    line = retention_line(view)
    assert line.startswith("Personal data: blocked here on 24 Nov 2026")
    assert "Cyprus confirmed blocking on 3 Dec 2026" in line
    assert line.endswith("the European Commission has not confirmed yet")
    gone = view.model_copy(update={"deleted_at": LATER, "others": (KeptView(party="CY", deleted_at=LATER),)})
    assert "deleted here on" in retention_line(gone)
    assert "Cyprus confirmed deletion" in retention_line(gone)
    assert "to be blocked here on" in retention_line(view.model_copy(update={"blocked_at": None}))


def test_requests_corrections_and_counts_are_told(tmp_path: Path) -> None:
    asking = read_asking(paper(tmp_path, 'kind = "blocked_access"'))
    request = decided(asked(asking, number=7, by="anna", now=NOW), Decision(granted=True), by="ben", now=NOW)
    assert request_row(request, NOW.date())[:2] == ("7", "look at blocked data")
    told = "\n".join(request_lines(DataRequestView(request=request, detail=asking.detail), date(2026, 12, 1)))
    assert "Granted by ben" in told
    assert "Consent: Letter of 3 November 2026, file 12" in told
    hidden = "\n".join(request_lines(DataRequestView(request=request, detail=None), date(2026, 12, 1)))
    assert "Letter" not in hidden
    said = RectificationView(
        act="corrects", field="provider_name", sender="DE", authority="DE/office", at=NOW, corrected="Example Ltd"
    )
    assert "corrected on 24 Nov 2026" in next(rectification_lines([said], None))
    counts = list(count_lines(counted([request], corrections=0, erasures=0, today=NOW.date())))
    assert counts[:3] == ["Looks at blocked data: 0", "Early deletions: 0", "Corrections stated: 0"]
