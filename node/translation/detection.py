"""A hint which language a text is in. The author's own word counts before it.

The model of py3langid knows all official languages, Irish and Maltese among them; loading it takes some tenths of a
second, so that it is loaded when a text first needs it.
"""

from collections.abc import Callable
from functools import cache

from node.translation.languages import LANGUAGES

SURE = 0.8
"""Below this a hint is none."""
_LABELS = {"no": "nb"}
"""The model has one Norwegian, and another for Nynorsk."""


def suggest(text: str) -> str | None:
    """Suggest the language of a text (ISO 639-1); None where it can't be told."""
    if not any(each.isalpha() for each in text):
        return None
    language, probability = _classifier()(text)
    found = _LABELS.get(language, language)
    return found if probability >= SURE and found in LANGUAGES else None


@cache
def _classifier() -> Callable[[str], tuple[str, float]]:
    import py3langid.langid as model  # type: ignore[import-untyped]  # noqa: PLC0415  numpy is loaded with it

    identifier = model.LanguageIdentifier.from_model_file(model.MODEL_FILE, norm_probs=True)
    labels = set(map(str, identifier.labels))
    identifier.set_languages(sorted(labels & (LANGUAGES | set(_LABELS))))
    return identifier.classify  # type: ignore[no-any-return]
