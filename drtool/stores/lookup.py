"""Which store a location belongs to."""

from __future__ import annotations

import os
import re
from pathlib import Path

from drtool.errors import WrongUse
from drtool.stores.local import LocalStore
from drtool.stores.whole import WholeStore

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


def store_for(location: str) -> WholeStore:
    """Return the store that a location or pattern names: `s3://bucket/key`, `file:///path`, or a path.

    Raises:
        WrongUse: there is no such kind of store.
    """
    if known_scheme(location) == "file":
        return WholeStore(LocalStore())
    from drtool.stores.s3 import S3Store  # boto3 takes 0.2 s to import, so only who needs it waits

    return WholeStore(S3Store())


def refuse_pattern(location: str) -> None:
    """Refuse what was meant as a pattern, for standard input or as an option, where one backup is asked for.

    Raises:
        WrongUse: it is a bucket alone, or no file of that name is there and it has a `*` or a `?` in it, is `-` or
            begins with a dash of print.
    """
    scheme, _, named = location.partition("://")
    if scheme.lower() == "s3" and not all(named.partition("/")[::2]):
        what = f"{location} names no bucket and key"
        raise WrongUse("bad-location", what, mend="Write it as s3://bucket/path/name-20261130.sql.zst")
    meant = "standard input" if location == "-" else "a pattern" if not set("*?").isdisjoint(location) else ""
    if location[:1] in ("\N{EN DASH}", "\N{EM DASH}"):
        meant = "no option, for its dash is not that of the keyboard"
    if meant and not os.path.lexists(Path(location.removeprefix("file://")).expanduser()):
        mend = "Name one; a scenario takes the newest of a pattern by `drill.latest`, which `drtool init` writes"
        raise WrongUse("bad-location", f"{location} is {meant}: one backup has to be named here", mend=mend)


def known_scheme(location: str) -> str:
    """Return the kind of store that a location names: `file` or `s3`.

    Raises:
        WrongUse: there is no such kind of store, or the location has credentials in it or names nothing.
    """
    found = _SCHEME.match(location)
    if location in {"", "file://"}:  # to Python that is the working folder: what lies there would pass for the backup
        raise WrongUse("bad-location", "An empty location names nothing", why="perhaps a variable is not set")
    scheme = found[1].lower() if found else "file"
    if scheme not in {"file", "s3"}:
        # The location is not repeated, here and below: a password or a signature may be in it.
        raise WrongUse("unknown-store", f"drtool knows no store {scheme}://")
    bucket = location[found.end() :].partition("/")[0] if found and scheme == "s3" else ""
    # No bucket's name has these signs in it, but for the colons of an access point's ARN.
    if "@" in bucket or (":" in bucket and not bucket.startswith("arn:")):
        what = f"A location of {scheme}:// has a user or a key in it, which everybody on this host could read"
        raise WrongUse("credentials-in-location", what)
    return scheme
