"""Where a replay starts and stops, and why it cannot, is known from the logs alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from drtool.binlogs.bad_statement import BadStatement, Deed
from drtool.binlogs.start import BinlogStart
from drtool.errors import RestoreFailed, WrongUse
from drtool.replay.log_fetch import LogFetch
from drtool.replay.plan import ReplayPlan
from drtool.replay.succession import list_lines
from drtool.replay.target import Until, target_of
from drtool.stores.local import LocalStore
from tests.binlogs.made_logs import NOON, MadeLog, gtid

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(NOON + seconds, UTC)


def healthy() -> dict[str, MadeLog]:
    """Three logs of one server: 0-1-1 to 0-1-3, 0-1-4 and 0-1-5, 0-1-6; one commit each ten seconds."""
    first, second, third = (
        MadeLog(),
        MadeLog(began_with=("0-1-3",), at=NOON + 35),
        MadeLog(began_with=("0-1-5",), at=NOON + 55, in_use=True),
    )
    for number in (1, 2, 3):
        first.transaction(f"0-1-{number}", NOON + 10 * number)
    first.rotate("binlog.000002", NOON + 35)
    second.transaction("0-1-4", NOON + 40)
    second.statement("0-1-5", NOON + 50, "DROP TABLE t")
    second.rotate("binlog.000003", NOON + 55)
    third.transaction("0-1-6", NOON + 60)
    return {"binlog.000001": first, "binlog.000002": second, "binlog.000003": third}


def after_first(logs: dict[str, MadeLog]) -> BinlogStart:
    """Where a backup was taken that holds 0-1-1."""
    return BinlogStart(file="binlog.000001", position=logs["binlog.000001"].boundaries[1], gtid="0-1-1")


def plan_for(
    folder: Path,
    logs: dict[str, MadeLog],
    until: Until = None,
    *,
    start: BinlogStart | None = None,
    disaster_at: datetime = FOREVER,
) -> ReplayPlan:
    for name, log in logs.items():
        (folder / name).write_bytes(log.content)
    start = start or after_first(logs)
    target, _ = target_of(until, disaster_at)
    plan = ReplayPlan(start=start, target=target)
    (line,) = list_lines(LocalStore(), f"{folder}/*")
    series = line.series.since(start)
    for _ in LogFetch(series=series, plan=plan, progress=lambda done_bytes: None).archive():
        pass
    return plan


def refused(folder: Path, logs: dict[str, MadeLog], until: Until = None, *, start: BinlogStart | None = None) -> str:
    with pytest.raises(RestoreFailed) as caught:
        plan_for(folder, logs, until, start=start)
    assert caught.value.what
    return f"{caught.value.code}: {caught.value}"


@pytest.mark.parametrize(
    ("until", "last", "reached"),
    [
        (None, "0-1-6", 60),
        ("0-1-4", "0-1-4", 40),
        (at(30), "0-1-2", 30),
        (at(31), "0-1-3", 31),
        (at(36), "0-1-3", 36),
        (at(45).isoformat(), "0-1-4", 45),
        ("0-1-1", None, 10),
    ],
)
def test_a_target_is_reached_at_the_transaction_before_it(
    tmp_path: Path, until: Until, last: str | None, reached: int
) -> None:
    plan = plan_for(tmp_path, healthy(), until)
    assert (str(plan.last.gtid) if plan.last else None) == last
    assert plan.reached == at(reached)
    assert plan.transactions == (int(last[-1]) - 1 if last else 0)


def test_a_gtid_stops_behind_its_transaction_and_a_time_before_the_next(tmp_path: Path) -> None:
    logs = healthy()
    stop = f"binlog.000002:{logs['binlog.000002'].boundaries[1]}"
    for until in ("0-1-4", at(41)):
        assert str(plan_for(tmp_path, logs, until).stop) == stop


def test_the_end_is_no_later_than_the_disaster(tmp_path: Path) -> None:
    plan = plan_for(tmp_path, healthy(), disaster_at=at(45))
    assert plan.last is not None
    assert (str(plan.last.gtid), plan.reached) == ("0-1-4", at(45))


def test_a_replay_stops_just_before_a_statement(tmp_path: Path) -> None:
    logs = healthy()
    bad = BadStatement(
        deed=Deed.DROP_TABLE, table="shop.t", gtid=gtid("0-1-5"), at=at(50), file="binlog.000002",
        position=logs["binlog.000002"].boundaries[1],
    )  # fmt: skip
    plan = plan_for(tmp_path, logs, bad)
    assert plan.last is not None
    assert str(plan.last.gtid) == "0-1-4"
    assert str(plan.stop) == f"binlog.000002:{bad.position}"


def test_a_fraction_of_a_second_is_rounded_down_and_said() -> None:
    target, said = target_of(at(45) + timedelta(seconds=0.5), FOREVER)
    assert str(target).startswith(f"{at(45):%Y-%m-%dT%H:%M:%SZ}")
    assert said is not None
    assert "whole seconds" in said


@pytest.mark.parametrize("until", ["2026-11-24 12:00:00", "yesterday", datetime(2026, 11, 24, 12)])  # noqa: DTZ001
def test_a_time_without_a_zone_is_refused(until: Until) -> None:
    with pytest.raises(WrongUse):
        target_of(until, FOREVER)


def test_a_log_still_being_written_is_said_to_be(tmp_path: Path) -> None:
    assert any("still writing" in note for note in plan_for(tmp_path, healthy()).notes)


def test_a_gap_between_backup_and_logs_fails(tmp_path: Path) -> None:
    logs = healthy()
    start = after_first(logs)
    del logs["binlog.000001"]
    said = refused(tmp_path, logs, start=start)
    assert said.startswith("binary-log-gap")
    assert "binlog.000002" in said


def test_a_log_that_ends_before_the_backups_position_fails(tmp_path: Path) -> None:
    logs = healthy()
    start = after_first(logs)
    first = logs["binlog.000001"]
    del first.content[first.boundaries[1] - 40 :]
    assert refused(tmp_path, {"binlog.000001": first}, start=start).startswith("binary-log-gap")


def test_a_missing_log_in_the_middle_fails_and_says_how_far_one_can_get(tmp_path: Path) -> None:
    logs = healthy()
    del logs["binlog.000002"]
    said = refused(tmp_path, logs)
    assert said.startswith("binary-log-missing")
    assert "binlog.000002" in said
    assert "0-1-3" in said


def test_what_is_wrong_behind_the_target_does_not_matter(tmp_path: Path) -> None:
    logs = healthy()
    del logs["binlog.000002"]
    logs["binlog.000001"].content += b"junk"
    assert plan_for(tmp_path, logs, "0-1-2").transactions == 1


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_log_cut_in_the_middle_of_the_series_fails(tmp_path: Path, cut: int) -> None:
    logs = healthy()
    del logs["binlog.000002"].content[logs["binlog.000002"].boundaries[1] + cut :]
    said = refused(tmp_path, logs)
    assert said.startswith("binary-log-truncated")
    assert "binlog.000002" in said
    assert "0-1-4" in said


def test_a_log_cut_between_two_transactions_fails_too(tmp_path: Path) -> None:
    logs = healthy()
    del logs["binlog.000002"].content[logs["binlog.000002"].boundaries[1] :]
    assert refused(tmp_path, logs).startswith("binary-log-truncated")


def test_the_last_log_cut_replays_as_far_as_it_goes_and_is_a_failure_all_the_same(tmp_path: Path) -> None:
    logs = healthy()
    del logs["binlog.000003"].content[-5:]
    plan = plan_for(tmp_path, logs)
    assert plan.cut_short is not None
    assert plan.cut_short.code == "binary-log-truncated"
    assert "0-1-5" in str(plan.cut_short)
    assert plan.last is not None
    assert str(plan.last.gtid) == "0-1-5"
    assert plan_for(tmp_path, logs, "0-1-5").cut_short is None
    assert refused(tmp_path, logs, at(70)).startswith("binary-log-truncated")


def test_the_last_log_cut_at_a_boundary_is_noticed_by_its_missing_end(tmp_path: Path) -> None:
    logs = healthy()
    third = MadeLog(began_with=("0-1-5",), at=NOON + 55)
    third.transaction("0-1-6", NOON + 60)
    logs["binlog.000003"] = third
    assert plan_for(tmp_path, logs).cut_short is not None
    third.stop(NOON + 70)
    assert plan_for(tmp_path, logs).cut_short is None


def test_a_log_that_its_server_crashed_over_is_followed_by_the_next(tmp_path: Path) -> None:
    logs = healthy()
    crashed = MadeLog(began_with=("0-1-3",), at=NOON + 35, in_use=True)
    crashed.transaction("0-1-4", NOON + 40)
    crashed.statement("0-1-5", NOON + 50, "DROP TABLE t")
    crashed.content += b"\0" * 7
    logs["binlog.000002"] = crashed
    plan = plan_for(tmp_path, logs)
    assert plan.last is not None
    assert str(plan.last.gtid) == "0-1-6"
    assert any("crash" in note for note in plan.notes)


def test_a_flipped_byte_fails_and_says_where(tmp_path: Path) -> None:
    logs = healthy()
    second = logs["binlog.000002"]
    second.content[second.boundaries[1] + 30] ^= 1
    said = refused(tmp_path, logs)
    assert said.startswith("binary-log-damaged")
    assert f"byte {second.boundaries[1]}" in said
    assert "0-1-4" in said
    assert plan_for(tmp_path, logs, "0-1-4").transactions == 3


@pytest.mark.parametrize("until", [at(5), at(20), "0-1-1"])
def test_a_target_before_the_backup_fails(tmp_path: Path, until: Until) -> None:
    logs = healthy()
    start = BinlogStart(file="binlog.000001", position=logs["binlog.000001"].boundaries[2], gtid="0-1-2")
    assert refused(tmp_path, logs, until, start=start).startswith("replay-target-before-backup")


@pytest.mark.parametrize("until", [at(61), "0-1-7"])
def test_a_target_behind_the_end_fails_and_says_how_far_one_can_get(tmp_path: Path, until: Until) -> None:
    said = refused(tmp_path, healthy(), until)
    assert said.startswith("replay-target-not-reached")
    assert "0-1-6" in said


def test_a_gtid_of_another_domain_fails(tmp_path: Path) -> None:
    assert refused(tmp_path, healthy(), "3-1-4").startswith("gtid-of-another-domain")


def test_a_gtid_of_another_server_fails(tmp_path: Path) -> None:
    assert refused(tmp_path, healthy(), "0-9-4").startswith("gtid-not-in-logs")


def test_logs_that_disagree_with_the_backups_gtid_are_another_servers(tmp_path: Path) -> None:
    logs = healthy()
    position = logs["binlog.000001"].boundaries[1]
    foreign = BinlogStart(file="binlog.000001", position=position, gtid="0-2-1")
    assert refused(tmp_path, logs, start=foreign).startswith("binary-logs-of-another-server")
    inside = BinlogStart(file="binlog.000001", position=position + 1)
    assert refused(tmp_path, logs, start=inside).startswith("binary-logs-of-another-server")


def test_a_log_of_another_server_among_them_fails(tmp_path: Path) -> None:
    logs = healthy()
    logs["binlog.000002"] = MadeLog(server=2, began_with=("0-1-3",), at=NOON + 35)
    logs["binlog.000002"].rotate("binlog.000003", NOON + 55)
    assert refused(tmp_path, logs).startswith("binary-logs-of-another-server")
    logs["binlog.000002"] = MadeLog(began_with=("7-1-3",), at=NOON + 35)
    assert refused(tmp_path, logs).startswith("binary-logs-of-another-server")


def test_an_encrypted_log_fails_in_clear_words(tmp_path: Path) -> None:
    logs = healthy()
    logs["binlog.000002"] = MadeLog(began_with=("0-1-3",), at=NOON + 35)
    logs["binlog.000002"].event(164, b"\1" + b"\0" * 16)
    said = refused(tmp_path, logs)
    assert said.startswith("binary-log-encrypted")
    assert "0-1-3" in said


def test_two_servers_logs_under_one_pattern_fail(tmp_path: Path) -> None:
    logs = healthy()
    (tmp_path / "other-bin.000001").write_bytes(MadeLog().content)
    assert refused(tmp_path, logs).startswith("binary-logs-mixed")


def test_indexes_beside_the_logs_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "binlog.000001.idx").write_bytes(b"\0" * 4096)
    (tmp_path / "binlog.index").write_bytes(b"./binlog.000001\n")
    assert plan_for(tmp_path, healthy()).transactions == 5
