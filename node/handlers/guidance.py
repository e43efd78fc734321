"""Walks a decision table: which question comes next, and what the answers recommend.

Invariants:
- Only a question that can still change the outcome is asked, and none twice; so every walk ends.
- "Unsure" leaves open whether a rule holds. As soon as such a rule stands before the first that holds for sure, the
  main recommendation is the last rule of the table, which sends the person to a comparison and to the coordinator.
- Nothing is ever refused but an answer that the table does not have.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto

from schemas.guidance import UNSURE, Asked, Comparison, Finding, GuidanceTable, Outcome, Rule

Answers = Mapping[str, str]
"""Question -> answer."""

_UNSURE_LABEL = "I am not sure"


class BadAnswer(ValueError):
    """The table has no such question or answer; the message names those that it has."""


class Unanswered(ValueError):
    """There is no outcome yet: a question that can still change it is open."""


class _Fit(Enum):
    HOLDS = auto()
    DOUBTFUL = auto()
    """It holds if what was answered with "unsure" is so."""
    OPEN = auto()
    """It depends on a question that was not answered yet."""
    EXCLUDED = auto()


def next_question(table: GuidanceTable, answers: Answers) -> Asked | None:
    """The question to ask next; None as soon as the recommendation is certain.

    Args:
        table: the rules.
        answers: those given so far; answers to questions that are not asked count for nothing.

    Raises:
        BadAnswer: the table does not have that question or answer.
    """
    _require_known(table, answers)
    name = _next(table, answers)
    return None if name is None else _asked(table, name)


def outcome(table: GuidanceTable, answers: Answers) -> Outcome:
    """What the table recommends.

    Raises:
        BadAnswer: the table does not have that question or answer.
        Unanswered: a question is open.
    """
    _require_known(table, answers)
    path = _path(table, answers)
    if (missing := _next(table, path)) is not None:
        raise Unanswered(f"{missing} is not answered: {table.questions[missing].label}")
    fits = {rule.id: _fit(rule, path) for rule in table.rules}
    possible = [rule for rule in table.rules if fits[rule.id] in (_Fit.HOLDS, _Fit.DOUBTFUL)]
    fallback = table.rules[-1]
    main = possible[0] if fits[possible[0].id] is _Fit.HOLDS else fallback
    also = [rule for rule in possible if rule not in (main, fallback)]
    doubts = tuple(name for name, answer in path.items() if answer == UNSURE)
    found = _finding(table, main, certain=True)
    is_doubtful = bool(doubts) or main is fallback
    return Outcome(
        table=table.name,
        version=table.version,
        main=found,
        also=tuple(_finding(table, rule, certain=fits[rule.id] is _Fit.HOLDS) for rule in also),
        comparison=_comparison(table, (main, *also)),
        path=path,
        doubts=doubts,
        is_doubtful=is_doubtful,
        form=_form(table, found, path, is_doubtful=is_doubtful),
    )


def _require_known(table: GuidanceTable, answers: Answers) -> None:
    for name, answer in answers.items():
        if name not in table.questions:
            raise BadAnswer(f"there is no question {name}; there are {', '.join(table.questions)}")
        if answer not in (known := _asked(table, name).answers):
            raise BadAnswer(f"{name}: takes one of {', '.join(known)}")


def _asked(table: GuidanceTable, name: str) -> Asked:
    question = table.questions[name]
    answers = {**question.answers, UNSURE: _UNSURE_LABEL}
    return Asked(name=name, label=question.label, help=question.help, answers=answers)


def _path(table: GuidanceTable, answers: Answers) -> dict[str, str]:
    """The answers that count, in the order in which they are asked for."""
    path: dict[str, str] = {}
    while (name := _next(table, path)) is not None and name in answers:
        path[name] = answers[name]
    return path


def _next(table: GuidanceTable, answers: Answers) -> str | None:
    for rule in table.rules:
        match _fit(rule, answers):
            case _Fit.HOLDS:
                return None
            case _Fit.OPEN:
                return next(name for name in rule.when if name not in answers)
            case _Fit.DOUBTFUL | _Fit.EXCLUDED:
                continue
    return None


def _fit(rule: Rule, answers: Answers) -> _Fit:
    given = [(answers.get(name), codes) for name, codes in rule.when.items()]
    if any(answer not in (None, UNSURE, *codes) for answer, codes in given):
        return _Fit.EXCLUDED
    if any(answer is None for answer, _ in given):
        return _Fit.OPEN
    return _Fit.DOUBTFUL if any(answer == UNSURE for answer, _ in given) else _Fit.HOLDS


def _finding(table: GuidanceTable, rule: Rule, *, certain: bool) -> Finding:
    channel = table.channels[rule.channel]
    return Finding(
        rule=rule.id,
        channel=rule.channel,
        label=channel.label,
        form_code=channel.form_code,
        reason=rule.reason,
        source=rule.source,
        verified=rule.verified,
        note=rule.note,
        certain=certain,
    )


def _comparison(table: GuidanceTable, found: Sequence[Rule]) -> dict[str, Comparison]:
    nothing = list(found) == [table.rules[-1]]
    names = table.channels if nothing else dict.fromkeys(rule.channel for rule in found)
    return {table.channels[name].label: table.channels[name].comparison for name in names}


def _form(table: GuidanceTable, main: Finding, path: Answers, *, is_doubtful: bool) -> dict[str, str | bool]:
    fields = table.fields
    return {
        fields.outcome: main.form_code,
        fields.reason: f"{main.reason} ({main.source})",
        fields.path: " ".join((f"{table.name}/{table.version}", *_coded(path), main.rule)),
        fields.doubt: is_doubtful,
    }


def _coded(path: Answers) -> Iterator[str]:
    return (f"{name}={answer}" for name, answer in path.items())
