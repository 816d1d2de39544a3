"""drtool: disaster-recovery drills that measure RTO and RPO and leave signed evidence.

A scenario script imports from here; nothing else is public.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drtool.drill.scenarios import scenario
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable, WrongUse

if TYPE_CHECKING:
    from drtool.backups.backup import Backup
    from drtool.binlogs.bad_statement import BadStatement
    from drtool.drill.drill import Drill
    from drtool.drill.restored import Database, Files

__all__ = [
    "Backup",
    "BadStatement",
    "Database",
    "Drill",
    "DrtoolError",
    "Files",
    "RestoreFailed",
    "Unverifiable",
    "WrongUse",
    "scenario",
]


def __getattr__(name: str) -> object:
    # The Docker SDK takes a third of a second to import; `drtool --help` and a scenario's import need none of it.
    if name == "Backup":
        from drtool.backups.backup import Backup

        return Backup
    if name == "BadStatement":
        from drtool.binlogs.bad_statement import BadStatement

        return BadStatement
    if name == "Drill":
        from drtool.drill.drill import Drill

        return Drill
    if name in {"Database", "Files"}:
        from drtool.drill import restored

        return getattr(restored, name)
    raise AttributeError(f"module 'drtool' has no attribute {name!r}")
