"""The authorities of a new node, out of what its command line says."""

from collections.abc import Sequence

from node.areas import newest
from node.cli.forms import BadForm
from node.cli.talk import built_in_areas
from schemas.authorities import Authority, Coordination
from schemas.identifiers import COMMISSION
from schemas.parties import COUNTRIES

_DEFAULT_AREA = "e_commerce"
_COMMISSION_LANGUAGES = ("en", "fr", "de")


def authorities(
    node: str,
    named: Sequence[str],
    *,
    coordinator: str | None,
    languages: Sequence[str] | None,
    modules: Sequence[str] | None,
) -> tuple[Authority, ...]:
    """Make the authorities of a node.

    Args:
        node: the party that they belong to.
        named: `name=title` each.
        coordinator: the name of the national coordinator among them.
        languages: those of the country by default.
        modules: `area.procedure` each; all procedures of e-Commerce by default.

    Raises:
        BadForm: with the option that is wrong.
        pydantic.ValidationError: a name is no authority's name.
    """
    titles = dict(_titled(each) for each in named)
    if coordinator is not None and coordinator not in titles:
        raise BadForm(f"--coordinator {coordinator}: name one of the authorities: {', '.join(titles)}")
    if node != COMMISSION and node not in COUNTRIES:
        raise BadForm(f"--id {node}: takes EC, or the EU code of a country (EL for Greece): {', '.join(COUNTRIES)}")
    spoken = tuple(languages or (COUNTRIES[node].languages if node in COUNTRIES else _COMMISSION_LANGUAGES))
    registered = _modules(modules)
    return tuple(
        Authority(
            id=f"{node}/{name}",
            name=title,
            languages=spoken,
            modules=registered,
            coordination=Coordination(national=True) if name == coordinator else None,
        )
        for name, title in titles.items()
    )


def _titled(text: str) -> tuple[str, str]:
    name, equals, title = text.partition("=")
    if not equals or not title.strip():
        raise BadForm(f'--authority {text}: write name=title, such as "youth-media=Youth Media Authority"')
    return name, title


def _modules(modules: Sequence[str] | None) -> dict[str, tuple[str, ...]]:
    areas = built_in_areas()
    if modules is None or not modules:
        area = newest(areas, _DEFAULT_AREA)
        return {_DEFAULT_AREA: tuple(area.procedures)} if area is not None else {}
    registered: dict[str, tuple[str, ...]] = {}
    for each in modules:
        area_name, _, procedure = each.partition(".")
        area = newest(areas, area_name)
        if area is None or procedure not in area.procedures:
            known = [f"{name}.{one}" for (name, _), known_area in areas.items() for one in known_area.procedures]
            raise BadForm(f"--module {each}: there is no such procedure; there are {', '.join(known)}")
        registered[area_name] = (*registered.get(area_name, ()), procedure)
    return registered
