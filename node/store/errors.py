"""What can be wrong with a store as a whole; each message names the remedy."""


class StoreError(Exception):
    """The store can't be used as it is."""


class StoreInUse(StoreError):
    """Another process has this store open for writing."""


class StoreTooNew(StoreError):
    """A newer program has migrated this store."""


class StoreDamaged(StoreError):
    """The file is not a database that SQLite can read."""


class StoreBusy(StoreError):
    """A reader did not end in time."""
