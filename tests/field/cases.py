"""All cases of the field, out of the families beside this: each module there has `CASES`."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from tests.field.case import Case

_FAMILIES = Path(__file__).parent / "families"


def _place(number: str) -> tuple[int, str]:
    """Return where a number stands: c4 and c04b before c10."""
    found = re.fullmatch(r"c(\d+)(.*)", number)
    return (int(found[1]), found[2]) if found else (0, number)


def _all_of_them() -> tuple[Case, ...]:
    modules = [importlib.import_module(f"tests.field.families.{path.stem}") for path in _FAMILIES.glob("[!_.]*.py")]
    return tuple(sorted((case for module in modules for case in module.CASES), key=lambda case: _place(case.number)))


ALL = _all_of_them()
"""By their numbers."""
