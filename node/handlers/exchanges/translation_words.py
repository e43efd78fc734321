"""English sentences about machine translations, for pages and commands."""

from collections.abc import Iterator

from node.handlers.dates.sentences import at_time
from schemas.translation import TranslationStatus, TranslationView

LANGUAGE_NAMES = {
    "bg": "Bulgarian",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fi": "Finnish",
    "fr": "French",
    "ga": "Irish",
    "hr": "Croatian",
    "hu": "Hungarian",
    "is": "Icelandic",
    "it": "Italian",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mt": "Maltese",
    "nb": "Norwegian Bokmål",
    "nl": "Dutch",
    "nn": "Norwegian Nynorsk",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sv": "Swedish",
}

NO_ENGINES = "This node has no translation engine: texts stand as they were written."
COUNTS = "By machine, for information: only the original counts."

_NONE = {
    "waiting": "a translation into {target} is on its way",
    "failed": "it could not be translated into {target}",
    "no_engine": "no engine here translates {source} into {target}: the original stands",
    "withheld": "it may hold personal data, which this node sends to no outside engine: the original stands",
}


def language(code: str) -> str:
    """Name a language."""
    return LANGUAGE_NAMES.get(code, code)


def provenance(view: TranslationView) -> str:
    """Say where a translation is from, or why there is none, in one sentence without a full stop."""
    source, target = language(view.source), language(view.target)
    if view.state != "done":
        reason = f" ({view.reason})" if view.reason else ""
        return _NONE[view.state].format(source=source, target=target) + reason
    said_by = {"author": "", "detector": " (so a detector says)", "country": " (so its origin suggests)"}
    over = f", over {language(view.via)}" if view.via else ""
    made = f", {at_time(view.made_at)}" if view.made_at is not None else ""
    version = f" {view.version}" if view.version else ""
    poor = f"; poor: {view.unknown:.0%} of the words are unknown to it" if view.is_poor and view.unknown else ""
    return (
        f"translated from {source}{said_by[view.source_by]} into {target} by {view.engine}{version}{over}{made}{poor}"
    )


def engine_sentences(status: TranslationStatus | None) -> Iterator[str]:
    """Say into which languages what arrives is translated, and from which not."""
    if status is None:
        yield NO_ENGINES
        return
    for target in status.languages:
        sources = [pair[:2] for pair in (each.split()[0] for each in status.routes) if pair.endswith(f"-{target}")]
        lacks = [pair[:2] for pair in status.lacks if pair.endswith(f"-{target}")]
        done = f"from {', '.join(map(language, sources))}" if sources else "from no language"
        without = f"; no engine for {', '.join(lacks)}" if lacks else ""
        yield f"Texts are translated into {language(target)} {done}{without}."
    for each in status.engines:
        if each.trouble:
            yield f"The translation engine {each.name} can't be used: {each.trouble}."
