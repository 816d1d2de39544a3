"""The table that `make field` prints: what came of each case, and of its twin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from tabulate import tabulate

_ROW = "row of the table"
_HEADERS = ("case", "what", "expected", "got", "right")
_WIDTHS = (None, 48, 32, 32, 40)


def note(test: pytest.Item, place: int, *cells: str) -> None:
    """Keep a row with a test, whose report brings it to where the table is printed."""
    test.user_properties.append((_ROW, [place, *cells]))


def table(reports: Iterable[pytest.TestReport]) -> str:
    """Return the table of all rows that were kept, with its totals; nothing where there is none."""
    kept: list[Any] = [value for report in reports for name, value in report.user_properties if name == _ROW]
    if not kept:
        return ""
    rows = sorted(kept)
    right = sum(row[-1] == "yes" for row in rows)
    made = tabulate([row[1:] for row in rows], _HEADERS, maxcolwidths=list(_WIDTHS))
    cases = len({place for place, *_ in rows})
    return f"{made}\n\n{len(rows)} backups of {cases} cases: {right} right, {len(rows) - right} wrong"
