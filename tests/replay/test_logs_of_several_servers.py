"""Logs of several servers under one pattern: each backup goes on in its own, and a failover is followed by GTIDs."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard

from drtool.binlogs.start import BinlogStart
from drtool.errors import DrtoolError
from drtool.replay.log_fetch import LogFetch
from drtool.replay.stretches import Stretch, begin, by_place_or_gtid, follow, unseen
from drtool.replay.succession import list_lines
from drtool.replay.target import Until, target_of
from drtool.stores.local import LocalStore
from tests.binlogs.made_logs import NOON, MadeLog

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}

Archive = Mapping[str, MadeLog]


def log_of(
    server: int, first: int, last: int, *began_with: str, ends: str = "rotate", by: int | None = None
) -> MadeLog:
    """A log of one server with the transactions from one number to another, a second apart."""
    made = MadeLog(server=server, began_with=began_with, at=NOON + first, in_use=ends == "in use")
    for number in range(first, last + 1):
        made.transaction(f"0-{by or server}-{number}", NOON + number)
    if ends == "rotate":
        made.rotate("repl-bin.000099", NOON + last)
    elif ends == "stop":
        made.stop(NOON + last)
    return made


def there_and_back() -> dict[str, MadeLog]:
    """mariadb-operator's archive after two failovers; no server logs what it replicates."""
    return {
        "server-10/repl-bin.000001": log_of(10, 1, 4),
        "server-10/repl-bin.000002": log_of(10, 5, 7, "0-10-4", ends="stop"),
        "server-10/repl-bin.000003": log_of(10, 12, 14, "0-10-7"),
        "server-11/repl-bin.000001": log_of(11, 8, 9),
        "server-11/repl-bin.000002": log_of(11, 10, 11, "0-11-9", ends="stop"),
    }


def followed(
    folder: Path,
    logs: Archive,
    start: BinlogStart,
    until: Until = None,
    *,
    pattern: str = "server-*/*",
    suffix: str = ".gz",
    taken_by: datetime | None = None,
) -> list[Stretch]:
    for name, log in logs.items():
        place = folder / (name + suffix)
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(PACKERS[suffix](bytes(log.content)))
    (folder / "index.yaml").write_text("apiVersion: v1\n")
    target, _ = target_of(until, FOREVER)
    lines = list_lines(LocalStore(), f"{folder}/{pattern}")

    def fill(stretch: Stretch) -> None:
        archive = LogFetch(
            series=stretch.series, plan=stretch.plan, progress=lambda done_bytes: None, fetched=stretch.fetched
        )
        for _ in archive.archive():
            pass

    return follow(lines, begin(lines, start, target, taken_by), lambda one: by_place_or_gtid(lines, one, fill))


def refused(
    folder: Path,
    logs: Archive,
    start: BinlogStart,
    until: Until = None,
    *,
    suffix: str = ".gz",
    taken_by: datetime | None = None,
) -> str:
    with pytest.raises(DrtoolError) as caught:
        followed(folder, logs, start, until, suffix=suffix, taken_by=taken_by)
    return f"{caught.value.code}: {caught.value}"


def at(logs: Archive, name: str, number: int, gtid: str | None) -> BinlogStart:
    """Where a backup was taken: behind so many transactions of a log."""
    log = logs[name]
    places = [*log.boundaries, log.position]
    return BinlogStart(file=name.rpartition("/")[2], position=places[number], gtid=gtid)


def told(stretches: list[Stretch]) -> list[tuple[int, int]]:
    """Return of each stretch the first and the last number that it replays."""
    return [(stint.first, stint.last) for stint in stretches[-1].plan.runs]


@pytest.mark.parametrize("suffix", PACKERS)
def test_two_failovers_are_followed_whatever_the_logs_are_packed_with(tmp_path: Path, suffix: str) -> None:
    logs = there_and_back()
    stretches = followed(tmp_path, logs, at(logs, "server-10/repl-bin.000001", 2, "0-10-2"), suffix=suffix)
    assert told(stretches) == [(3, 7), (8, 11), (12, 14)]
    assert [one.transactions for one in stretches] == [5, 4, 3]
    assert [len(one.fetched) for one in stretches] == [3, 2, 1]
    plan = stretches[-1].plan
    assert (plan.transactions, str(plan.last.gtid) if plan.last else "") == (12, "0-10-14")
    assert plan.cut_short is None


def test_a_backup_goes_on_in_the_logs_of_its_own_server_though_all_have_the_same_names(tmp_path: Path) -> None:
    logs = there_and_back()
    stretches = followed(tmp_path, logs, at(logs, "server-11/repl-bin.000001", 1, "0-11-8"))
    assert told(stretches) == [(9, 11), (12, 14)]


def test_a_backup_of_a_replica_goes_on_in_its_primarys_logs(tmp_path: Path) -> None:
    logs = there_and_back()
    replica = BinlogStart(file="repl-bin.000002", position=330, gtid="", replicated="0-10-6")
    assert told(followed(tmp_path, logs, replica)) == [(7, 7), (8, 11), (12, 14)]


def test_of_one_server_too_a_position_in_a_replicas_log_is_looked_up_by_its_gtid(tmp_path: Path) -> None:
    logs = {name: log for name, log in there_and_back().items() if "server-10" in name and "3" not in name}
    for replica in (
        BinlogStart(file="repl-bin.000002", position=330, gtid="0-10-3"),
        BinlogStart(file="other-bin.000007", position=330, gtid="0-10-3"),
    ):
        assert told(followed(tmp_path, logs, replica)) == [(4, 7)]


@pytest.mark.parametrize(("position", "said"), [(99_999, "is of 2023"), (330, "0-10-1 in repl-bin.000001 is of 2023")])
def test_logs_that_a_newer_server_began_under_the_old_names_are_not_the_backups(
    tmp_path: Path, position: int, said: str
) -> None:
    logs = {"server-10/repl-bin.000001": log_of(10, 1, 7)}
    start = BinlogStart(file="repl-bin.000001", position=position, gtid="0-10-3" if position == 330 else "0-10-9")
    an_hour_before = datetime.fromtimestamp(NOON, UTC) - timedelta(hours=1)
    refusal = refused(tmp_path, logs, start, taken_by=an_hour_before)
    assert refusal.startswith("binary-logs-of-another-server")
    assert said in refusal


def test_logs_that_were_begun_before_the_backup_are_told_as_short_or_followed_by_gtid(tmp_path: Path) -> None:
    logs, taken_by = {"server-10/repl-bin.000001": log_of(10, 1, 7)}, datetime.fromtimestamp(NOON + 3, UTC)
    behind = BinlogStart(file="repl-bin.000001", position=99_999, gtid="0-10-9")
    assert refused(tmp_path, logs, behind, taken_by=taken_by).startswith("binary-log-gap")
    between = BinlogStart(file="repl-bin.000001", position=330, gtid="0-10-3")
    assert told(followed(tmp_path, logs, between, taken_by=taken_by)) == [(4, 7)]


@pytest.mark.parametrize(("until", "ends"), [("0-11-9", [(3, 7), (8, 9)]), ("0-10-13", [(3, 7), (8, 11), (12, 13)])])
def test_a_target_in_another_servers_logs_is_reached(tmp_path: Path, until: str, ends: list[tuple[int, int]]) -> None:
    logs = there_and_back()
    start = at(logs, "server-10/repl-bin.000001", 2, "0-10-2")
    assert told(followed(tmp_path, logs, start, until)) == ends
    when = datetime.fromtimestamp(NOON + ends[-1][1] + 1, UTC)
    assert told(followed(tmp_path, logs, start, when)) == ends


def test_logs_that_hold_what_was_replicated_serve_as_well(tmp_path: Path) -> None:
    both = MadeLog(server=11)
    for number in range(1, 10):
        both.transaction(f"0-{10 if number < 6 else 11}-{number}", NOON + number)
    logs = {"server-10/repl-bin.000001": log_of(10, 1, 5, ends="stop"), "server-11/repl-bin.000001": both}
    stretches = followed(tmp_path, logs, at(logs, "server-10/repl-bin.000001", 2, "0-10-2"))
    assert stretches[-1].plan.last is not None
    assert str(stretches[-1].plan.last.gtid) == "0-11-9"
    assert stretches[-1].plan.transactions == 7


def test_a_primary_that_crashed_leaves_a_log_that_is_cut_and_the_next_one_goes_on(tmp_path: Path) -> None:
    logs = there_and_back() | {"server-10/repl-bin.000002": log_of(10, 5, 7, "0-10-4", ends="in use")}
    logs["server-10/repl-bin.000002"].content += b"cut"
    assert told(followed(tmp_path, logs, at(logs, "server-10/repl-bin.000001", 2, "0-10-2"))) == [
        (3, 7), (8, 11), (12, 14),
    ]  # fmt: skip


def test_what_no_server_has_logged_is_a_gap_and_not_passed_over(tmp_path: Path) -> None:
    logs = there_and_back()
    start = at(logs, "server-10/repl-bin.000001", 2, "0-10-2")
    lost = {name: log for name, log in logs.items() if name != "server-11/repl-bin.000001"}
    said = refused(tmp_path, lost, start)
    assert said.startswith("binary-log-gap")
    assert "Between GTID 0-10-7 and 0-11-10 of server 11" in said or "and 0-10-12 of server 10" in said
    assert "one can get to GTID 0-10-7" in said


def test_two_servers_that_went_on_from_one_state_are_refused(tmp_path: Path) -> None:
    logs = {"server-10/repl-bin.000001": log_of(10, 1, 9, ends="stop"), "server-11/repl-bin.000001": log_of(11, 8, 12)}
    said = refused(tmp_path, logs, at(logs, "server-10/repl-bin.000001", 2, "0-10-2"))
    assert said.startswith("binary-logs-diverge")
    assert "each written a transaction 8" in said


def test_logs_of_strangers_are_not_gone_on_in(tmp_path: Path) -> None:
    logs = there_and_back()
    stranger = BinlogStart(file="repl-bin.000001", position=500, gtid="0-77-3")
    assert refused(tmp_path, logs, stranger).startswith("binary-log-gap")


def test_what_a_server_has_seen_of_others_alone_in_its_log_is_told(tmp_path: Path) -> None:
    logs = {name: log for name, log in there_and_back().items() if "server-10" in name}
    stretches = followed(tmp_path, logs, at(logs, "server-10/repl-bin.000001", 2, "0-10-2"))
    assert stretches[-1].plan.transactions == 8
    assert "between 0-10-7 and 0-10-12" in str(unseen(stretches[-1].plan.jumps))


def test_numbers_that_a_filter_left_out_of_a_replicas_log_are_no_jump(tmp_path: Path) -> None:
    filtered = MadeLog(server=11)
    for number in (1, 2, 5, 9):
        filtered.transaction(f"0-10-{number}", NOON + number)
    logs = {"server-11/repl-bin.000001": filtered}
    stretches = followed(tmp_path, logs, at(logs, "server-11/repl-bin.000001", 1, "0-10-1"))
    assert stretches[-1].plan.jumps == []


@pytest.mark.parametrize("suffix", [one for one in PACKERS if one])
def test_a_packed_log_that_is_cut_or_damaged_fails_and_says_how_far_it_goes(tmp_path: Path, suffix: str) -> None:
    logs = {"server-10/repl-bin.000001": log_of(10, 1, 400)}
    place = tmp_path / f"server-10/repl-bin.000001{suffix}"
    start = at(logs, "server-10/repl-bin.000001", 2, "0-10-2")
    followed(tmp_path, logs, start, suffix=suffix)
    packed = place.read_bytes()
    target, _ = target_of("0-10-400", FOREVER)
    for broken, codes in (
        (packed[: len(packed) // 2], {"binary-log-truncated"}),
        (packed[:60] + b"\xff" * 40 + packed[100:], {"binary-log-damaged", "binary-log-truncated"}),
    ):
        place.write_bytes(broken)
        (line,) = list_lines(LocalStore(), f"{tmp_path}/server-*/*")
        stretch = begin([line], start, target)
        with pytest.raises(DrtoolError) as caught:
            for _ in LogFetch(series=stretch.series, plan=stretch.plan, progress=lambda done_bytes: None).archive():
                pass
        assert caught.value.code in codes
        assert "GTID" in caught.value.why or "nothing can be replayed" in caught.value.why


def test_a_log_that_is_there_packed_too_is_read_as_it_was_written(tmp_path: Path) -> None:
    log = log_of(10, 1, 4)
    (tmp_path / "bin.000001").write_bytes(log.content)
    (tmp_path / "bin.000001.gz").write_bytes(b"\x1f\x8b half of it")
    (line,) = list_lines(LocalStore(), f"{tmp_path}/*")
    assert [one.found.location for one in line.series.logs] == [str(tmp_path / "bin.000001")]


def test_a_log_that_was_encrypted_as_a_file_is_named_so(tmp_path: Path) -> None:
    logs = {"server-10/repl-bin.000001": log_of(10, 1, 4)}
    start = at(logs, "server-10/repl-bin.000001", 2, "0-10-2")
    followed(tmp_path, logs, start, suffix="")
    (tmp_path / "server-10/repl-bin.000001").rename(tmp_path / "server-10/repl-bin.000001.gpg")
    (tmp_path / "server-10/repl-bin.000001.gpg").write_bytes(b"\x85\x01\x0c\x03" + bytes(200))
    (line,) = list_lines(LocalStore(), f"{tmp_path}/server-*/*")
    stretch = begin([line], start, target_of(None, FOREVER)[0])
    with pytest.raises(DrtoolError) as caught:
        for _ in LogFetch(series=stretch.series, plan=stretch.plan, progress=lambda done_bytes: None).archive():
            pass
    assert caught.value.code == "binary-log-locked"
