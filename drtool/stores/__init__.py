"""Where backups live: a folder or an S3 bucket. Read-only: list, look at, open."""

from drtool.stores.interface import Store, StoredObject
from drtool.stores.lookup import store_for

__all__ = ["Store", "StoredObject", "store_for"]
