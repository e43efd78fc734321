"""Structure files: what they change, in an order in which each change is possible."""

from pathlib import Path

import pytest

import node.sandbox
from node.handlers.registers.register import RegisterRefused
from node.handlers.registers.structures import changes_to
from schemas.authorities import Authority, Coordination
from schemas.register import GiveAccess, NameCoordinator
from schemas.structure import BadStructure, parse_structure
from tests.unit.handlers.register_cases import NIMIC, change, register, registered

SAMPLES = sorted((Path(node.sandbox.__path__[0]) / "structures").glob("*.toml"))

ONE = """
[[authority]]
name = "coordinator"
title = "Coordinator"
coordination = { national = true }
"""


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_a_sample_is_taken_over_as_it_says_and_a_second_time_changes_nothing(sample: Path) -> None:
    structure = parse_structure(sample.read_text())
    held = register(users=())

    after = change(held, None, *changes_to(structure, "DE", held.authorities))

    for place in structure.authority:
        reached = after.validated[f"DE/{place.name}"]
        assert reached == Authority(
            id=f"DE/{place.name}",
            name=place.title,
            languages=place.languages,
            modules={
                **(held.authorities[reached.id].authority.modules if reached.id in held.authorities else {}),
                **place.modules,
            },
            coordination=place.coordination,
            parent=f"DE/{place.parent}" if place.parent is not None else None,
            region=place.region,
            competences=place.competences,
            contacts=place.contacts,
            acts_for=tuple(f"DE/{name}" for name in place.acts_for),
        )
    assert changes_to(structure, "DE", after.authorities) == []


def test_three_samples_are_there() -> None:
    assert [sample.stem for sample in SAMPLES] == ["central", "decentralised", "federal"]


def test_a_structure_brings_no_second_national_coordinator_unless_it_is_to_follow() -> None:
    structure = parse_structure(ONE.replace('"coordinator"', '"other"'))
    held = register(users=())

    with pytest.raises(RegisterRefused, match="a country has one"):
        change(held, None, *changes_to(structure, "DE", held.authorities))
    after = change(held, None, *changes_to(structure, "DE", held.authorities, replace_national=True))

    assert after.national is not None
    assert after.national.id == "DE/other"


def test_only_what_differs_is_changed() -> None:
    structure = parse_structure(ONE + 'modules = { e_commerce = ["request"], services = ["derogation"] }\n')
    own = registered(NIMIC, modules={"e_commerce": ("request",)}, coordination=Coordination(national=True))
    same = own.model_copy(update={"authority": own.authority.model_copy(update={"name": "Coordinator"})})

    assert changes_to(structure, "DE", {NIMIC: same}) == [
        GiveAccess(authority=NIMIC, area="services", procedures=("derogation",))
    ]
    assert changes_to(parse_structure(ONE.replace("national = true", "")), "DE", {NIMIC: same}) == [
        NameCoordinator(authority=NIMIC, coordination=Coordination())
    ]


BAD = {
    "no TOML": ("[[", "this is no TOML"),
    "nothing in it": ("", "authority: is missing; add it"),
    "an unknown word": (ONE + 'motto = "x"', r"authority\[1\]\.motto: there is no such field"),
    "a name with a country": (ONE.replace('"coordinator"', '"DE/coordinator"'), r"\[1\]\.name: takes small letters"),
    "twice the same": (ONE + ONE, "coordinator stands there twice"),
}


@pytest.mark.parametrize(("text", "sentence"), BAD.values(), ids=BAD)
def test_a_file_that_is_no_structure_is_refused_with_the_place(text: str, sentence: str) -> None:
    with pytest.raises(BadStructure, match=sentence):
        parse_structure(text)


def test_authorities_in_a_circle_are_refused() -> None:
    text = '[[authority]]\nname="a"\ntitle="A"\nparent="b"\n[[authority]]\nname="b"\ntitle="B"\nparent="a"\n'

    with pytest.raises(RegisterRefused, match="a and others stand above each other in a circle"):
        changes_to(parse_structure(text), "DE", {})
