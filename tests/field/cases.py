"""All cases of the field, out of the families beside this: each module there has `CASES`."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from tests.field.case import Case

_FAMILIES = Path(__file__).parent / "families"


def _place(number: str) -> tuple[str, int, str]:
    """Return where a number stands: c4 and c04b before c10, and all of these before n01."""
    found = re.fullmatch(r"([a-z]+)(\d+)(.*)", number)
    assert found, f"{number} is no number of a case"
    return found[1], int(found[2]), found[3]


def _all_of_them() -> tuple[Case, ...]:
    modules = [importlib.import_module(f"tests.field.families.{path.stem}") for path in _FAMILIES.glob("[!_.]*.py")]
    return tuple(sorted((case for module in modules for case in module.CASES), key=lambda case: _place(case.number)))


ALL = _all_of_them()
"""By their numbers."""
