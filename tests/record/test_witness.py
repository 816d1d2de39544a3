"""What a time in the data proves: never more than the backup holds, and nothing of what was read before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from drtool.record.recovery import Evidence
from drtool.record.witness import Proven, proven_by

ENDED = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


def _evidence(rank: int, at: datetime, latest: datetime | None = None, *, bound_only: bool = False) -> Evidence:
    return Evidence(
        resource="db", rank=rank, source="", recovery_point=at, latest=latest, detail="", bound_only=bound_only
    )


OWN = _evidence(3, ENDED - 20 * _MINUTE, ENDED)
COPIED = _evidence(4, ENDED + 5 * _HOUR, bound_only=True)


def _exactly(at: datetime) -> Proven:
    return Proven(earliest=at, latest=at)


def test_a_heartbeat_within_the_backup_is_taken_at_its_word() -> None:
    assert proven_by([OWN, COPIED], "db", ENDED - 15 * _MINUTE) == _exactly(ENDED - 15 * _MINUTE)
    assert proven_by([OWN, COPIED], "db", ENDED - 9 * _HOUR) == _exactly(ENDED - 9 * _HOUR)
    assert proven_by([], "db", ENDED) == _exactly(ENDED)


def test_a_clock_that_is_seconds_ahead_makes_no_backup_newer_than_its_end() -> None:
    assert proven_by([OWN, COPIED], "db", ENDED + timedelta(seconds=50)) == _exactly(ENDED)


def test_after_a_replay_the_backups_own_end_bounds_nothing_and_a_fraction_of_a_second_counts() -> None:
    replayed = [OWN, _evidence(2, ENDED + _HOUR), _evidence(4, ENDED + 2 * _HOUR)]
    seen = ENDED + _HOUR + timedelta(seconds=0.4)
    assert proven_by(replayed, "db", seen) == _exactly(seen)


def test_a_wall_time_of_an_unknown_zone_makes_the_recovery_point_older_and_never_newer() -> None:
    anywhere = _evidence(3, ENDED - 15 * _HOUR, ENDED)
    proven = proven_by([anywhere, COPIED], "db", ENDED - _MINUTE, placed=False)
    assert proven == Proven(earliest=ENDED - 15 * _HOUR, latest=ENDED)
    behind = proven_by([OWN, COPIED], "db", ENDED - 5 * _HOUR, placed=False)
    assert behind == Proven(earliest=ENDED - 5 * _HOUR, latest=ENDED)
    assert proven_by([OWN], "db", ENDED - 20 * _HOUR, placed=False).latest == ENDED - 8 * _HOUR


def test_a_wall_time_of_an_unknown_zone_is_of_any_zone_where_nothing_else_is_known() -> None:
    proven = proven_by([COPIED], "db", ENDED, placed=False)
    assert proven == Proven(earliest=ENDED - 14 * _HOUR, latest=ENDED + 5 * _HOUR)
    assert proven_by([], "db", ENDED, placed=False, spread=_HOUR) == Proven(
        earliest=ENDED - 15 * _HOUR, latest=ENDED + 12 * _HOUR
    )


def test_what_was_read_last_says_nothing_of_what_was_read_first() -> None:
    seen = ENDED - _MINUTE
    assert proven_by([OWN], "db", seen, spread=5 * _MINUTE) == Proven(earliest=seen - 5 * _MINUTE, latest=seen)
    assert proven_by([OWN], "db", seen, spread=_HOUR).earliest == OWN.recovery_point
    assert proven_by([COPIED], "db", seen, spread=_HOUR).earliest == seen - _HOUR


def test_of_several_dumps_the_first_counts_whatever_a_row_of_the_last_says() -> None:
    last = _evidence(3, ENDED + _HOUR, ENDED + _HOUR, bound_only=True)
    proven = proven_by([last, OWN, COPIED], "db", ENDED + 59 * _MINUTE, spread=2 * _HOUR)
    assert proven == Proven(earliest=OWN.recovery_point, latest=ENDED)
