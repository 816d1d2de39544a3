"""A dump says where in the binary log it was taken; what has not that shape is not taken for it."""

from __future__ import annotations

import pytest

from drtool.binlogs.start import BinlogStart, binlog_start, is_of_replica, start_of_dump

# As mariadb-dump --master-data=2 --gtid writes it in 10.5; later versions leave the GTID to the dump's end.
_COMMENTED = """
-- CHANGE MASTER TO MASTER_LOG_FILE='binlog.000002', MASTER_LOG_POS=339;
-- CHANGE MASTER TO MASTER_USE_GTID=slave_pos;
-- SET GLOBAL gtid_slave_pos='0-1-17';
"""


@pytest.mark.parametrize(
    ("text", "start"),
    [
        (_COMMENTED, BinlogStart(file="binlog.000002", position=339, gtid="0-1-17")),
        (_COMMENTED.replace("-- ", ""), BinlogStart(file="binlog.000002", position=339, gtid="0-1-17")),
        (
            "CHANGE MASTER 'east' TO MASTER_LOG_FILE='mysql-bin.000011', MASTER_LOG_POS=4;",
            BinlogStart(file="mysql-bin.000011", position=4),
        ),
        ("-- MariaDB dump 10.19\nCREATE TABLE t (id INT);", None),
        ("INSERT INTO t VALUES ('CHANGE MASTER TO MASTER_LOG_FILE=''x.000001'', MASTER_LOG_POS=1;');", None),
        (_COMMENTED + _COMMENTED.replace("339", "340"), None),
        (_COMMENTED.replace("binlog.000002", "../../etc/passwd"), None),
        (_COMMENTED.replace("binlog.000002", "$(reboot).000002"), None),
    ],
)
def test_where_a_dump_was_taken(text: str, start: BinlogStart | None) -> None:
    assert start_of_dump(text) == start


def test_a_gtid_that_is_none_is_left_out() -> None:
    assert binlog_start("/var/lib/mysql/binlog.000002", "339", "0-1-17; DROP") == BinlogStart(
        file="binlog.000002", position=339
    )
    assert binlog_start("binlog.000002", "339", "0-1-17,1-2-9") == BinlogStart(
        file="binlog.000002", position=339, gtid="0-1-17,1-2-9"
    )


def test_a_dump_of_a_replica_is_told_by_the_position_of_its_primary() -> None:
    position = "MASTER_LOG_FILE='mysql-bin.000011', MASTER_LOG_POS=4;\n"
    assert is_of_replica(f"--\n-- CHANGE MASTER '' TO {position}")
    assert is_of_replica("-- Position to start replication or point-in-time recovery from (the master of this slave)\n")
    assert not is_of_replica(f"-- CHANGE MASTER TO {position}")
    assert not is_of_replica("INSERT INTO t VALUES ('(the master of this slave)');\n")
