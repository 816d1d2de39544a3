"""What a physical backup says of itself, and which increments lead to the newest."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from drtool.backups.increments import Link, chain
from drtool.backups.physical import Facts, parse_assignments, read_physical
from drtool.binlogs.start import BinlogStart
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable

CHECKPOINTS = "backup_type = full-backuped\nfrom_lsn = 0\nto_lsn = 44404\nlast_lsn = 1241085\nrecover_binlog_info = 0"
INFO = """uuid = 11485d1c-e86d-11f1-b853-0242ac110002
tool_name = mariadb-backup
tool_command = --password=hunter2 --backup
tool_version = 10.11.18-MariaDB
server_version = 10.11.18-MariaDB-0+deb12u1-log
start_time = 2026-11-25 01:10:53
end_time = 2026-11-25 01:10:56
binlog_pos = filename 'binlog.000002', position '379', GTID of the last change '0-1-17,1-2-9'
partial = N
incremental = N
compressed = N"""
OPTIONS = """[mysqld]
innodb_data_file_path=ibdata1:12M:autoextend
innodb_page_size=16384
innodb_undo_tablespaces=3
plugin_load=ha_rocksdb.so"""
FACTS = Facts(
    checkpoints=parse_assignments(CHECKPOINTS.splitlines()),
    info=parse_assignments(INFO.splitlines()),
    binlog="binlog.000002\t379\t0-1-17,1-2-9",
    options=parse_assignments(OPTIONS.splitlines()),
    log="Phys 44388 1208985",
)


def _but(**changes: str) -> Facts:
    """Return the facts with other values in the info file."""
    return replace(FACTS, info={**FACTS.info, **changes})


def _leaving_out(*chosen: str) -> Facts:
    return replace(_but(partial="Y"), chosen=chosen)


def test_a_backup_without_a_folder_that_is_no_database_is_whole() -> None:
    for excluded in ("databases-exclude lost+found", "databases-exclude 'lost+found'"):
        assert read_physical(_leaving_out(excluded)).series == "10.11"


def test_what_a_replica_had_taken_over_is_read() -> None:
    said = "SET GLOBAL gtid_slave_pos = '0-10-526';\nCHANGE MASTER TO master_use_gtid = slave_pos"
    start = read_physical(replace(FACTS, replicated=said)).binlog_start
    assert start is not None
    assert (start.replicated, str(start)) == ("0-10-526", "binlog.000002:379 (0-10-526)")


def test_healthy_backup_is_read() -> None:
    physical = read_physical(FACTS)
    assert (physical.series, physical.server_version) == ("10.11", "10.11.18-MariaDB-0+deb12u1-log")
    assert (physical.from_lsn, physical.to_lsn) == (0, 44404)
    assert (physical.incremental, physical.prepared) == (False, False)
    assert physical.ended_wall == datetime(2026, 11, 25, 1, 10, 56)  # noqa: DTZ001 (its zone is not known)
    assert physical.binlog_start == BinlogStart(file="binlog.000002", position=379, gtid="0-1-17,1-2-9")


def test_position_is_read_from_the_info_file_where_it_has_no_file_of_its_own() -> None:
    assert read_physical(replace(FACTS, binlog="")).binlog_start == read_physical(FACTS).binlog_start
    without = replace(_but(binlog_pos=""), binlog="")
    assert read_physical(without).binlog_start is None


def test_only_settings_that_the_data_needs_are_taken() -> None:
    assert read_physical(FACTS).settings == {
        "innodb_page_size": "16384",
        "innodb_data_file_path": "ibdata1:12M:autoextend",
        "innodb_undo_tablespaces": "3",
    }


def test_command_line_of_the_tool_goes_nowhere() -> None:
    assert "hunter2" not in repr(read_physical(FACTS))


@pytest.mark.parametrize(
    ("facts", "code", "kind"),
    [
        (_but(partial="Y"), "backup-partial", RestoreFailed),
        (_leaving_out("databases-exclude lost+found", "tables shop"), "backup-partial", RestoreFailed),
        (_leaving_out("databases-exclude shop"), "backup-partial", RestoreFailed),
        (_leaving_out("databases lost+found"), "backup-partial", RestoreFailed),
        (replace(FACTS, has_accounts=False), "backup-partial", RestoreFailed),
        (replace(FACTS, lacks=("ibdata1",)), "physical-incomplete", RestoreFailed),
        (_but(compressed="compressed"), "compression-unsupported", Unverifiable),
        (replace(FACTS, info={}, has_compressed=True), "compression-unsupported", Unverifiable),
        (replace(FACTS, info={}, has_encrypted=True, has_compressed=True), "encryption-unsupported", Unverifiable),
        (replace(FACTS, has_corrupted_pages=True), "page-corrupt", RestoreFailed),
        (replace(FACTS, info={}), "physical-info-missing", RestoreFailed),
        (replace(FACTS, checkpoints={}), "physical-info-missing", RestoreFailed),
        (Facts(checkpoints={}, info={}), "physical-info-missing", RestoreFailed),
        (Facts(checkpoints={}, info={}, of_server=True), "data-folder-copied", Unverifiable),
        # A backup that was moved back leaves its description in the data folder, where nothing renews it.
        (replace(FACTS, checkpoints={}, of_server=True), "data-folder-copied", Unverifiable),
        (replace(FACTS, of_server=True), "data-folder-copied", Unverifiable),
        (replace(FACTS, checkpoints={**FACTS.checkpoints, "to_lsn": "x"}), "physical-info-missing", RestoreFailed),
        (replace(FACTS, checkpoints={**FACTS.checkpoints, "backup_type": "x"}), "physical-info-missing", RestoreFailed),
        (_but(server_version="8.0.36"), "format-unsupported", Unverifiable),
        (replace(FACTS, options={"innodb_data_file_path": "/srv/ibdata1:12M"}), "layout-unsupported", Unverifiable),
        (replace(FACTS, log="Phys 44388 1208984"), "redo-log-damaged", RestoreFailed),
        (replace(FACTS, log="PHYS 44388 1198744"), "redo-log-damaged", RestoreFailed),
    ],
)  # fmt: skip
def test_what_no_server_comes_back_from_is_refused(facts: Facts, code: str, kind: type[DrtoolError]) -> None:
    with pytest.raises(kind) as refused:
        read_physical(facts)
    assert refused.value.code == code


def test_log_that_reaches_to_where_it_was_copied_is_whole_in_both_formats() -> None:
    # 44388 + 1208985 - 12288 is 1241085, which is last_lsn; before 10.8 the header has 2 KiB
    for log in ("Phys 44388 1208985", "PHYS 44388 1198745", ""):
        read_physical(replace(FACTS, log=log))


def test_log_of_a_prepared_backup_is_not_held_against_it() -> None:
    prepared = replace(FACTS, log="Phys 1241085 12304", checkpoints={**FACTS.checkpoints, "backup_type": "log-applied"})
    assert read_physical(prepared).prepared


FULL = read_physical(FACTS)


def _link(number: int, from_lsn: int, to_lsn: int, **changes: object) -> Link:
    physical = replace(FULL, incremental=number > 0, from_lsn=from_lsn, to_lsn=to_lsn)
    return Link(number=number, name=f"{number}.mb", physical=replace(physical, **changes))  # type: ignore[arg-type]


def _numbers(*links: Link) -> list[int]:
    full, *increments = links
    return [link.number for link in chain(full, increments)]


def test_increments_are_applied_in_the_order_in_which_they_build_on_each_other() -> None:
    assert _numbers(_link(0, 0, 10), _link(1, 10, 20), _link(2, 20, 35)) == [1, 2]
    assert _numbers(_link(0, 0, 10)) == []


def test_of_differential_backups_only_the_newest_is_applied() -> None:
    assert _numbers(_link(0, 0, 10), _link(1, 10, 20), _link(2, 10, 30)) == [2]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (2, 1, 3)])
def test_a_chain_holds_in_whatever_order_it_was_copied(order: tuple[int, ...]) -> None:
    in_turn = {1: _link(1, 10, 20), 2: _link(2, 20, 30), 3: _link(3, 30, 40)}
    assert _numbers(_link(0, 0, 10), *(in_turn[number] for number in order)) == [1, 2, 3]
    differential = {number: _link(number, 10, 10 + number) for number in order}
    assert _numbers(_link(0, 0, 10), *(differential[number] for number in order)) == [3]


def test_of_two_that_end_alike_the_later_is_taken() -> None:
    assert _numbers(_link(0, 0, 10), _link(1, 10, 20), _link(2, 10, 20), _link(3, 20, 30)) == [2, 3]


def test_increments_on_a_server_that_rests_end_where_they_begin() -> None:
    assert _numbers(_link(0, 0, 10), _link(1, 10, 10), _link(2, 10, 10)) == [2]


@pytest.mark.parametrize(
    ("links", "code"),
    [
        ((_link(0, 0, 10), _link(2, 20, 30)), "increment-missing"),
        ((_link(0, 0, 10), _link(1, 10, 20), _link(3, 30, 40)), "increment-missing"),
        ((_link(1, 10, 20), _link(2, 20, 30)), "increment-alone"),
        ((_link(0, 0, 10), _link(1, 10, 20, incremental=False)), "increment-is-full"),
        ((_link(0, 0, 10), _link(1, 10, 20, series="11.8")), "increment-foreign"),
    ],
)
def test_chain_that_does_not_hold_fails(links: tuple[Link, ...], code: str) -> None:
    with pytest.raises(RestoreFailed) as failed:
        _numbers(*links)
    assert failed.value.code == code


def test_missing_link_is_named_by_the_lsn_that_nothing_ends_at() -> None:
    with pytest.raises(RestoreFailed) as failed:
        _numbers(_link(0, 0, 10), _link(1, 10, 20), _link(3, 30, 40))
    assert "3.mb builds on one that ends at LSN 30, and there is none" in failed.value.what
    assert failed.value.why == "found: 0.mb to LSN 10; 1.mb from LSN 10 to 20; 3.mb from LSN 30 to 40"
