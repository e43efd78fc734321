"""The demo's stories are filled in as the policy area declares, on whatever day they are played."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from node.areas import load_areas
from node.handlers.exchanges.forms import Setting, problems
from node.sandbox.story import DEMO_STORY, BadStory, dated, read_programme
from schemas.identifiers import node_of

AREA = load_areas(Path("no further areas"))["e_commerce", 1]


@pytest.mark.parametrize("at", [datetime(2026, 2, 28, 0, 0, tzinfo=UTC), datetime(2028, 12, 31, 23, 59, tzinfo=UTC)])
def test_every_form_is_right(at: datetime) -> None:
    wrong = [
        (told.step, str(problem))
        for story in read_programme().stories
        for told in story.steps
        for problem in problems(
            AREA.forms[AREA.procedures[story.procedure].steps[told.step].form or ""],
            dated(told.form, at),
            Setting(AREA, told.by, at.date()),
        )
    ]
    assert wrong == []


def test_every_line_repeats_only_answers_of_its_form() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    told = [step.told(at) for story in read_programme().stories for step in story.steps]
    assert "accepted, reply by 2026-12-08" in told
    assert not any("{" in line for line in told)


def test_all_authorities_that_act_are_registered_for_what_they_do() -> None:
    programme = read_programme()
    listed = {one.id: one for authorities in programme.authorities.values() for one in authorities}
    for story in programme.stories:
        for step in story.steps:
            assert node_of(step.authority) == step.by
            assert story.procedure in listed[step.authority].modules["e_commerce"]


def test_a_file_that_is_no_story_is_named(tmp_path: Path) -> None:
    file = tmp_path / "story.toml"
    file.write_text(DEMO_STORY.read_text() + "\n[[stories]\n")
    with pytest.raises(BadStory, match=r"story\.toml: it is not TOML"):
        read_programme(file)
    with pytest.raises(BadStory, match="can't be read"):
        read_programme(tmp_path / "absent.toml")
