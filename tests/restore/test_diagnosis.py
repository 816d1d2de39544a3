"""Why a restore failed: the right reason, and nothing of what stands in the data."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.backups.compression import Compression
from drtool.errors import RestoreFailed, Unverifiable
from drtool.mariadb.sql import describe_sql_error
from drtool.restore.diagnosis import altered, sql_failure, stream_failure, tar_failure
from drtool.restore.pipeline import Outcome
from drtool.restore.promises import PromisedTable

SECRETS = ("jane", "example.org", "secret", "4111")
NEAR = (
    "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the "
    "right syntax to use near "
)


def sql(*lines: str, status: int = 1) -> Outcome:
    statuses = {"read": 0, "decompress": 0, "sink": status}
    return Outcome(finished=True, statuses=statuses, errors={"sink": list(lines)}, carried_out=not status)


def stream(complaint: str, *, status: int = 1, stage: str = "decompress") -> Outcome:
    statuses = {"read": 0, "decompress": 0, "sink": 0} | {stage: status}
    return Outcome(finished=True, statuses=statuses, errors={stage: complaint.splitlines()})


@pytest.mark.parametrize(
    ("warnings", "told"),
    [
        ({}, None), ({(1051, ""): 3, (1292, ""): 1}, None), ({(1265, "state"): 9}, None),
        ({(1292, "a"): 1, (1292, ""): 5}, "none of its column's type (warning 1292, 1 time)"),
        ({(1526, ""): 1, (4025, ""): 2}, "no partition, left out (warning 1526, 1 time), a row that a check of"),
        ({(1265, "name"): 1}, "a value cut short (warning 1265, 1 time)"),
        ({(1265, "name"): 2, (1265, "state"): 9, (1062, ""): 1, (1264, "n"): 3},
         "left out (warning 1062, 1 time), a number out of range (warning 1264, 3 times), a value cut short (warning"),
    ],
)  # fmt: skip
def test_what_the_server_changed_while_it_loaded_is_told_and_what_only_warns_is_not(
    warnings: dict[tuple[int, str], int], told: str | None
) -> None:
    failure = altered(Outcome(finished=True, warnings=warnings), "the dump", lambda: {(1265, "state")}, lambda _: [])
    assert (failure is None) == (told is None)
    kept = {which: number for which, number in warnings.items() if which[0] != 1062}
    of_server = altered(
        Outcome(finished=True, warnings=warnings), "the dump", lambda: {(1265, "state")}, lambda _: [], of_server=True
    )
    alone = altered(Outcome(finished=True, warnings=kept), "the dump", lambda: {(1265, "state")}, lambda _: [])
    assert str(of_server) == str(alone)  # of the server's own tables every server has rows already
    if failure and told:
        assert (failure.code, told in failure.why) == ("rows-altered", True), failure.why


class TestDump:
    @pytest.mark.parametrize(
        ("line", "named"),
        [
            ("ERROR 1049 (42000) at line 30: Unknown database 'Shop'", True),
            ("ERROR 1146 (42S02) at line 9: Table 'shop.Orders' doesn't exist", True),
            ("ERROR 1064 (42000) at line 3: You have an error in your SQL syntax", False),
        ],
    )
    def test_what_is_there_in_other_letters_only_has_a_mend_of_its_own(self, line: str, named: bool) -> None:
        outcome = sql(line)
        outcome.promised.tables["", "orders"] = PromisedTable(made=1)
        failure = sql_failure(outcome)
        assert failure is not None
        assert ("lower-case-table-names" in failure.mend) == named

    @pytest.mark.parametrize(("rows", "has"), [(1, "has rows and makes no table"), (0, "has views, triggers or")])
    def test_definitions_that_the_dump_lacks_are_named_as_that(self, rows: int, has: str) -> None:
        outcome = sql("ERROR 1146 (42S02) at line 9: Table 'shop.orders' doesn't exist")
        outcome.promised.tables.update({("", "orders"): PromisedTable(rows=rows, filled=True)} if rows else {})
        failure = sql_failure(outcome)
        assert failure is not None
        assert (has in failure.what, "definitions first" in failure.mend) == (True, True)

    @pytest.mark.parametrize(
        "line",
        [
            "ERROR 1045 (28000): Access denied for user 'jane'@'localhost'",
            "ERROR 2005 (HY000): Unknown server host 'secret'",
        ],
    )
    def test_a_client_that_did_not_get_in_says_nothing_about_the_dump(self, line: str) -> None:
        found = sql_failure(sql(line))
        assert isinstance(found, Unverifiable)
        assert (found.code, "the image sets" in str(found)) == ("locked-out", True)
        assert not [secret for secret in SECRETS if secret in str(found)]

    def test_a_content_client_is_no_failure(self) -> None:
        assert sql_failure(sql(status=0)) is None
        assert sql_failure(Outcome()) is None

    @pytest.mark.parametrize(
        ("line", "code", "said"),
        [
            (f"ERROR 1064 (42000) at line 3: {NEAR}'oops,\"secret\")' at line 2", "dump-does-not-load",
             ["line 3", "1064", "parse error"]),
            (f"ERROR 1064 (42000) at line 3: {NEAR}'1,'jane@example.org'' at line 1", "dump-does-not-load", ["line 3"]),
            ("ERROR 1062 (23000) at line 12: Duplicate entry 'jane@example.org' for key 'PRIMARY'",
             "dump-does-not-load", ["line 12", "1062", "dup entry"]),
            ("ERROR 1366 (22007) at line 9: Incorrect integer value: 'secret' for column `shop`.`t`.`a` at row 1",
             "dump-does-not-load", ["line 9", "1366"]),
            ("ERROR 1406 (22001) at line 9: Data too long for column 'b' at row 4111", "dump-does-not-load", ["1406"]),
            ("ERROR 1452 (23000) at line 8: Cannot add or update a child row: a foreign key constraint fails "
             "(`shop`.`orders`, CONSTRAINT `jane` FOREIGN KEY (`a`) REFERENCES `b` (`c`))", "dump-does-not-load",
             ["1452"]),
            ("ERROR 1146 (42S02) at line 1: Table 'shop.t2' doesn't exist", "dump-does-not-load", ["shop.t2", "1146"]),
            ("ERROR 1049 (42000) at line 1: Unknown database 'shop'", "dump-does-not-load", ["1049", ": shop"]),
            ("ERROR 1046 (3D000) at line 1: No database selected", "dump-does-not-load", ["1046"]),
            ("ERROR 1286 (42000) at line 7: Unknown storage engine 'TokuDB'", "engine-missing", ["TokuDB"]),
            ("ERROR 1118 (42000) at line 7: Row size too large (> 8126). Changing some columns to TEXT may help",
             "row-too-large", ["line 7", "1118"]),
            ("ERROR 1396 (HY000) at line 170: Operation CREATE USER failed for 'mariadb.sys'@'localhost'",
             "accounts-in-the-way", ["line 170", "1396"]),
            ("ERROR 1728 (HY000) at line 884: Cannot load from mysql.proc. The table is probably corrupted",
             "system-tables-differ", ["line 884", "1728"]),
            ('ERROR 1005 (HY000) at line 6: Can\'t create table `shop`.`t` (errno: 140 "Wrong create options")',
             "table-options-refused", ["line 6", "1005"]),
            ('ERROR 1005 (HY000) at line 6: Can\'t create table `shop`.`t` (errno: 150 "Foreign key constraint is '
             'incorrectly formed")', "dump-does-not-load", ["1005"]),
            ("ERROR 1449 (HY000) at line 7: The user specified as a definer ('app'@'%') does not exist",
             "dump-does-not-load", ["1449"]),
            ("ERROR 1273 (HY000) at line 25: Unknown collation: 'utf8mb4_0900_ai_ci'", "collation-unknown",
             ["line 25", "utf8mb4_0900_ai_ci"]),
            ("ERROR 1115 (42000) at line 25: Unknown character set: 'utf9'", "collation-unknown", ["utf9"]),
            ("ERROR 1153 (08S01) at line 40: Got a packet bigger than 'max_allowed_packet' bytes", "packet-too-large",
             ["line 40", "max_allowed_packet"]),
            ("ERROR 2006 (HY000) at line 40: Server has gone away", "packet-too-large", ["line 40"]),
            ("ERROR 2013 (HY000) at line 40: Lost connection to server during query", "server-lost", ["line 40"]),
            ("ERROR 2002 (HY000): Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)",
             "server-lost", ["while connecting"]),
            ("ERROR 1045 (28000) at line 9: Access denied for user 'jane'@'localhost'", "dump-does-not-load", ["1045"]),
            ("ERROR 1030 (HY000) at line 9: Got error 168 \"Unknown (generic) error from engine\" from storage engine",
             "dump-does-not-load", ["1030"]),
            ("ERROR at line 1: Unknown command '\\!'.", "dump-does-not-load", ["line 1", "backslash"]),
            ("ERROR at line 9: Unknown command '\\\"'.", "dump-does-not-load", ["line 9", "outside of any string"]),
            ("ERROR at line 9: DELIMITER must be followed by a 'delimiter' character or string",
             "dump-does-not-load", ["refused it at line 9", "client status 1"]),
            ("ERROR: ASCII '\\0' appeared in the statement, but this is not allowed. Query: 'secret'.",
             "dump-does-not-load", ["client"]),
            ("", "dump-does-not-load", ["client status 1"]),
        ],
    )  # fmt: skip
    def test_the_words_of_the_client_become_a_reason_without_any_data(
        self, line: str, code: str, said: list[str]
    ) -> None:
        failure = sql_failure(sql(line))
        assert isinstance(failure, RestoreFailed)
        assert failure.code == code
        for word in said:
            assert word in str(failure)
        assert not any(secret in str(failure) for secret in SECRETS)

    @pytest.mark.parametrize(
        ("complaint", "named", "mend"),
        [
            ("1305 (42000) at line 82: FUNCTION pv.half does not exist", ": FUNCTION pv.half", "--routines"),
            ("1359 (HY000) at line 9: Trigger 'shop.audit' already exists", ": shop.audit", "--skip-triggers"),
            ("1304 (42000) at line 9: PROCEDURE tidy already exists", ": PROCEDURE tidy", "two dumps"),
            ("1537 (HY000) at line 9: Event 'nightly' already exists", ": nightly", "two dumps"),
            ("1050 (42S01) at line 9: Table 'orders' already exists", ": orders", "two dumps"),
            ("1136 (21S01) at line 9: Column count doesn't match value count at row 1", "on row)", "take both in one"),
            ("1054 (42S22) at line 9: Unknown column 'secret' in 'INSERT INTO'", "field error)", "take both in one"),
            ("1265 (01000) at line 9: Data truncated for column 'b' at row 1", "truncated): b", "strict sql_mode"),
            ("1062 (23000) at line 9: Duplicate entry 'jane' for key 'PRIMARY'", "entry): PRIMARY", "that key twice"),
            ("1449 (HY000) at line 9: The user specified as a definer ('app'@'%') does not exist", ": app", "accounts"),
            ("1193 (HY000) at line 9: Unknown system variable 'gtid_seq_no'", ": gtid_seq_no", "version="),
            ("1305 (42000) at line 9: SAVEPOINT jane does not exist", "exist)", ""),
            (f"1064 (42000) at line 9: {NEAR}'secret' at line 2", "parse error)", "what wrote it"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("end", ["complete", "missing", "missing inside-statement"])
    def test_what_to_do_is_about_the_error_and_a_cut_is_told_of_where_it_may_be_one(
        self, complaint: str, named: str, mend: str, end: str
    ) -> None:
        found, _, detail = end.partition(" ")
        failure = sql_failure(replace(sql(f"ERROR {complaint}"), end=found, end_detail=detail))
        assert failure is not None
        assert failure.why.endswith(named)
        may_be_cut = (complaint[:4], detail) == ("1064", "inside-statement")
        assert ("a cut dump" in failure.mend, mend in failure.mend) == (may_be_cut, not may_be_cut)
        assert not any(secret in str(failure) for secret in SECRETS)

    def test_a_column_that_a_view_asks_for_is_told_apart_from_one_that_rows_need(self) -> None:
        failure = sql_failure(sql("ERROR 1054 (42S22) at line 9: Unknown column 'secret' in 'SELECT'"))
        assert failure is not None
        assert failure.what.startswith("A view, a routine or a trigger")
        assert not any(secret in str(failure) for secret in SECRETS)

    def test_a_time_zone_by_name_is_for_the_recoverys_server_to_know(self) -> None:
        failure = sql_failure(sql("ERROR 1298 (HY000) at line 9: Unknown or incorrect time zone: 'Europe/Berlin'"))
        assert isinstance(failure, Unverifiable)
        assert failure.code == "time-zone-missing"

    @pytest.mark.parametrize(
        "line",
        [
            'ERROR 1030 (HY000) at line 9: Got error 28 "No space left on device" from storage engine InnoDB',
            "ERROR 1114 (HY000) at line 9: The table 'orders' is full",
            "ERROR 1021 (HY000) at line 9: Disk full (/tmp); waiting for someone to free some space",
            "ERROR 3 (HY000) at line 9: Error writing file '/tmp/x' (Errcode: 28 \"No space left on device\")",
        ],
    )
    def test_a_full_disk_is_not_the_backups_fault(self, line: str) -> None:
        failure = sql_failure(sql(line))
        assert isinstance(failure, Unverifiable)
        assert failure.code == "disk-full"

    def test_a_client_that_was_killed_is_not_the_backups_fault(self) -> None:
        failure = sql_failure(sql(status=137))
        assert isinstance(failure, Unverifiable)
        assert failure.code == "out-of-memory"

    @given(st.text(st.characters(codec="utf-8", exclude_characters="'"), min_size=1), st.integers(1, 5000))
    def test_no_row_value_gets_through_whatever_the_error(self, value: str, code: int) -> None:
        marked = f"<{value}>"  # no name of a schema object has these, so what is quoted with them is data
        failure = sql_failure(sql(f"ERROR {code} (42000) at line 3: something near '{marked}' at line 1"))
        assert failure is not None
        assert marked not in str(failure)


class TestDescription:
    def test_an_error_is_told_by_number_and_meaning(self) -> None:
        assert describe_sql_error(1146, "Table 'shop.t' doesn't exist") == "MariaDB error 1146 (no such table): shop.t"
        assert describe_sql_error(1062, "Duplicate entry 'jane' for key 'a'") == "MariaDB error 1062 (dup entry): a"
        assert describe_sql_error(4161, "Unknown data type: 'uuid'") == "MariaDB error 4161: uuid"
        assert describe_sql_error(59999, "'jane'") == "MariaDB error 59999"

    def test_a_name_too_strange_for_a_schema_object_is_left_out(self) -> None:
        assert describe_sql_error(1146, "Table 'jane doe, 41 years' doesn't exist") == (
            "MariaDB error 1146 (no such table)"
        )


class TestStream:
    def test_a_whole_stream_is_no_failure(self) -> None:
        assert stream_failure(stream("", status=0), Compression.GZIP) is None
        assert stream_failure(Outcome(), Compression.GZIP) is None

    def test_a_backup_that_cannot_be_read_to_its_end_says_nothing_of_it(self) -> None:
        failure = stream_failure(stream("tee: read error: Input/output error", stage="read"), Compression.NONE)
        assert isinstance(failure, Unverifiable)
        assert failure.code == "backup-unreadable"

    @pytest.mark.parametrize("stage", ["read", "decompress"])
    def test_a_stage_that_nobody_read_on_from_is_not_the_one_that_failed(self, stage: str) -> None:
        assert stream_failure(stream("", status=141, stage=stage), Compression.GZIP) is None

    @pytest.mark.parametrize("status", [137, 1])
    def test_a_decompressor_without_memory_says_nothing_of_the_backup(self, status: int) -> None:
        complaint = "" if status == 137 else "zstd: Frame requires too much memory for decoding"
        failure = stream_failure(stream(complaint, status=status), Compression.ZSTD)
        assert isinstance(failure, Unverifiable)
        assert failure.code == "out-of-memory"


class TestArchive:
    def test_a_content_tar_is_no_failure(self) -> None:
        assert tar_failure(sql(status=0)) is None
        assert tar_failure(Outcome()) is None

    @pytest.mark.parametrize(
        ("complaint", "status", "code"),
        [
            ("tar: ../jane: Member name contains '..'", 2, "archive-escapes"),
            ("tar: Removing leading `/' from member names", 0, "archive-escapes"),
            ("tar: Unexpected EOF in archive\ntar: Error is not recoverable: exiting now", 2, "archive-truncated"),
            ("tar: ./jane: Cannot mknod: Operation not permitted", 2, "archive-device-nodes"),
            ("tar: This does not look like a tar archive", 2, "archive-damaged"),
            ("tar: Skipping to next header", 2, "archive-damaged"),
            ("tar: ./jane: Cannot change ownership to uid 7: Operation not permitted", 2, "archive-does-not-unpack"),
        ],
    )  # fmt: skip
    def test_the_words_of_tar_become_a_reason_without_any_name(self, complaint: str, status: int, code: str) -> None:
        failure = tar_failure(sql(*complaint.splitlines(), status=status))
        assert isinstance(failure, RestoreFailed)
        assert failure.code == code
        assert "jane" not in str(failure)

    def test_an_archive_all_of_whose_names_begin_at_the_root_is_unpacked_without_the_slash(self) -> None:
        outcome = sql("tar: Removing leading `/' from member names", status=0)
        outcome.rooted = True
        assert tar_failure(outcome) is None
        climbs = sql("tar: Removing leading `/../' from member names", status=0)
        climbs.rooted = True
        assert isinstance(tar_failure(climbs), RestoreFailed)

    @pytest.mark.parametrize(
        ("also", "code"),
        [("tar: Exiting with failure status due to previous errors", "owner-not-mapped"),
         ("tar: ./jane: Cannot open: Permission denied", "archive-does-not-unpack")],
    )  # fmt: skip
    def test_owners_that_the_engine_has_not_are_not_the_backups_fault(self, also: str, code: str) -> None:
        complaint = "tar: ./jane: Cannot change ownership to uid 100000, gid 100000: Invalid argument"
        failure = tar_failure(sql(complaint, also, status=2))
        assert failure is not None
        assert failure.code == code
        assert "jane" not in str(failure)

    def test_a_full_disk_is_not_the_backups_fault(self) -> None:
        failure = tar_failure(sql("tar: ./jane: Wrote only 512 of 10240 bytes: No space left on device", status=2))
        assert isinstance(failure, Unverifiable)
        assert failure.code == "disk-full"
