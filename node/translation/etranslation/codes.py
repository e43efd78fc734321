"""What eTranslation's error numbers mean: a table for each version, for the same number means different things.

`again`: wait, and ask again. `operator`: this node's account or settings are wrong, which somebody mends; until then
texts wait. `never`: this text, or what was asked with it, won't be taken.
"""

from typing import Literal, NamedTuple

from node.translation.port import EngineAway, EngineBusy, EngineDeclined

BUSY_SECONDS = 72.0
"""How long one government gateway waits after -20028; the quota frees itself as jobs end."""
OPERATOR_SECONDS = 600.0

Treatment = Literal["again", "busy", "operator", "never"]


class Code(NamedTuple):
    """What a number means, and what to do about it."""

    means: str
    treatment: Treatment


def _table(groups: dict[Treatment, dict[int, str]]) -> dict[int, Code]:
    return {number: Code(means, how) for how, meanings in groups.items() for number, means in meanings.items()}


V1: dict[int, Code] = _table(
    {
        "busy": {-20028: "concurrency quota exceeded"},
        "again": {-20000: "source language missing, or a general fault", -20033: "stream unreadable"},
        "operator": {
            -20005: "caller information missing",
            -20006: "application missing",
            -20007: "application not authorised",
            -20010: "bad HTTP address",
            -20014: "user name missing",
            -20017: "user name too long",
            -20019: "institution too long",
            -20020: "department too long",
            -20026: "bad protocol of the requester callback",
            -20027: "bad protocol of the error callback",
        },
        "never": {
            -20001: "invalid source language",
            -20002: "target language missing",
            -20003: "invalid target language",
            -20008: "bad FTP address",
            -20009: "bad SFTP address",
            -20011: "bad e-mail address",
            -20012: "text, path and document exclude each other",
            -20013: "pair not supported by the domain",
            -20015: "extension and media type differ",
            -20018: "invalid output format",
            -20021: "text too long",
            -20022: "too many FTP destinations",
            -20023: "too many SFTP destinations",
            -20024: "too many HTTP destinations",
            -20025: "destination missing",
            -20029: "format not supported",
            -20030: "text empty",
            -20031: "nothing to translate",
            -20032: "e-mail too long",
            -20034: "output format not supported",
            -20035: "e-mail destination empty",
            -20036: "HTTP destination empty",
            -20037: "FTP destination empty",
            -20038: "SFTP destination empty",
            -20039: "document empty",
            -20040: "format empty",
            -20041: "content empty",
            -20042: "source language of the TMX differs",
            -20043: "source language of the XLIFF differs",
            -20044: "quality estimate not possible",
            -20045: "quality estimate not possible",
            -20046: "document larger than 20 MB",
            -20047: "quality estimate not possible",
            -40010: "too many segments",
        },
    }
)

V2: dict[int, Code] = _table(
    {
        "busy": {-11200: "quota exceeded", -20028: "concurrency quota exceeded"},
        "operator": {
            -90000: "not authorised",
            -10500: "language models not allowed for this account",
            -70010: "can't be delivered by pick-up",
        },
        "never": {
            -10419: "glossary and language model exclude each other",
            -20001: "pick-up and deliveries exclude each other",
        },
    }
)


def failure(table: dict[int, Code], number: int) -> EngineAway | EngineDeclined:
    """Turn a number into what it asks for; one that is not in the table concerns this text only."""
    code = table.get(number, Code("unknown code", "never"))
    words = f"eTranslation {number}: {code.means}"
    match code.treatment:
        case "busy":
            return EngineBusy(words, pause_seconds=BUSY_SECONDS)
        case "again":
            return EngineAway(words)
        case "operator":
            return EngineAway(words, pause_seconds=OPERATOR_SECONDS)
        case "never":
            return EngineDeclined(words)
