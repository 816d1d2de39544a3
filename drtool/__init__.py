"""drtool: disaster-recovery drills that measure RTO and RPO and leave signed evidence.

A scenario script imports from here; nothing else is public.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable, WrongUse

if TYPE_CHECKING:
    from drtool.backups.backup import Backup
    from drtool.binlogs.bad_statement import BadStatement
    from drtool.drill.drill import Drill
    from drtool.drill.restored import Database, Files
    from drtool.drill.scenarios import scenario

__all__ = [
    "Backup", "BadStatement", "Database", "Drill", "DrtoolError", "Files", "RestoreFailed", "Unverifiable", "WrongUse",
    "scenario",
]  # fmt: skip

_LATE = {
    "Backup": "drtool.backups.backup",
    "BadStatement": "drtool.binlogs.bad_statement",
    "Database": "drtool.drill.restored",
    "Drill": "drtool.drill.drill",
    "Files": "drtool.drill.restored",
    "scenario": "drtool.drill.scenarios",
}


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> object:
    # The Docker SDK takes a third of a second to import; `drtool --help` and a scenario's import need none of it, and
    # whoever presses Ctrl-C meanwhile finds the command line there already.
    if name not in _LATE:
        raise AttributeError(f"module 'drtool' has no attribute {name!r}")
    return getattr(importlib.import_module(_LATE[name]), name)
