"""The command that asks a few questions and says which mechanism is the right one. It needs no node."""
# ruff: noqa: PLC0415  a command imports what it needs when it runs

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from schemas.guidance import Asked, GuidanceTable


def guidance(
    *,
    answer: Annotated[
        list[str] | None,
        typer.Option(metavar="QUESTION=ANSWER", help="An answer given beforehand; repeat it. Programs give all."),
    ] = None,
    form: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what a form keeps of it, TOML, for `imi exchange draft --form`."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Find the right mechanism: e-Commerce, consumer protection, TRIS, Services Directive, DSA and others.

    It asks a few questions and forbids nothing. Each question also takes the answer "unsure".
    """
    from node.areas import guidance_table
    from node.cli.advice import form_fragment, outcome_lines
    from node.handlers.guidance import outcome

    table = guidance_table()
    found = outcome(table, _answered(table, answer or ()))
    if form is not None:
        form.write_text(form_fragment(found), encoding="utf-8")
    for line in [found.model_dump_json(indent=1)] if json else outcome_lines(found):
        typer.echo(line)
    if form is not None:
        typer.echo(f"What a form keeps of it is in {form}.", err=json)


def _answered(table: "GuidanceTable", settings: Sequence[str]) -> Mapping[str, str]:
    """Ask for what was not given beforehand, where somebody sits at the keyboard."""
    from node.handlers.guidance import BadAnswer, Unanswered, next_question

    answers: dict[str, str] = {}
    for setting in settings:
        name, equals, code = setting.partition("=")
        if not equals:
            raise BadAnswer(f"{setting}: write question=answer, such as establishment=other_country")
        answers[name] = code
    while (question := next_question(table, answers)) is not None:
        if not is_at_keyboard():
            choices = ", ".join(question.answers)
            raise Unanswered(f"{question.label}\ngive --answer {question.name}=..., with one of: {choices}")
        answers[question.name] = _ask(question)
    return answers


def _ask(question: "Asked") -> str:
    from node.cli.advice import question_lines

    codes = list(question.answers)
    for line in question_lines(question):
        typer.echo(line)
    while not (number := str(typer.prompt("Number"))).isdecimal() or not 1 <= int(number) <= len(codes):
        typer.echo(f"Type a number from 1 to {len(codes)}.")
    return codes[int(number) - 1]


def is_at_keyboard() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()
