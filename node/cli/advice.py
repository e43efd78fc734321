"""Sentences of the guidance: a question with its answers, and what the answers recommend."""

import json
from collections.abc import Iterator

from schemas.guidance import Asked, Finding, Outcome

_COLUMNS = {
    "who_acts": "who acts",
    "against": "against",
    "scope": "scope",
    "timing": "when",
    "deadline": "deadline",
    "recipients": "recipients",
}


def question_lines(question: Asked) -> Iterator[str]:
    """Ask a question, its answers numbered from 1."""
    yield ""
    yield question.label
    if question.help:
        yield f"  {question.help}"
    yield from (f"  {number}. {label}" for number, label in enumerate(question.answers.values(), start=1))


def outcome_lines(outcome: Outcome) -> Iterator[str]:
    """Tell the recommendation: channel, source, reason, what is not verified, and how the channels compare."""
    yield f"Recommended: {outcome.main.label}"
    yield from _finding(outcome.main)
    if outcome.doubts:
        yield f"You were unsure about: {', '.join(outcome.doubts)}. Ask your national IMI coordinator."
    for found in outcome.also:
        yield f"{'Consider also' if found.certain else 'Possible, as you are unsure'}: {found.label}"
        yield from _finding(found)
    yield "How they compare:"
    for label, row in outcome.comparison.items():
        yield f"  {label}"
        yield from (f"    {heading}: {getattr(row, column)}" for column, heading in _COLUMNS.items())
    yield "This is guidance. It decides nothing and blocks nothing; the judgement is yours."


def form_fragment(outcome: Outcome) -> str:
    """Write what a form keeps of the outcome, as TOML."""
    lines = [f"# From the guidance {outcome.table}, version {outcome.version}. Change what you judge otherwise."]
    return "\n".join([*lines, *(f"{name} = {_toml(value)}" for name, value in outcome.form.items())]) + "\n"


def _finding(found: Finding) -> Iterator[str]:
    yield f"  Why: {found.reason}"
    yield f"  Source: {found.source}"
    if not found.verified:
        yield f"  Not verified: {found.note}"


def _toml(value: str | bool) -> str:  # noqa: FBT001  a value of a form
    """A basic string of TOML escapes as JSON does, as long as there are no surrogates."""
    return json.dumps(value, ensure_ascii=False)
