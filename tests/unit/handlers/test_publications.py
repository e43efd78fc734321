"""What may follow a publication, and when an exchange may begin."""

from datetime import UTC, datetime, timedelta

import pytest

from node.areas import BUILT_IN
from node.handlers.exchanges.procedure import Refused
from node.handlers.publications import (
    LATE,
    is_open,
    require_not_closing,
    require_open,
    require_publishable,
    require_was_open,
    stage_at,
    view,
)
from schemas.declaration import parse_policy_area
from schemas.publication import Publication, Stage
from schemas.refusal import Refusal

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
AREA = parse_policy_area((BUILT_IN / "professional_qualifications.toml").read_text())
NAME = AREA.area
HASH = "x" * 43


def published(stage: Stage, day: int = 0, *, version: int = 1, digest: str = HASH) -> Publication:
    since = START + timedelta(days=day)
    return Publication(area=NAME, version=version, stage=stage, hash=digest, since=since)


LIFE = (published("consultation"), published("in_force", 30), published("retired", 100))


@pytest.mark.parametrize(
    ("day", "stage", "can_begin"),
    [
        (-1, None, False),
        (0, "consultation", False),
        (29, "consultation", False),
        (30, "in_force", True),
        (99, "in_force", True),
        (100, "retired", False),
    ],
)
def test_an_exchange_begins_only_while_the_version_is_in_force(
    day: int, stage: Stage | None, *, can_begin: bool
) -> None:
    at = START + timedelta(days=day)

    assert stage_at(LIFE, at) == stage
    assert is_open(LIFE, at) is can_begin
    seen = view(AREA, LIFE, at)
    assert (seen.stage, seen.is_open, seen.is_published) == (stage, can_begin, True)
    if can_begin:
        require_open(AREA, LIFE, at)
    else:
        with pytest.raises(Refused) as caught:
            require_open(AREA, LIFE, at)
        assert caught.value.code is Refusal.UNKNOWN_AREA


def test_a_version_that_was_never_published_is_the_nodes_own_matter() -> None:
    assert is_open((), START)
    assert not view(AREA, (), START).is_published


def test_a_refusal_says_from_when_on_it_will_be_in_force() -> None:
    with pytest.raises(Refused, match="is not in force but in consultation; it will be from 2026-12-24 08:00 UTC on"):
        require_open(AREA, LIFE, START)


def test_a_peer_that_could_not_know_of_the_retirement_is_not_refused_for_it() -> None:
    retired = START + timedelta(days=100)

    require_was_open(AREA, LIFE, retired + LATE - timedelta(seconds=1))
    with pytest.raises(Refused, match="was retired"):
        require_was_open(AREA, LIFE, retired + LATE)
    with pytest.raises(Refused, match="is not in force"):
        require_was_open(AREA, LIFE, START)


def test_each_stage_follows_the_one_before_and_may_be_said_again() -> None:
    areas = {(NAME, 1): AREA}
    for count in range(len(LIFE)):
        known = {(NAME, 1): LIFE[:count]}
        require_publishable(LIFE[count], AREA, known, areas)
        require_publishable(LIFE[max(count - 1, 0)], AREA, known, areas)


WRONG: dict[str, tuple[Publication, Refusal, str]] = {
    "back to consultation": (published("consultation", 50), Refusal.NO_MEANING, "can't be in consultation again"),
    "another text": (published("in_force", 30, digest="y" * 43), Refusal.MALFORMED, "needs a new version number"),
    "the text of another version": (published("in_force", version=2), Refusal.MALFORMED, "the text declares"),
    "retired before it was in force": (published("retired", 1), Refusal.NO_MEANING, "before it is in force"),
}


@pytest.mark.parametrize(("new", "code", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_follow_is_refused(new: Publication, code: Refusal, words: str) -> None:
    known = {(NAME, 1): LIFE[:2]}

    with pytest.raises(Refused, match=words) as caught:
        require_publishable(new, AREA, known, {(NAME, 1): AREA})

    assert caught.value.code is code


def test_a_version_number_never_goes_down() -> None:
    newer = AREA.model_copy(update={"version": 2})

    with pytest.raises(Refused, match="is at version 2 already"):
        require_publishable(published("in_force"), AREA, {}, {(NAME, 2): newer})


def test_what_is_installed_under_that_version_must_be_the_same() -> None:
    other = AREA.model_copy(update={"label": "Something else"})

    require_publishable(published("retired"), AREA, {}, {(NAME, 1): AREA})
    with pytest.raises(Refused, match="is known with another text"):
        require_publishable(published("retired"), AREA, {}, {(NAME, 1): other})


def test_the_code_in_case_numbers_belongs_to_one_policy_area() -> None:
    other = AREA.model_copy(update={"area": "other"})

    with pytest.raises(Refused, match="belongs to other: case numbers would be mixed up"):
        require_publishable(published("in_force"), AREA, {}, {("other", 1): other})


def test_a_consultation_does_not_close_what_is_installed_and_open() -> None:
    areas = {(NAME, 1): AREA}

    with pytest.raises(Refused, match="a consultation would close it; publish it in_force, or give the text a higher"):
        require_not_closing(published("consultation"), {}, areas)
    require_not_closing(published("in_force"), {}, areas)
    require_not_closing(published("consultation"), {}, {})
    require_not_closing(published("consultation"), {(NAME, 1): LIFE[:1]}, areas)
