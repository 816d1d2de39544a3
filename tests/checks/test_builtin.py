"""Tables that came back with no row in any of them are told; a database without tables fails by itself."""

from __future__ import annotations

import pytest

from drtool.checks.builtin import holds_no_row
from drtool.checks.sql import Answer
from drtool.record.verdicts import Verdict


@pytest.mark.parametrize(
    ("tables", "outcome", "rows", "told"),
    [
        (3, Verdict.PASSED, 0, True), (3, Verdict.PASSED, 1, False), (0, Verdict.PASSED, 0, False),
        (3, Verdict.FAILED, 0, False), (3, Verdict.UNVERIFIED, None, False), (None, Verdict.PASSED, 0, False),
    ],
)  # fmt: skip
def test_structure_alone_is_told_where_all_tables_were_read(
    tables: int | None, outcome: Verdict, rows: int | None, told: bool
) -> None:
    answers = {
        "tables are present": Answer(outcome=Verdict.PASSED, observed="", value=tables),
        "tables and views are readable": Answer(outcome=outcome, observed="", value=rows),
    }
    assert holds_no_row(answers) is told
