"""Whose rights somebody has on a day: the own ones, and those of absent users for whom he or she stands in.

Invariants:
- From the day on which a user left, the user has no right, and nobody has one for him or her.
- A substitute who is away is replaced by the own substitute, and so on; a circle ends where it began.
- An absent user keeps the own rights: nobody is locked out by a wrong date.
"""

from collections.abc import Iterable
from datetime import date

from schemas.people import Grant, User


def is_user(user: User, today: date) -> bool:
    """Whether a person is still a user on a day."""
    return user.left_at is None or today < user.left_at.date()


def is_away(user: User, today: date) -> bool:
    """Whether a user is absent on a day."""
    return any(absence.first <= today <= absence.last for absence in user.absences)


def stands_in_for(user: User, others: Iterable[User], today: date) -> tuple[User, ...]:
    """The absent users whose work falls to a user on a day, directly or because their substitute is away too.

    Args:
        user: the substitute.
        others: users of the same node; those who are neither absent nor users any more don't matter.
        today: by the node's clock.
    """
    absent = [each for each in others if each.id != user.id and is_user(each, today) and is_away(each, today)]
    found: dict[str, User] = {}
    replaced = [user.id]
    while replaced:
        name = replaced.pop()
        for each in absent:
            if each.id not in found and name in _substitutes(each, today):
                found[each.id] = each
                replaced.append(each.id)
    return tuple(found[name] for name in sorted(found))


def effective_grants(user: User, others: Iterable[User], today: date) -> tuple[Grant, ...]:
    """The roles that count for a user on a day, each once.

    Args:
        user: who acts.
        others: users of the same node, as for `stands_in_for`.
        today: by the node's clock.
    """
    if not is_user(user, today):
        return ()
    everybody = (user, *stands_in_for(user, others, today))
    return tuple(dict.fromkeys(grant for each in everybody for grant in each.grants))


def _substitutes(user: User, today: date) -> frozenset[str]:
    return frozenset(
        absence.substitute
        for absence in user.absences
        if absence.first <= today <= absence.last and absence.substitute is not None
    )
