"""What somebody is to do by when in an exchange, and whose turn it is, as nodes say it."""

from datetime import date

from schemas.frozen import Frozen
from schemas.identifiers import AuthorityId, MessageId, NodeId, Slug, UtcTime


class Due(Frozen):
    """A period that runs: begun by a step, and not settled yet."""

    deadline: Slug
    """Its name in the declaration."""
    label: str
    party: Slug
    """The role that is to act."""
    node: NodeId
    since: MessageId
    """The step that began it."""
    started_at: UtcTime
    due_on: date
    """The last day on which it is kept."""
    critical_on: date
    """From this day on it is critically overdue, unless it is settled."""

    def overdue_days(self, today: date) -> int:
        """For how many days it has been overdue; 0 while it is kept."""
        return max(0, (today - self.due_on).days)


class Standing(Frozen):
    """Whose turn it is in an exchange, to do what, by when."""

    turn: Slug | None = None
    """The role that is expected to act; none where nobody is."""
    node: NodeId | None = None
    authority: AuthorityId | None = None
    """Which authority of it is to act; none where the case is addressed to the country, or coordinators decide."""
    coordinators: bool = False
    """Whether its coordinators are to decide."""
    submitted: str = ""
    """The step, in words, that an approver of that authority is to release first; empty where there is none."""
    yours: bool = False
    """Whether it is the reader's turn, as far as it is known who reads."""
    task: tuple[str, ...] = ()
    """What it is to do, one of these: the wording of a deadline, or the labels of steps."""
    due_on: date | None = None
    overdue_days: int = 0
    critical: bool = False
