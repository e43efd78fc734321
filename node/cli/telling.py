"""Tells in plain words what a piece of evidence proves."""

import json
from collections.abc import Iterator

from node.cli.words import party, printable, when
from node.verify import Delivered, RootFound, Told, Verdict
from schemas.refusal import HELP


def verdict_lines(verdict: Verdict, *, content: bool) -> Iterator[str]:
    """Tell a verdict: the exchange, each step, what is wrong, what it rests on, and the conclusion last."""
    yield f"Evidence of exchange {verdict.exchange}" if verdict.exchange is not None else "Evidence of nothing"
    for number, told in enumerate(verdict.told, start=1):
        yield from ("", *map(printable, _told(number, told, content=content)))
    for sent in verdict.attachments:
        yield f"\nAttachment {sent.hash} of {party(sent.sender)}, sent on {when(sent.at)}: {_ATTACHED[sent.state]}"
    yield ""
    if verdict.root is not None:
        yield from map(printable, _root(verdict.root))
    if not verdict.problems:
        yield "Proven: every signature, every receipt, and the chain of what each party had seen."
        return
    yield "Not all of it is proven:"
    yield from (printable(f"  {problem}") for problem in verdict.problems)


_ATTACHED = {
    "whole": "here, and unaltered",
    "undisclosed": "its bytes are not here: erased, or left out",
    "incomplete": "not complete",
    "altered": "not what its hash says",
}


def _told(number: int, told: Told, *, content: bool) -> Iterator[str]:
    recipients = " and ".join(party(each) for each in told.recipients)
    yield f"{number}. {told.step_label} ({told.procedure_label})"
    yield f"   {party(told.sender)} ({told.authority}) to {recipients}, {when(told.at)}"
    yield f"   signed with its key {told.key}"
    for each in told.deliveries:
        yield f"   {_delivered(each)}"
    yield f"   {_disclosed(told)}"
    if content:
        for name, value in told.content.items():
            yield f"     {name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"


def _delivered(each: Delivered) -> str:
    name = party(each.recipient)
    at = f" on {when(each.at)}" if each.at is not None else ""
    match each.proof:
        case "delivered":
            opened = f"opened on {when(each.opened_at)}" if each.opened_at is not None else "no receipt of opening"
            return f"delivered to {name}{at}; {opened}"
        case "refused":
            return f"refused by {name}{at}: {HELP[each.code] if each.code is not None else 'without a reason'}"
        case "built_on":
            return f"no receipt of {name} is here, but its own step{at} shows that it had this"
        case "unproven":
            return f"no receipt of {name}: not proven that it has this"
        case "elsewhere":
            return f"what became of it at {name} is for the evidence of those two to show"


def _disclosed(told: Told) -> str:
    shown, hidden = len(told.content), told.undisclosed
    if not shown + hidden:
        return "it says nothing more"
    if not hidden:
        return f"content: {_fields(shown)}, all disclosed"
    if not shown:
        return f"content: {_fields(hidden)}, none disclosed: erased, or left out"
    return f"content: {_fields(shown)} disclosed, {hidden} erased or left out"


def _fields(number: int) -> str:
    return f"{number} {'field' if number == 1 else 'fields'}"


def _root(root: RootFound) -> Iterator[str]:
    holders = ", ".join(root.holders)
    if root.given:
        yield f"All keys are traced to the root that you gave (version {root.version}, {root.threshold} of {holders})."
        return
    yield f"All keys are traced to the root inside the archive (version {root.version}, {root.threshold} of {holders})."
    yield "Anybody can make such a root. Give yours with --root, or compare this fingerprint with the Commission's:"
    yield f"  {root.fingerprint}"
