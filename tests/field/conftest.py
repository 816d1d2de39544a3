"""What the cases of the field share, and the table that `make field` prints."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import engine, shared_bench
from tests.field.table import table

__all__ = ["engine", "shared_bench"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what came of each case, where the tests of the field are run by themselves."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.getreports(kind)]
    if made := table(reports):
        terminalreporter.write_line(f"\n{made}\n")
