"""A small federation whose keys come from fixed seeds, for vectors and tests. Its keys are public: never use them.

DE, EC, EL and FR are active; LT is suspended and HU was expelled, both half a year ago; IT is not in it.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from node.crypto import statement
from node.crypto.keys import Random, SigningPrivateKey
from node.crypto.ring import Keyring, new_keyring, renewed
from node.crypto.statement import Packed
from node.crypto.trust import TrustedDirectory, sign_document
from schemas.authorities import Authority
from schemas.directory import Directory, Holder, NodeEntry, Root
from schemas.identifiers import message_id
from schemas.messages import (
    AuthoritiesPublished,
    Chunk,
    EarlyDeletion,
    Numbered,
    Recall,
    Receipt,
    Receipts,
    Rectification,
    Resend,
    Retention,
    Signal,
    Skip,
    Step,
)

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
FOUNDED = NOW - timedelta(days=400)
LEFT = NOW - timedelta(days=180)

EXCHANGE = "ECOM-REQ-DE-2026-000001"


def seeded(label: str) -> Random:
    """Make a source of bytes that gives the same ones again."""
    state = hashlib.sha256(label.encode()).digest()

    def random(count: int) -> bytes:
        nonlocal state
        stream = hashlib.shake_256(state).digest(32 + count)
        state = stream[:32]
        return stream[32:]

    return random


def keyring(node: str) -> Keyring:
    """Give a node's keys: a newer signing key, and an older one that ended 35 days ago."""
    random = seeded(f"keys of {node}")
    first = new_keyring(node, FOUNDED, random, signing_validity=timedelta(days=365))
    return renewed(first, NOW - timedelta(days=60), random)


HOLDERS = tuple(SigningPrivateKey(f"holder-{number}", seeded(f"holder {number}")(32)) for number in range(1, 4))
KEYRINGS = {node: keyring(node) for node in ("DE", "EC", "EL", "FR", "LT", "HU", "IT")}


def root(version: int = 1, holders: tuple[SigningPrivateKey, ...] = HOLDERS, threshold: int = 2) -> Root:
    """Make a root that is valid for a year."""
    return Root(
        version=version,
        issued_at=NOW - timedelta(days=10),
        expires_at=NOW + timedelta(days=355),
        holders=tuple(Holder(key=key.id, public=key.public, name=f"Keeper of {key.id}") for key in holders),
        threshold=threshold,
    )


def entry(node: str) -> NodeEntry:
    """Make a node's entry."""
    keys = KEYRINGS[node]
    since, status = {"LT": (LEFT, "suspended"), "HU": (LEFT, "expelled")}.get(node, (FOUNDED, "active"))
    return NodeEntry.model_validate(
        {
            "id": node,
            "status": status,
            "since": since,
            "signing": keys.public_signing(),
            "sealing": keys.public_sealing(),
            "authorities": (Authority(id=f"{node}/ministry", name=f"Ministry of {node}"),),
        }
    )


def directory(version: int = 1, *, issued_at: datetime = NOW, nodes: tuple[NodeEntry, ...] | None = None) -> Directory:
    """Make a directory that is valid for 30 days."""
    return Directory(
        version=version,
        issued_at=issued_at,
        expires_at=issued_at + timedelta(days=30),
        nodes=nodes or tuple(entry(node) for node in ("DE", "EC", "EL", "FR", "HU", "LT")),
    )


def trusted() -> TrustedDirectory:
    """Pin the root and take the directory."""
    pinned = TrustedDirectory.pin(sign_document(root(), HOLDERS[:2]), NOW)
    return pinned.update_directory(sign_document(directory(), HOLDERS[1:]), NOW)


TRUST = trusted()


def step(digests: tuple[str, ...] = (), **changes: object) -> Step:
    """Make a step of DE in an exchange with FR."""
    members = {
        "id": message_id(NOW, seeded("a message")(10)),
        "sender": "DE",
        "at": NOW,
        "to": {"FR": 1},
        "_sd": digests,
        "exchange": EXCHANGE,
        "sequence": 1,
        "seen": {},
        "area": "e_commerce",
        "version": 1,
        "procedure": "request",
        "step": "send",
        "authority": "DE/ministry",
        "parties": {"requesting": "DE", "responding": "FR"},
        "authorities": {"requesting": "DE/ministry"},
    }
    return Step.model_validate(members | changes)


def packed(fields: Mapping[str, JsonValue] | None = None, label: str = "a form", **changes: object) -> Packed:
    """Make a signed step of DE to FR that says these fields."""
    digests, disclosures = statement.disclose(fields or {}, seeded(label))
    identity = {"id": message_id(NOW, seeded(label)(10))}
    return Packed(signed(step(digests, **identity | changes)), disclosures)


def chunk() -> Packed:
    """Make a piece of an attachment."""
    digests, disclosures = statement.disclose({"bytes": "SGVsbG8"}, seeded("a chunk"))
    made = Chunk.model_validate(
        {
            "id": message_id(NOW, seeded("a chunk's id")(10)),
            "sender": "DE",
            "at": NOW,
            "to": {"FR": 2},
            "_sd": digests,
            "exchange": EXCHANGE,
            "attachment": statement.digest("SGVsbG8"),
            "index": 0,
            "count": 1,
        }
    )
    return Packed(signed(made), disclosures)


def register() -> Packed:
    """Make the only page of DE's register."""
    ministry: dict[str, JsonValue] = {
        "id": "DE/ministry",
        "name": "Ministry",
        "languages": ["de"],
        "modules": {"e_commerce": ["request"]},
        "coordination": {"national": True},
        "contacts": [{"name": "IMI desk", "email": "imi@ministry.example"}],
    }
    digests, disclosures = statement.disclose({"DE/ministry": ministry}, seeded("a register"))
    made = AuthoritiesPublished.model_validate(
        {
            "id": message_id(NOW, seeded("a register's id")(10)),
            "sender": "DE",
            "at": NOW,
            "to": {"FR": 3},
            "_sd": digests,
            "version": int(NOW.timestamp()),
            "page": 1,
            "pages": 1,
        }
    )
    return Packed(signed(made), disclosures)


def on_data() -> tuple[Packed, Packed, Packed]:
    """Make what is said about the personal data of a closed exchange: confirmed, asked to be deleted, corrected."""
    ids = [message_id(NOW, seeded(label)(10)) for label in ("retention", "early deletion", "rectification", "a form")]
    closed_at = NOW - timedelta(days=3)
    confirmed = Retention(
        id=ids[0],
        sender="DE",
        at=NOW,
        to={"FR": 4},
        exchange=EXCHANGE,
        what="blocked",
        because="no_longer_needed",
        closed_at=closed_at,
    )
    asked = EarlyDeletion(
        id=ids[1],
        sender="DE",
        at=NOW,
        to={"FR": 5},
        exchange=EXCHANGE,
        authority="DE/ministry",
        closed_at=closed_at,
        request=1,
    )
    digests, disclosures = statement.disclose({"corrected": "Age checks"}, seeded("a rectification"))
    corrected = Rectification(
        id=ids[2],
        sender="DE",
        at=NOW,
        to={"FR": 6},
        digests=digests,
        exchange=EXCHANGE,
        authority="DE/ministry",
        about=ids[3],
        act="corrects",
        field="subject",
    )
    return Packed(signed(confirmed)), Packed(signed(asked)), Packed(signed(corrected), disclosures)


def signals() -> tuple[Packed, Packed]:
    """Make receipts, and a request to send again."""
    ids = [message_id(NOW, seeded(label)(10)) for label in ("receipts", "resend", "a message")]
    receipt = Receipt(message=ids[2], hash=statement.digest("anything"), outcome="delivered")
    return (
        Packed(signed(Receipts(id=ids[0], sender="DE", at=NOW, to="FR", entries=(receipt,)))),
        Packed(signed(Resend(id=ids[1], sender="DE", at=NOW, to="FR", missing=((3, 5), (9, 9)), expects=12))),
    )


def recall() -> Packed:
    """Make a request for the sender's own statements."""
    made = Recall(id=message_id(NOW, seeded("recall")(10)), sender="DE", at=NOW, to="FR", from_number=4)
    return Packed(signed(made))


def skip() -> Packed:
    """Make word that a number is passed by."""
    ids = [message_id(NOW, seeded(label)(10)) for label in ("skip", "withheld")]
    made = Skip(
        id=ids[0],
        sender="DE",
        at=NOW,
        to="FR",
        skipped=4,
        statement=ids[1],
        statement_hash=statement.digest("withheld"),
    )
    return Packed(signed(made))


def signed(made: Numbered | Signal, signer: str = "DE") -> str:
    """Sign with a node's current key."""
    return statement.sign(made, KEYRINGS[signer].current)
