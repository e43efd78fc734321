"""A declaration from outside is checked in a process of its own, once, and not for ever."""

from pathlib import Path

import pytest

from node.areas import BUILT_IN, VERDICTS, Prover, check, load_areas
from schemas.declaration import BadDeclaration

TEXT = (BUILT_IN / "professional_qualifications.toml").read_text()
CROSSING = 'crossing = { withdrawn = "withdrawn" }\n'


async def test_it_says_the_same_as_the_check_at_home() -> None:
    diverging = TEXT.replace(CROSSING, "", 1)
    with pytest.raises(BadDeclaration) as caught:
        check(diverging)

    prover = Prover()

    assert await prover.verdict(TEXT) is None
    assert await prover.verdict(diverging) == str(caught.value)
    assert "not valid TOML" in str(await prover.verdict("area = "))


async def test_a_verdict_is_kept() -> None:
    prover = Prover()
    await prover.verdict(TEXT)

    impatient = Prover(seconds=0.0)
    impatient._verdicts = prover._verdicts

    assert await impatient.verdict(TEXT) is None


async def test_a_proof_that_takes_too_long_is_ended_and_refused() -> None:
    problem = await Prover(seconds=0.0).verdict(TEXT)

    assert problem is not None
    assert "took longer than 0 s" in problem


async def test_no_more_verdicts_are_kept_than_needed() -> None:
    prover = Prover(seconds=0.0)

    for number in range(VERDICTS + 2):
        await prover.verdict(f"{number}")

    assert len(prover._verdicts) == VERDICTS


def test_a_field_that_statements_have_themselves_is_refused_when_it_is_declared() -> None:
    with pytest.raises(BadDeclaration, match=r"forms\.question_set: statements have fields of their own called stage"):
        check(TEXT.replace('name = "documents"', 'name = "stage"'))


def test_two_policy_areas_of_a_folder_need_two_codes(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text(TEXT.replace('area = "professional_qualifications"', 'area = "other"'))

    with pytest.raises(BadDeclaration, match=r"other\.toml: the code PQ belongs to professional_qualifications"):
        load_areas(tmp_path)
