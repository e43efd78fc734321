"""What can be foreseen to go wrong, as lines for the person at the keyboard."""

from pydantic import ValidationError

from broker.certificates import RequestRefused
from broker.management import ManagementRefused
from broker.provision import FolderInUse, PortInUse, RabbitFailed, RabbitMissing
from broker.topology import BadNodeName
from node.ceremony.federation import CeremonyRefused
from node.cli.forms import BadForm
from node.cli.words import printable
from node.client import Declined, NodeAway
from node.config import BadConfig
from node.crypto.keyring import BadKeyring
from node.crypto.trust import TrustError
from node.handlers.counts.tabulation import BadFeature, BadPeriod
from node.handlers.guidance import BadAnswer, Unanswered
from node.handlers.registers.register import RegisterRefused
from node.verify import BadArchive
from schemas.declaration import BadDeclaration
from schemas.mistakes import mistakes
from schemas.structure import BadStructure

_SPOKEN = (
    BadFeature,
    BadPeriod,
    BadAnswer,
    BadArchive,
    BadConfig,
    BadDeclaration,
    BadForm,
    BadKeyring,
    BadNodeName,
    BadStructure,
    CeremonyRefused,
    FolderInUse,
    ManagementRefused,
    NodeAway,
    PortInUse,
    RegisterRefused,
    RabbitFailed,
    RabbitMissing,
    RequestRefused,
    Unanswered,
)
"""Errors whose message is written for people."""


def explain(error: Exception) -> list[str] | None:
    """Say what went wrong and what to do; None for what nobody foresaw, which deserves its traceback."""
    match error:
        case Declined():
            lines = _declined(error)
        case TrustError():
            lines = [error.sentence]
        case ValidationError():
            lines = [str(each) for each in mistakes(error)]
        case OSError():
            lines = [f"{error.filename}: {error.strerror}" if error.filename is not None else str(error)]
        case UnicodeDecodeError():
            lines = ["The file is not text in UTF-8."]
        case _ if isinstance(error, _SPOKEN):
            lines = str(error).splitlines()
        case _:
            return None
    return [printable(line) for line in lines]


def _declined(error: Declined) -> list[str]:
    problem = error.problem
    if not problem.problems:
        return [problem.detail or problem.title]
    fields = [f"  {each.field}: {each.message}" for each in problem.problems]
    return [problem.title, *fields]
