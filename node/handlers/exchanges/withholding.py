"""What an exchange does not show to a user of the own side: personal data before acceptance, or without the right.

Until a request is accepted, the side that is asked sees what it needs to tell whether it is competent, and no
personal data (IMI Regulation, Art. 9: need to know); files stay closed as well, since nobody can tell what is in
them. What an authority wrote itself it may read at any time.
"""

from collections.abc import Mapping
from typing import Literal

from node.handlers import access
from node.handlers.access import Actor, Case
from node.handlers.exchanges import forms
from node.handlers.rights import Right
from schemas.exchange import Entry
from schemas.policy_area import Form

Because = Literal["", "before_acceptance", "no_right"]


def because(actor: Actor, case: Case) -> Because:
    """Why personal data of others are withheld from a user in this exchange; empty where they are not."""
    if not access.may(actor, Right.SEE_PERSONAL, case):
        return "no_right"
    return "before_acceptance" if hides_personal(case) else ""


def hides_personal(case: Case) -> bool:
    """Whether the state of an exchange hides personal data from the own side."""
    return case.role in case.procedure.states[case.exchange.state].hides_personal_from


def wrote(actor: Actor, case: Case, entry: Entry) -> bool:
    """Whether a step is one of the user's own authority; of the node's, for its own account."""
    if entry.sender != case.node:
        return False
    return actor.user is None or access.may(actor, Right.SEE_PERSONAL, case, authority=entry.authority)


def shown(form: Form, content: Mapping[str, object]) -> dict[str, object]:
    """The answers that hold no personal data and are no files."""
    files = {field.name for field in form.fields if field.type == "attachments"}
    return {name: value for name, value in forms.without_personal(form, content).items() if name not in files}


def withheld(form: Form, content: Mapping[str, object]) -> tuple[str, ...]:
    """The fields that `shown` leaves out, or of which it leaves out a part."""
    open_to_all = shown(form, content)
    return tuple(name for name, value in content.items() if open_to_all.get(name) != value)
