"""Time that runs backwards in a ledger is told with the hosts whose clocks it may be of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from drtool.audit.drills import clock_set_back
from drtool.evidence.chain import LedgerEntry

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _entry(number: int, minutes: float, host: str | None) -> LedgerEntry:
    return LedgerEntry(
        sequence=number,
        previous="",
        hash="",
        event="start",
        at=AT + timedelta(minutes=minutes),
        drill_id=f"drill-{number}",
        host=host,
    )


@pytest.mark.parametrize(
    ("hosts", "said"),
    [
        (("db1", "db2"), "the clocks of db1 and db2 are apart, one was set back, or a drill was back-dated"),
        (("db1", "db1"), "above it: the clock was set back, or a drill was back-dated"),
        (("db1", None), "above it: the clock was set back, or a drill was back-dated"),
    ],
)
def test_an_entry_before_the_one_above_it_is_told_with_the_hosts_of_both(
    hosts: tuple[str, str | None], said: str
) -> None:
    problems = clock_set_back([_entry(1, 0, hosts[0]), _entry(2, -20, hosts[1])], None, None)
    assert [one.code for one in problems] == ["clock-set-back"]
    assert said in problems[0].sentence
    assert not clock_set_back([_entry(1, 0, hosts[0]), _entry(2, 0.1, hosts[1])], None, None)
