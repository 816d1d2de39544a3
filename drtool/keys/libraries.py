"""What only time-stamps and statements need: libraries that are not installed unless they are asked for."""

from __future__ import annotations

from drtool.errors import Unverifiable

INSTALL = "pip install 'drtool[attestation]'"


def missing(error: ImportError) -> Unverifiable:
    """Return what to tell people where a library is not there."""
    return Unverifiable(
        "library-missing",
        "Time-stamps and statements need libraries that are not installed here",
        why=f"there is no {error.name or 'such module'}",
        mend=f"Run `{INSTALL}`",
    )
