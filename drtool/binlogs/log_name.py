"""Names of binary logs: a base and a number that counts up."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Who copies logs away packs each into a file of its own, and some encrypt it then.
_PACKED = r"(?:\.(?:gz|gzip|bz2|bzip2|zst|zstd|xz|lz4|gpg|pgp|asc|age|enc)){0,2}"
_NAME = re.compile(rf"(?P<base>[\w.-]{{1,200}}?)\.(?P<number>\d{{6,10}})(?P<packed>{_PACKED})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class LogName:
    """The name of a binary log, such as `binlog.000042`."""

    base: str
    number: int

    def __str__(self) -> str:
        return f"{self.base}.{self.number:06}"


def log_name(location: str) -> LogName | None:
    """Return the log that a location names, packed or not, or None: beside the logs lie indexes (`.idx`, `.index`)."""
    found = _NAME.fullmatch(location.rpartition("/")[2])
    return LogName(base=found["base"], number=int(found["number"])) if found else None
