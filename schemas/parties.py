"""The countries of the federation: EU-28 of the pilot and the EEA, by EU practice code.

Languages are those that an official text may be written in there (ISO 639-1). ISO 3166-1 differs for EL
(GR) and UK (GB): map at every boundary that speaks ISO.
"""

from schemas.frozen import Frozen
from schemas.identifiers import COMMISSION


class Country(Frozen):
    """A country that takes part, or took part, in the federation."""

    name: str
    languages: tuple[str, ...]
    iso: str | None = None
    """ISO 3166-1 alpha-2, where it differs from the EU's code."""


COUNTRIES: dict[str, Country] = {
    "AT": Country(name="Austria", languages=("de",)),
    "BE": Country(name="Belgium", languages=("nl", "fr", "de")),
    "BG": Country(name="Bulgaria", languages=("bg",)),
    "CY": Country(name="Cyprus", languages=("el",)),
    "CZ": Country(name="Czechia", languages=("cs",)),
    "DE": Country(name="Germany", languages=("de",)),
    "DK": Country(name="Denmark", languages=("da",)),
    "EE": Country(name="Estonia", languages=("et",)),
    "EL": Country(name="Greece", languages=("el",), iso="GR"),
    "ES": Country(name="Spain", languages=("es",)),
    "FI": Country(name="Finland", languages=("fi", "sv")),
    "FR": Country(name="France", languages=("fr",)),
    "HR": Country(name="Croatia", languages=("hr",)),
    "HU": Country(name="Hungary", languages=("hu",)),
    "IE": Country(name="Ireland", languages=("ga", "en")),
    "IS": Country(name="Iceland", languages=("is",)),
    "IT": Country(name="Italy", languages=("it",)),
    "LI": Country(name="Liechtenstein", languages=("de",)),
    "LT": Country(name="Lithuania", languages=("lt",)),
    "LU": Country(name="Luxembourg", languages=("fr", "de")),
    "LV": Country(name="Latvia", languages=("lv",)),
    "MT": Country(name="Malta", languages=("mt", "en")),
    "NL": Country(name="Netherlands", languages=("nl",)),
    "NO": Country(name="Norway", languages=("nb", "nn")),
    "PL": Country(name="Poland", languages=("pl",)),
    "PT": Country(name="Portugal", languages=("pt",)),
    "RO": Country(name="Romania", languages=("ro",)),
    "SE": Country(name="Sweden", languages=("sv",)),
    "SI": Country(name="Slovenia", languages=("sl",)),
    "SK": Country(name="Slovakia", languages=("sk",)),
    "UK": Country(name="United Kingdom", languages=("en",), iso="GB"),
}

LANGUAGES = frozenset(language for country in COUNTRIES.values() for language in country.languages)
"""The languages that official texts are written in, by ISO 639-1."""

_ISO = {country.iso: code for code, country in COUNTRIES.items() if country.iso is not None}


def is_party(node: str) -> bool:
    """Whether a code stands for a country of the federation, or for the Commission."""
    return node in COUNTRIES or node == COMMISSION


def party_name(node: str) -> str:
    """The English name of the party that a node speaks for; its code, where the federation has no such party."""
    return "European Commission" if node == COMMISSION else COUNTRIES[node].name if node in COUNTRIES else node


def no_party(code: str) -> str:
    """Say, for a person, that a code stands for no party, and which ones do."""
    right = _ISO.get(code.upper(), code.upper())
    if is_party(right):
        return f"{code}: {party_name(right)} has the code {right}"
    return (
        f"the federation has no country {code}; there are {', '.join(COUNTRIES)}, and {COMMISSION} for the Commission"
    )
