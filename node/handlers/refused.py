"""Why a step is not taken: the one exception of all decisions."""

from node.handlers.exchanges.forms import Problem
from schemas.refusal import Refusal


class Refused(Exception):
    """The step is not possible; nothing has changed.

    Attributes:
        code: from the closed list, as it goes into a signed receipt.
        detail: one sentence for a person.
        problems: the fields of the form that are wrong, with remedies.
    """

    def __init__(self, code: Refusal, detail: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.problems = problems
