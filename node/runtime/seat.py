"""What the parts of the runtime share: who we are, what we know, where it is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from node.areas import Areas, Prover, newest
from node.clock import Clock
from node.config import Mail
from node.crypto.keyring import Keyring
from node.crypto.trust import GRACE, Freshness, TrustedDirectory
from node.handlers import publications
from node.handlers.exchanges.procedure import Refused
from node.handlers.publications import Publications
from node.handlers.registers.register import Register
from node.runtime.engines import Engines
from node.runtime.handover import Handover
from node.store.database import Store
from schemas.identifiers import message_id
from schemas.policy_area import PolicyArea
from schemas.refusal import Refusal


class DirectoryExpired(Exception):
    """The directory is so old that nobody knows any more who is a member; the message says what to do."""


def _no_place_for_keys(_: Keyring) -> None:
    raise RuntimeError("this node was put together without a place for its keyring")


@dataclass
class Seat:
    """A node's place in the federation; built once, in the composition root."""

    node: str
    areas: Areas
    keyring: Keyring
    trust: TrustedDirectory
    store: Store
    clock: Clock
    """The law's time."""
    wall: Clock
    """Real time: how long to wait for a broker or a receipt."""
    random: Callable[[int], bytes]
    """A source of random bytes, seeded in a simulation."""
    mail: Mail | None = None
    """How digests are sent, if they are."""
    engines: Engines | None = None
    """Who translates, if anybody does."""
    published: Publications = field(default_factory=dict)
    """What the Commission published; the texts are among the areas. Both are replaced when it publishes more."""
    prover: Prover = field(default_factory=Prover)
    keep_keyring: Callable[[Keyring], None] = field(default=_no_place_for_keys)
    """Writes the keyring in the place of the one on disk."""
    register: Register | None = None
    """The own register as last read; none before, and after something in it was changed."""
    handover: Handover = field(default_factory=Handover)
    """What the sender need not read from the store."""
    wake_sender: Callable[[], None] = field(default=lambda: None)
    """Told that there is something to send."""
    on_ended: Callable[[Sequence[str]], None] = field(default=lambda _: None)
    """Told which messages a recipient has signed for, once that is stored."""

    def new_id(self) -> str:
        """Make a message id."""
        return message_id(self.clock.now(), self.random(10))

    def has_directory(self) -> bool:
        """Say whether statements may be made, sealed and opened: until the grace of the directory is over."""
        return self.trust.freshness(self.clock.now()) is not Freshness.EXPIRED

    def require_directory(self) -> None:
        """Insist on a directory in force.

        Raises:
            DirectoryExpired: its grace is over.
        """
        if not self.has_directory():
            raise DirectoryExpired(
                f"the directory expired, and the {GRACE.days} days of grace are over: nothing is sent or opened, and "
                "nothing is lost; take over the current directory from the Commission to go on"
            )

    def area(self, name: str, version: int) -> PolicyArea:
        """The version of a policy area that an exchange began with; raises Refused."""
        area = self.areas.get((name, version))
        if area is None:
            raise Refused(Refusal.UNKNOWN_AREA, f"this node does not have {name}, version {version}")
        return area

    def newest_area(self, name: str) -> PolicyArea:
        """The version with which an exchange begins now; raises Refused."""
        now = self.clock.now()
        known = {key: area for key, area in self.areas.items() if key[0] == name}
        if not known:
            names = ", ".join(sorted({known for known, _ in self.areas}))
            raise Refused(Refusal.UNKNOWN_AREA, f"there is no policy area {name}; there is {names}")
        area = newest({key: area for key, area in known.items() if self._is_open(key, now)}, name)
        if area is None:
            area = known[max(known)]
            self.require_open(area)
        return area

    def require_open(self, area: PolicyArea) -> None:
        """Insist that an exchange can begin with a version now; raises Refused."""
        publications.require_open(area, self.published.get((area.area, area.version), ()), self.clock.now())

    def _is_open(self, key: tuple[str, int], at: datetime) -> bool:
        return publications.is_open(self.published.get(key, ()), at)
