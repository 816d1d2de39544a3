"""A backup that was found in a store and recognised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from drtool.backups.encryption import Unlocking
from drtool.backups.recognise import Recognised
from drtool.stores import Store, StoredObject


@dataclass(frozen=True, kw_only=True)
class Backup:
    """What `Drill.latest` and `Drill.backup` give, and a restore takes.

    Attributes:
        found: the store's record of it.
        store: where it lies.
        recognised: what its first bytes tell; of an encrypted one that was opened, the first bytes inside.
        unlocking: what decrypts it, once it was opened.
    """

    found: StoredObject
    store: Store
    recognised: Recognised
    unlocking: Unlocking | None = None

    @property
    def location(self) -> str:
        """Where it lies, for example `s3://backups/shop/db-20261124.sql.zst`."""
        return self.found.location

    @property
    def size_bytes(self) -> int:
        """Its size, as the store says."""
        return self.found.size_bytes

    @property
    def modified_at(self) -> datetime:
        """When it was last written, as the store says, UTC."""
        return self.found.modified_at
