"""Names of binary logs: a base and a number that counts up."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"(?P<base>[\w.-]{1,200})\.(?P<number>\d{6,10})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class LogName:
    """The name of a binary log, such as `binlog.000042`."""

    base: str
    number: int

    def __str__(self) -> str:
        return f"{self.base}.{self.number:06}"


def log_name(location: str) -> LogName | None:
    """Return the log that a location names, or None: beside the logs lie their indexes (`.idx`, `.index`)."""
    found = _NAME.fullmatch(location.rpartition("/")[2])
    return LogName(base=found["base"], number=int(found["number"])) if found else None
