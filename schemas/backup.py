"""What stands in a backup, besides the store itself."""

from typing import Literal

from schemas.directory import Base64Url
from schemas.frozen import Frozen
from schemas.identifiers import Hash, NodeId, UtcTime


class BackupHead(Frozen):
    """The first line of a backup's files, in clear."""

    format: Literal["imi-backup-1"] = "imi-backup-1"
    kind: Literal["store", "keys"]
    node: NodeId
    at: UtcTime
    store_key: Hash
    """Names the store key, without telling it."""


class BackupSecret(Frozen):
    """The private key that opens backups; it is kept away from the node."""

    suite: str
    seed: Base64Url
    public: Base64Url


class KeptKey(Frozen):
    """The data key of an exchange, as the store has it."""

    exchange: str
    wrapped: Base64Url
    ring: Literal["ordinary", "blocked"]


class Ended(Frozen):
    """An exchange whose personal data are blocked or deleted."""

    exchange: str
    blocked_at: UtcTime | None
    deleted_at: UtcTime | None


class KeyBackup(Frozen):
    """All keys as they are now; each such file takes the place of the one before."""

    keyring: Base64Url
    data_keys: tuple[KeptKey, ...]
    ended: tuple[Ended, ...]
    files: dict[str, Base64Url]
    """Settings and certificates, by their place in the node's folder."""
