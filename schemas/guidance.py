"""Which mechanism is the right one? A decision table as data: questions, rules in order, the channels they lead to.

The first rule that holds gives the main channel, and those that hold after it are worth considering too. "Unsure" is
an answer to every question and is declared nowhere: it never leads to a rule by itself. A table never forbids
anything; it informs, and what it was told is kept with the exchange.

What the law says in a rule was either read in its source or remembered: `verified` says which, and `note` where it
was read, or what remains to be checked.
"""

import tomllib
from collections.abc import Iterator
from typing import Annotated

from pydantic import PositiveInt, StringConstraints, ValidationError

from schemas.frozen import Frozen
from schemas.identifiers import Slug

UNSURE = "unsure"
"""The answer that every question takes besides its own."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
RuleId = Annotated[str, StringConstraints(pattern=r"^[A-Z]\d{1,2}$")]


class Question(Frozen):
    """One question with its coded answers."""

    label: Text
    help: str = ""
    answers: dict[Slug, Text]


class Comparison(Frozen):
    """A channel in the table that sets the channels side by side."""

    who_acts: Text
    against: Text
    scope: Text
    """A general rule, an individual case, a single item."""
    timing: Text
    """Before or after the measure."""
    deadline: Text
    recipients: Text


class Channel(Frozen):
    """A way to act, of this system or another one."""

    label: Text
    form_code: Slug
    """Its code in the answer list of the forms that keep the outcome."""
    comparison: Comparison


class Rule(Frozen):
    """If the answers are these, this is the channel."""

    id: RuleId
    when: dict[Slug, tuple[Slug, ...]] = {}
    """Question -> the answers with which it holds; all of them have to. The last rule has none, and holds always."""
    channel: Slug
    reason: Text
    source: Text
    """The provision of Union law, or the document, that says so."""
    verified: bool
    note: Text
    """Where the source was read; or what of it is from memory and is to be checked."""


class FormFields(Frozen):
    """Where a form keeps what came out."""

    outcome: Slug
    reason: Slug
    path: Slug
    doubt: Slug


class GuidanceTable(Frozen):
    """A decision table."""

    name: Slug
    version: PositiveInt
    label: Text
    fields: FormFields
    questions: dict[Slug, Question]
    channels: dict[Slug, Channel]
    rules: tuple[Rule, ...]


class Asked(Frozen):
    """A question to be answered next."""

    name: Slug
    label: str
    help: str
    answers: dict[Slug, str]
    """With "unsure"."""


class Finding(Frozen):
    """A rule that holds, or may hold, with its channel."""

    rule: RuleId
    channel: Slug
    label: str
    form_code: Slug
    reason: str
    source: str
    verified: bool
    note: str
    certain: bool
    """Whether it holds for sure; otherwise an answer that was "unsure" could make it hold."""


class Outcome(Frozen):
    """What the table recommends, and how it came to that."""

    table: Slug
    version: PositiveInt
    main: Finding
    also: tuple[Finding, ...]
    comparison: dict[str, Comparison]
    """By the channel's label: those that were found; all of them, where none was."""
    path: dict[Slug, Slug]
    """Question -> answer, in the order in which they were asked."""
    doubts: tuple[Slug, ...]
    """The questions that were answered with "unsure"."""
    is_doubtful: bool
    """Statistics count it: an answer was "unsure", or no rule held."""
    form: dict[Slug, str | bool]
    """What a form keeps of it, ready to be filled in."""


class GuidanceStep(Frozen):
    """Either the next question, or the outcome."""

    question: Asked | None = None
    outcome: Outcome | None = None


class BadGuidance(ValueError):
    """A decision table can't be used; the message names the place and the remedy."""


def parse_guidance(text: str) -> GuidanceTable:
    """Read a decision table.

    Args:
        text: TOML.

    Raises:
        BadGuidance: not TOML, something is missing or wrong, or a name is used that is not declared; all that is
            wrong at once, a line each.
    """
    try:
        table = GuidanceTable.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadGuidance(f"the table is not valid TOML: {error}") from error
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, item['loc'])) or 'table'}: {item['msg']}" for item in error.errors()]
        raise BadGuidance("\n".join(lines)) from error
    problems = [*_question_problems(table), *_rule_problems(table)]
    if problems:
        raise BadGuidance("\n".join(problems))
    return table


def _question_problems(table: GuidanceTable) -> Iterator[str]:
    for name, question in table.questions.items():
        if UNSURE in question.answers:
            yield f"questions.{name}: leave out {UNSURE}; every question takes it"
        if not any(name in rule.when for rule in table.rules):
            yield f"questions.{name}: no rule asks for it; leave it out"


def _rule_problems(table: GuidanceTable) -> Iterator[str]:
    ids = [rule.id for rule in table.rules]
    yield from (
        f"rules.{rule}: two rules have this id" for rule in sorted({each for each in ids if ids.count(each) > 1})
    )
    open_rules = [rule.id for rule in table.rules if not rule.when]
    if open_rules != ids[-1:]:
        yield "rules: the last one, and only that, has no `when`: it holds where no other does"
    for rule in table.rules:
        if rule.channel not in table.channels:
            yield f"rules.{rule.id}: there is no channel {rule.channel}"
        for name, codes in rule.when.items():
            known = table.questions[name].answers if name in table.questions else {}
            if not known:
                yield f"rules.{rule.id}: there is no question {name}"
            yield from (f"rules.{rule.id}: {name} has no answer {code}" for code in codes if code not in known)
    for name in sorted(set(table.channels) - {rule.channel for rule in table.rules}):
        yield f"channels.{name}: no rule leads to it; leave it out"
