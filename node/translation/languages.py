"""Names of languages at the boundary to engines: ISO 639-1 inside, ISO 639-3 with Apertium."""

SHORT = {
    "bul": "bg",
    "ces": "cs",
    "dan": "da",
    "deu": "de",
    "ell": "el",
    "eng": "en",
    "est": "et",
    "fin": "fi",
    "fra": "fr",
    "gle": "ga",
    "hbs_HR": "hr",  # one pair for Bosnian, Croatian, Montenegrin and Serbian, with a way to write each
    "hrv": "hr",
    "hun": "hu",
    "isl": "is",
    "ita": "it",
    "lav": "lv",
    "lit": "lt",
    "mlt": "mt",
    "nld": "nl",
    "nno": "nn",
    "nob": "nb",
    "pol": "pl",
    "por": "pt",
    "ron": "ro",
    "slk": "sk",
    "slv": "sl",
    "spa": "es",
    "swe": "sv",
}
"""The languages of the federation, from their codes in ISO 639-3."""

LANGUAGES = frozenset(SHORT.values())
"""The same in ISO 639-1."""


def short(code: str) -> str | None:
    """Give the code in ISO 639-1 of a language of the federation; None for any other."""
    return code if code in LANGUAGES else SHORT.get(code)
