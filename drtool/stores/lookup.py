"""Which store a location belongs to."""

from __future__ import annotations

import re

from drtool.errors import WrongUse
from drtool.stores.interface import Store
from drtool.stores.local import LocalStore

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


def store_for(location: str) -> Store:
    """Return the store that a location or pattern names: `s3://bucket/key`, `file:///path`, or a path.

    Raises:
        WrongUse: there is no such kind of store.
    """
    if known_scheme(location) == "file":
        return LocalStore()
    from drtool.stores.s3 import S3Store  # boto3 takes 0.2 s to import, so only who needs it waits

    return S3Store()


def known_scheme(location: str) -> str:
    """Return the kind of store that a location names: `file` or `s3`.

    Raises:
        WrongUse: there is no such kind of store.
    """
    found = _SCHEME.match(location)
    scheme = found[1].lower() if found else "file"
    if scheme not in {"file", "s3"}:
        raise WrongUse(
            "unknown-store",
            f"drtool knows no store {scheme}:// (in {location})",
            mend="Use a path, file:// or s3://bucket/key",
        )
    return scheme
