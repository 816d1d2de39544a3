"""What the server says of binary logs that it refuses is told in words without any data."""

from __future__ import annotations

import pytest

from drtool.errors import RestoreFailed, Unverifiable
from drtool.replay.pipe import replay_failure
from drtool.restore.pipeline import Outcome


@pytest.mark.parametrize(
    ("said", "kind", "code"),
    [
        (
            "ERROR 1298 (HY000) at line 1: Unknown or incorrect time zone: 'Europe/Berlin'",
            Unverifiable,
            "time-zone-missing",
        ),
        ("ERROR 1062 (23000) at line 1: Duplicate entry 'secret' for key 'PRIMARY'", RestoreFailed, "replay-failed"),
    ],
)
def test_a_time_zone_by_name_is_for_the_recoverys_server_to_know(
    said: str, kind: type[RestoreFailed | Unverifiable], code: str
) -> None:
    failure = replay_failure(Outcome(statuses={"sink": 1}, end_detail="0-1-7", errors={"sink": [said]}))
    assert isinstance(failure, kind)
    assert failure.code == code
    assert "at GTID 0-1-7" in str(failure)
    assert "secret" not in str(failure)
