"""Who needs the personal data of an exchange no longer, and who has confirmed to have blocked or deleted them.

Each side decides for itself when it needs them no longer, at the latest when the periods end (IMI Regulation,
Art. 14(1)); whoever blocks, or deletes, says so, signed. Invariants:
- Nothing is blocked or deleted before formal closure.
- A confirmation counts for one closure only: what is reopened and closed again has to be confirmed again.
- Only deletion that an authority asks for with consent binds the other parties (Art. 14(5)).
"""

from datetime import datetime, timedelta
from typing import Literal

from node.handlers.refused import Refused
from schemas.exchange import Confirmation, Exchange
from schemas.messages import EarlyDeletion, Retention
from schemas.notices import Notice
from schemas.refusal import Refusal

What = Literal["blocked", "deleted"]
Because = Literal["due", "no_longer_needed", "asked"]

PATIENCE = timedelta(days=7)
"""So long after it was due a party may take to confirm, before the coordinators are told."""


def no_longer_needed(exchange: Exchange, now: datetime) -> Exchange:
    """Note that the own side needs the personal data no longer: they are due to be blocked at once.

    Raises:
        Refused: the exchange is not formally closed, or they are blocked already.
    """
    if exchange.closed_at is None:
        raise Refused(Refusal.NO_MEANING, f"{exchange.id} is not formally closed: close it before you block its data")
    if exchange.blocked_at is not None:
        raise Refused(Refusal.NO_MEANING, f"the personal data of {exchange.id} are blocked already")
    return exchange.model_copy(update={"no_longer_needed_at": now})


def require_deletable(exchange: Exchange) -> datetime:
    """Insist that early deletion can be asked for; returns the formal closure that it follows.

    Raises:
        Refused: the exchange is not formally closed, or its data are deleted already.
    """
    if exchange.closed_at is None:
        raise Refused(Refusal.NO_MEANING, f"{exchange.id} is not formally closed: its data are still needed")
    if exchange.deleted_at is not None:
        raise Refused(Refusal.NO_MEANING, f"the personal data of {exchange.id} are deleted already")
    return exchange.closed_at


def asked_to_delete(exchange: Exchange, asked: EarlyDeletion) -> Exchange:
    """Note that a party asks for deletion at once; it is due as soon as this copy has the closure that it follows.

    Raises:
        Refused: whoever asks is no party.
    """
    _require_party(exchange, asked.sender)
    return exchange.model_copy(update={"early_deletion": asked.closed_at})


def reopened(exchange: Exchange) -> Exchange:
    """Have the content in ordinary reach again after a step that reopened a blocked case; what is deleted stays so.

    The exchange goes on, so its data are needed again; the periods will count from the next closure.
    """
    is_untouched = exchange.blocked_at is None and exchange.no_longer_needed_at is None
    if is_untouched or exchange.closed_at is not None:
        return exchange
    again: dict[str, object] = {"no_longer_needed_at": None}
    if exchange.deleted_at is None:
        again["blocked_at"] = None
    return exchange.model_copy(update=again)


def why(exchange: Exchange, what: What, due_at: datetime | None, now: datetime) -> Because:
    """Why something is done now that is done: time alone is the reason where it was due anyway."""
    if due_at is not None and due_at <= now:
        return "due"
    return "asked" if what == "deleted" or exchange.early_deletion is not None else "no_longer_needed"


def confirmed(exchange: Exchange, said: Retention, statement_hash: str) -> Exchange:
    """Keep a party's confirmation.

    Raises:
        Refused: it comes from nobody who has a copy.
    """
    _require_party(exchange, said.sender)
    new = Confirmation(
        party=said.sender,
        what=said.what,
        because=said.because,
        at=said.at,
        closed_at=said.closed_at,
        hash=statement_hash,
    )
    return exchange.model_copy(update={"confirmations": (*exchange.confirmations, new)})


def confirmation(exchange: Exchange, party: str, what: What) -> Confirmation | None:
    """A party's first confirmation for the present closure; who deleted has blocked as well."""
    enough = ("blocked", "deleted") if what == "blocked" else ("deleted",)
    return next(
        (
            each
            for each in exchange.confirmations
            if each.party == party and each.what in enough and each.closed_at == exchange.closed_at
        ),
        None,
    )


def unconfirmed(exchange: Exchange, what: What, *, node: str) -> tuple[str, ...]:
    """The parties that have not confirmed, in order; none where nobody else ever heard of the exchange."""
    others = set(exchange.parties.values()) - {node} if exchange.history else set[str]()
    return tuple(sorted(party for party in others if confirmation(exchange, party, what) is None))


def next_look_at(exchange: Exchange, blocking_due: datetime | None, *, node: str) -> datetime | None:
    """When to look next whether a party has not confirmed in time.

    Args:
        exchange: this node's copy.
        blocking_due: when its data had to be blocked at the latest.
        node: whose copy it is.
    """
    looked = exchange.confirmations_looked_at
    return min((at for at, _ in _looks(exchange, blocking_due, node) if looked is None or at > looked), default=None)


def missing(
    exchange: Exchange, blocking_due: datetime | None, *, node: str, now: datetime
) -> tuple[Exchange, tuple[Notice, ...]]:
    """Tell the coordinators of the parties that have not confirmed in time; arguments as for `next_look_at`."""
    looked = exchange.confirmations_looked_at
    parties = {
        party
        for at, lacking in _looks(exchange, blocking_due, node)
        if at <= now and (looked is None or at > looked)
        for party in lacking
    }
    if not parties:
        return exchange, ()
    since = exchange.history[-1].message
    told = tuple(
        Notice(exchange=exchange.id, kind="unconfirmed", subject=party, since=since, audience="coordinator", at=now)
        for party in sorted(parties)
    )
    return exchange.model_copy(update={"confirmations_looked_at": now}), told


def _looks(exchange: Exchange, blocking_due: datetime | None, node: str) -> list[tuple[datetime, tuple[str, ...]]]:
    """When to look, and who lacks; who blocks early waits with that until it is due for the others as well."""
    found = []
    if exchange.blocked_at is not None and exchange.deleted_at is None:
        since = max(exchange.blocked_at, blocking_due or exchange.blocked_at)
        found.append((since + PATIENCE, unconfirmed(exchange, "blocked", node=node)))
    if exchange.deleted_at is not None:
        found.append((exchange.deleted_at + PATIENCE, unconfirmed(exchange, "deleted", node=node)))
    return [(at, lacking) for at, lacking in found if lacking]


def _require_party(exchange: Exchange, sender: str) -> None:
    if exchange.role_of(sender) is None:
        raise Refused(Refusal.NOT_A_PARTY, f"{sender} is no party to {exchange.id}")
