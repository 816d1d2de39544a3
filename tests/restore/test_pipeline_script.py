"""The pipe that restores, run on this host: every stage's status is kept, and no byte of content gets out.

The archives are unpacked by the real tar. The client of MariaDB needs a server, which is not here: a stand-in takes
what it would be given, and fails where a test has it fail.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

import lz4.frame  # type: ignore[import-untyped]
import pytest
import zstandard

from drtool.backups.compression import Compression
from drtool.errors import DrtoolError
from drtool.restore import pipeline
from drtool.restore.diagnosis import sql_failure, stream_failure, tar_failure
from drtool.restore.pipeline import Outcome
from fixtures.faults.packing import packed

SQL = (
    "-- MariaDB dump 10.19\n"
    + "".join(f"INSERT INTO `t` VALUES ({number},'jane{number}@example.org');\n" for number in range(30_000))
    + "\n-- Dump completed on 2026-11-24 21:53:24\n"
).encode()
PACK: dict[Compression, Callable[[bytes], bytes]] = {
    Compression.NONE: bytes,
    Compression.GZIP: gzip.compress,
    Compression.XZ: lzma.compress,
    Compression.ZSTD: zstandard.ZstdCompressor(write_checksum=True).compress,
    Compression.BZIP2: bz2.compress,
    Compression.LZ4: lambda content: lz4.frame.compress(content, content_checksum=True),
    Compression.LZMA: partial(lzma.compress, format=lzma.FORMAT_ALONE),
    Compression.ZLIB: zlib.compress,
    Compression.ZIP: lambda content: packed(content, Compression.ZIP),
}
SANDBOX = b"/*M!999999\\- enable the sandbox mode */"
ALONE = {Compression.LZMA, Compression.ZLIB, Compression.ZIP}
STREAMS = [one for one in Compression if one is not Compression.NONE]


# Takes what it is given up to drtool's own last statement, and answers that as a server does; an open /* swallows it.
_CLIENT = r"""
import pathlib, re, sys
content = sys.stdin.buffer.read()
found = re.search(rb"\n;SET @drtool=(\d+), [^\n]*;SELECT @drtool, @@in_transaction, [^;]*;\n\Z", content)
pathlib.Path(sys.argv[1]).write_bytes(content[: found.start()])
if content.count(b"/*") == content.count(b"*/"):
    token = found[1].decode()
    print(f"@drtool\t@@in_transaction\t@@max_error_count <> 65535\n{token}\t{int(b'BEGIN;' in content)}\t0")
"""


WHOLE = b"-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB\nSELECT 1;\n-- Dump completed on 2026-11-24  3:05:06\n"
CUT = WHOLE.partition(b"-- Dump")[0]


def remark(line: bytes) -> bytes:
    """Return what is left of a line that the client must not see."""
    return b"#" + b" " * (len(line) - 1)


_LOCK, _ROW = "LOCK TABLES `t` WRITE;\n", "INSERT INTO `t` VALUES (1);\n"
_OFF, _ON = (f"/*!40000 ALTER TABLE `t` {turned} KEYS */;\n" for turned in ("DISABLE", "ENABLE"))


class Pipe:
    """Runs the script on backups in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.target = folder / "restored"
        self.target.mkdir()
        self.loaded = folder / "loaded.sql"
        self.arguments = folder / "arguments"
        self.output = ""
        self._backup = folder / "backup"
        self._programs = folder / "bin"
        self._programs.mkdir()
        client = folder / "client.py"
        client.write_text(_CLIENT)
        self.client(f'exec "{sys.executable}" "{client}" "{self.loaded}"')

    def client(self, script: str) -> None:
        """Have the stand-in for the client do this."""
        program = self._programs / "mariadb"
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{self.arguments}"\n{script}\n')
        program.chmod(0o755)

    def run(self, backup: bytes, compression: Compression, sink: str, *arguments: str) -> Outcome:
        """Restore a backup and return what the script told of it."""
        self._backup.write_bytes(backup)
        environment = os.environ | {"PATH": f"{self._programs}:{os.environ['PATH']}", "LC_ALL": "C"}
        command = ["bash", "-c", pipeline._SCRIPT, "drtool", str(self._backup), "none", compression, sink]
        done = subprocess.run(
            [*command, str(self.target), *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment, timeout=60, check=True,
        )  # fmt: skip
        self.output = done.stdout.decode()
        outcome = Outcome()
        for line in self.output.splitlines():
            name, _, rest = line.partition(" ")
            outcome.finished |= name == "done"
            pipeline.take_fact(outcome, name, rest)
        assert outcome.finished
        return outcome


@pytest.fixture
def pipe(tmp_path: Path) -> Pipe:
    return Pipe(tmp_path)


def archive(*names: str, size: int = 3) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.uid, member.gid, member.size = os.getuid(), os.getgid(), size
            tar.addfile(member, io.BytesIO(b"x" * size))
    return buffer.getvalue()


def codes(*failures: DrtoolError | None) -> list[str]:
    return [failure.code for failure in failures if failure]


class TestStreams:
    @pytest.mark.parametrize("compression", list(Compression))
    def test_a_healthy_backup_is_read_loaded_and_digested_whole(self, pipe: Pipe, compression: Compression) -> None:
        backup = PACK[compression](SQL)
        outcome = pipe.run(backup, compression, "sql", "shop")
        assert outcome.statuses == {"read": 0, "decompress": 0, "sink": 0}
        assert outcome.sha256 == hashlib.sha256(backup).hexdigest()
        assert outcome.read_bytes == len(backup)
        assert (outcome.end, outcome.completed_wall) == ("complete", datetime.fromisoformat("2026-11-24 21:53:24"))
        assert pipe.loaded.read_bytes() == SQL
        assert stream_failure(outcome, compression) is sql_failure(outcome) is None

    @pytest.mark.parametrize("compression", STREAMS)
    def test_truncated_stream_is_told_as_cut(self, pipe: Pipe, compression: Compression) -> None:
        backup = PACK[compression](SQL)
        for kept in (len(backup) // 2, len(backup) - 3):
            assert codes(stream_failure(pipe.run(backup[:kept], compression, "sql"), compression)) == [
                "stream-truncated"
            ]

    @pytest.mark.parametrize("compression", STREAMS)
    def test_one_flipped_byte_is_told_as_damage(self, pipe: Pipe, compression: Compression) -> None:
        backup = bytearray(PACK[compression](SQL))
        backup[len(backup) // 2] ^= 0x10
        outcome = pipe.run(bytes(backup), compression, "sql")
        assert codes(stream_failure(outcome, compression)) == ["stream-damaged"]
        assert outcome.sha256 == hashlib.sha256(backup).hexdigest()

    @pytest.mark.parametrize("compression", STREAMS)
    def test_what_follows_the_stream_is_told(self, pipe: Pipe, compression: Compression) -> None:
        backup = PACK[compression](SQL) + b"mysqldump: Got error: 2013: Lost connection\n"
        failure = stream_failure(pipe.run(backup, compression, "sql"), compression)
        assert codes(failure) == ["stream-trailing-garbage"]

    @pytest.mark.parametrize("compression", [one for one in STREAMS if one not in ALONE])
    def test_streams_packed_one_behind_the_other_are_one_backup(self, pipe: Pipe, compression: Compression) -> None:
        half = len(SQL) // 2
        backup = PACK[compression](SQL[:half]) + PACK[compression](SQL[half:])
        outcome = pipe.run(backup, compression, "sql")
        assert stream_failure(outcome, compression) is None
        assert pipe.loaded.read_bytes() == SQL

    @pytest.mark.parametrize("compression", sorted(ALONE))
    def test_a_second_stream_is_told_where_the_format_has_one_a_file(
        self, pipe: Pipe, compression: Compression
    ) -> None:
        failure = stream_failure(pipe.run(PACK[compression](SQL) * 2, compression, "sql"), compression)
        expected = "compression-unsupported" if compression is Compression.ZIP else "stream-trailing-garbage"
        assert codes(failure) == [expected]

    def test_a_backup_that_cannot_be_opened_ends_with_a_status_of_its_own(self, tmp_path: Path) -> None:
        command = ["bash", "-c", pipeline._SCRIPT, "drtool", str(tmp_path / "no"), "none", "none", "sql"]
        done = subprocess.run([*command, str(tmp_path)], capture_output=True, timeout=60, check=False)
        assert (done.returncode, done.stdout) == (66, b"")


class TestDumps:
    @pytest.mark.parametrize("compression", list(Compression))
    def test_the_command_that_old_clients_refuse_becomes_a_remark(self, pipe: Pipe, compression: Compression) -> None:
        backup = PACK[compression](SANDBOX + b" \n" + SQL)
        outcome = pipe.run(backup, compression, "sql")
        assert pipe.loaded.read_bytes() == remark(SANDBOX) + b" \n" + SQL
        assert outcome.sha256 == hashlib.sha256(backup).hexdigest()

    @pytest.mark.parametrize("command", [SANDBOX, SANDBOX.replace(b"M!", b"!"), b" \t" + SANDBOX])
    @pytest.mark.parametrize(
        "before", [b"-- Shop, nightly\n\n--\n", b"\xef\xbb\xbf", b"-- a\r\n", SQL, b"-- " + b"x" * 3_000_000 + b"\n"],
        ids=["comments", "byte order mark", "CRLF", "a dump", "a long line"],
    )  # fmt: skip
    def test_that_command_is_known_in_both_forms_and_wherever_its_line_stands(
        self, pipe: Pipe, before: bytes, command: bytes
    ) -> None:
        pipe.run(before + command + b"\r\n" + SQL, Compression.NONE, "sql")
        assert pipe.loaded.read_bytes() == before + remark(command) + b"\r\n" + SQL

    @pytest.mark.parametrize("ahead", [32_740, 32_755, 32_767, 32_768, 32_769, 65_501, 65_507, 65_520, 65_535, 65_536])
    def test_that_command_is_known_where_a_read_ends_in_it(self, pipe: Pipe, ahead: int) -> None:
        before = b"-" * (ahead - 1) + b"\n"
        pipe.run(before + SANDBOX + b"\n" + SQL, Compression.NONE, "sql")
        assert pipe.loaded.read_bytes() == before + remark(SANDBOX) + b"\n" + SQL

    @pytest.mark.parametrize(
        "empty",
        ["\r\n", " \n\t\n", "/* one */\n", "/* ein Stück\n über zwei */ \r\n\n-- and\n  # more\n  /* last */\n"],
    )
    @pytest.mark.parametrize("word", ["DELIMITER $$\n", " delimiter ;;\n", "Delimiter //\r\n"])
    def test_what_is_empty_before_another_delimiter_becomes_remarks_or_the_client_would_not_see_that(
        self, pipe: Pipe, empty: str, word: str
    ) -> None:
        backup = f"SELECT 1;\n{empty}{word}SELECT '/* é */\n \n'".encode()
        pipe.run(backup, Compression.NONE, "sql")
        between, _, rest = pipe.loaded.read_bytes().partition(word.encode())
        assert rest == backup.partition(word.encode())[2]
        assert all(line == b"" or line.startswith((b"#", b"--")) for line in between.split(b"\n")[1:-1])
        assert [len(line) for line in between.split(b"\n")] == [
            len(one.encode()) for one in f"SELECT 1;\n{empty}".split("\n")
        ]

    def test_in_the_dump_of_a_tool_that_writes_no_such_thing_none_is_looked_for(self, pipe: Pipe) -> None:
        backup = WHOLE + b"INSERT INTO pages VALUES ('\n \n/* c */\nDELIMITER $$\n');\n"
        pipe.run(backup, Compression.NONE, "sql")
        assert pipe.loaded.read_bytes() == backup

    @pytest.mark.parametrize(
        "content",
        [b"/*!40101 SET NAMES utf8mb4 */;\n", b"/*M!999999\\- enable", b"/*M!100616 SET @a=1 */;\n" + SQL, b"-- a",
         b"-", b"/", b"\n\n", b"--\n", b"x " + SANDBOX + b"\n",
         b"SELECT 1; /* a */\nSELECT 2;\n/* b */ DELIMITER ;;\n",
         b" \nSELECT 'delimiter ';\n/*! b */\nDELIMITER $$\n", b"*/", b"*/\nDELIMITER $$\n", b"DELIMITER ;;\n",
         b"\nDELIMITER ;;",
         b"-- \\-\n/*!999999\\- enable the sandbox mod */;\n", b"SELECT 1;"],
        ids=lambda content: repr(content[:20]),
    )  # fmt: skip
    def test_every_other_beginning_reaches_the_client_byte_by_byte(self, pipe: Pipe, content: bytes) -> None:
        pipe.run(content, Compression.NONE, "sql")
        assert pipe.loaded.read_bytes() == content

    def test_the_client_is_given_the_database_and_no_way_to_run_commands(self, pipe: Pipe) -> None:
        pipe.run(SQL, Compression.NONE, "sql", "-rf --evil")
        arguments = pipe.arguments.read_text().splitlines()
        assert arguments[-2:] == ["--", "-rf --evil"]
        assert "--binary-mode" in arguments
        assert arguments[0] == "--no-defaults"

    def test_a_client_that_gives_up_at_once_does_not_spoil_the_digest_nor_the_end(self, pipe: Pipe) -> None:
        pipe.client("head -c 100 > /dev/null; exit 1")
        backup = gzip.compress(SQL)
        outcome = pipe.run(backup, Compression.GZIP, "sql")
        assert outcome.statuses == {"read": 0, "decompress": 0, "sink": 1}
        assert (outcome.sha256, outcome.end) == (hashlib.sha256(backup).hexdigest(), "complete")

    def test_the_statement_that_the_client_repeats_never_leaves_the_sandbox(self, pipe: Pipe) -> None:
        pipe.client(
            "cat > /dev/null\n"
            "cat >&2 <<'EOF'\n--------------\nINSERT INTO t VALUES (1,'jane@example.org'),\n(2,'x\n"
            "ERROR 1049 (42000) at line 1: Unknown database 'jane'\n')\n--------------\n\n"
            "ERROR 1064 (42000) at line 3: You have an error in your SQL syntax\nEOF\nexit 1"
        )
        outcome = pipe.run(SQL, Compression.NONE, "sql")
        assert outcome.errors["sink"] == ["ERROR 1064 (42000) at line 3: You have an error in your SQL syntax"]
        assert "jane" not in pipe.output

    def test_what_the_dumps_own_queries_give_never_leaves_the_sandbox(self, pipe: Pipe) -> None:
        pipe.client("cat > /dev/null; echo jane@example.org; echo sha256 forged; echo done")
        outcome = pipe.run(SQL, Compression.NONE, "sql")
        assert outcome.sha256 == hashlib.sha256(SQL).hexdigest()
        assert "jane" not in pipe.output

    @pytest.mark.parametrize(
        ("tail", "end"),
        [
            ("\n-- Dump completed on 2026-11-24  3:05:06\n", "complete"), ("-- Dump completed\n", "complete"),
            ("-- Dump completed on 2026-11-24 21:53:24", "complete"), ("-- Dump completed\r\n\r\n", "complete"),
            ("-- Dump completed on 2026-11-24 21:53:24\n\n \n\t\n", "complete"),
            ("INSERT INTO t VALUES (1,'jane@example.org');\n", "missing"), ("INSERT INTO t VALUES (1,'ja", "missing"),
            ("-- Dump compl", "missing"), ("", "missing"), ("\0\0\0\n", "missing"),
            ("\nFatal error: Allowed memory size of 134217728 bytes exhausted (tried to allocate 9 bytes)\n", "error"),
            ("INSERT INTO t VALUES (1,'Fatal error: x');\n", "missing"),
            ("-- Dump completed\njane@example.org\n", "followed"), ("-- Dump completed\nSELECT 1;\n", "complete"),
            ("-- Dump completed\nSELECT 1", "followed"),
            ("-- Dump completed\nDone, 1 table;\n", "followed"),
        ],
    )  # fmt: skip
    def test_the_end_of_a_dump_is_told_without_its_last_rows(self, pipe: Pipe, tail: str, end: str) -> None:
        outcome = pipe.run(b"SELECT 1;\n" * 2000 + tail.encode(), Compression.NONE, "sql")
        assert outcome.end == end
        assert "jane" not in pipe.output

    @pytest.mark.parametrize(
        ("tail", "detail"),
        [
            ("CREATE DATABASE shop CHARACTER SET asci", "inside-statement"), ("VALUES (1,\n", "inside-statement"),
            ("DROP TABLE t;\n\n", ""), ("/*!40101 SET NAMES utf8mb4 */;\n", ""), ("END */;;\n", ""),
            ("DROP TABLE t;\n--\n", ""),
        ],
    )  # fmt: skip
    def test_a_dump_without_its_end_breaks_off_inside_a_statement_or_between_two(
        self, pipe: Pipe, tail: str, detail: str
    ) -> None:
        outcome = pipe.run(f"SELECT 1;\n{tail}".encode(), Compression.NONE, "sql")
        assert (outcome.end, outcome.end_detail) == ("missing", detail)

    @pytest.mark.parametrize(
        ("dumps", "told"),
        [
            ([WHOLE], (1, 1)), ([WHOLE, WHOLE, WHOLE], (3, 3)), ([CUT, WHOLE], (2, 1)), ([WHOLE, CUT], (2, 1)),
            ([b"SELECT 1;\n"], (0, 0)), ([CUT * 40, WHOLE], (41, 1)), ([], (0, 0)), ([WHOLE.rstrip()], (1, 1)),
            ([b"SELECT '-- MariaDB dump 10', ' -- Dump completed';\n"], (0, 0)),
            ([b"/*M!999999\\- enable the sandbox mode */ \n", WHOLE], (1, 1)),
            ([WHOLE, b"-- MySQL dump 10.13  Distrib 8.0.36\n"], (2, 1)),
        ],
    )  # fmt: skip
    def test_all_dumps_of_a_file_are_counted(self, pipe: Pipe, dumps: list[bytes], told: tuple[int, int]) -> None:
        outcome = pipe.run(b"".join(dumps), Compression.NONE, "sql")
        assert (outcome.promised.dumps_begun, outcome.promised.dumps_ended) == told

    def test_closing_comments_that_stand_in_for_another_are_told(self, pipe: Pipe) -> None:
        assert pipe.run(b"-- MariaDB dump 10\n" * 3, Compression.NONE, "sql").promised.dumps_cut == 2
        outcome = pipe.run(CUT + WHOLE + b"USE `a`;\n-- Dump completed\n", Compression.NONE, "sql")
        assert (outcome.promised.dumps_begun, outcome.promised.dumps_ended) == (2, 2)
        assert outcome.promised.dumps_cut == 1

    @pytest.mark.parametrize(
        ("said", "told"),
        [
            (
                b"-- insufficient privileges to SHOW CREATE FUNCTION `f`\n-- does b have permissions on mysql.proc?\n",
                (1, 0),
            ),
            (b"--\n-- Dumping data for table `t`\n--\n\n-- WHERE:  mail='jane@example.org'\n", (0, 1)),
            (b"--\n-- Dumping data for table `t`\n--\n-- WHERE:  1 limit 5\n" * 2, (0, 2)),
            (b"--\n-- Dumping data for table `t`\n--\n\nLOCK TABLES `t` WRITE;\n", (0, 0)),
            (b"CREATE FUNCTION `f`()\n-- WHERE:  it belongs\n-- insufficient privileges to read\nRETURN 1;\n", (0, 0)),
        ],
        ids=["denied", "where", "where twice", "all rows", "comments in a routine"],
    )
    def test_what_the_tool_says_that_it_left_out_is_told(self, pipe: Pipe, said: bytes, told: tuple[int, int]) -> None:
        outcome = pipe.run(CUT + said + WHOLE.partition(b"\n")[2], Compression.NONE, "sql")
        assert (outcome.promised.denied, outcome.promised.filtered) == told
        assert (outcome.promised.dumps_begun, outcome.promised.dumps_ended) == (1, 1)
        assert "jane" not in pipe.output

    @pytest.mark.parametrize(
        ("statements", "made"),
        [
            ("CREATE TABLE `t` (a INT);\n" * 2, {("", "t"): 2}),
            ("USE `one`;\nCREATE TABLE IF NOT EXISTS `t`(\na INT);\nUSE `two`;\n/*!40101 SET a=1*/;\nCREATE TABLE `t`(",
             {("one", "t"): 1, ("two", "t"): 1}),
            ("CREATE TABLE `a b`.`c.d` (a INT);\nCREATE TABLE e.f(a INT);\n", {("a b", "c.d"): 1, ("e", "f"): 1}),
            ("DELIMITER ;;\nCREATE PROCEDURE p()\nCREATE TABLE t (a INT) ;;\nDELIMITER ;\nCREATE TABLE u (a INT);",
             {("", "u"): 1}),
            ("CREATE TEMPORARY TABLE `t` (a INT);\n/*!50001 CREATE TABLE `v` (a INT) */;\n", {}),
        ],
        ids=["twice", "two databases", "qualified", "in a program", "others"],
    )  # fmt: skip
    def test_the_tables_that_a_dump_makes_are_told_by_their_databases(
        self, pipe: Pipe, statements: str, made: dict[tuple[str, str], int]
    ) -> None:
        outcome = pipe.run(CUT + statements.encode() + b"\n" + WHOLE.partition(b"\n")[2], Compression.NONE, "sql")
        assert outcome.promised.tables_made == made
        assert (outcome.promised.dumps_begun, outcome.promised.dumps_ended) == (1, 1)

    @pytest.mark.parametrize(
        ("said", "unfinished"),
        [
            (_LOCK + _OFF + _ROW, {("", "t")}),
            (_LOCK + _ROW, {("", "t")}),
            (_OFF + _ROW + _OFF.replace("`t`", "u") + _ON.replace("`t`", "u"), {("", "t")}),
            (f"USE `a`;\n{_OFF}{_ROW}USE `b`;\n{_LOCK}{_OFF}{_ON}UNLOCK TABLES;\n", {("a", "t")}),
            (_LOCK + _OFF + _LOCK.replace("t", "u") + _OFF.replace("`t`", "`u`") + "UNLOCK TABLES;\n", {("", "t")}),
            (_LOCK + _OFF + _ROW + _ON + "UNLOCK TABLES;\n", set()),
            (_LOCK + _ROW + "UNLOCK TABLES;\n", set()),
            (_OFF + _ROW + _ON, set()),
            (_ROW, set()),
            (_LOCK.replace("`", '"') + _OFF.replace("`", "") + _ON, set()),
            (_OFF + _OFF.replace("`t`", "`u`") + _ROW + _ON + _ON.replace("`t`", "`u`"), set()),
            (f"DELIMITER ;;\nCREATE PROCEDURE p()\n{_LOCK}{_OFF};;\nDELIMITER ;\n", set()),
            ("LOCK TABLES `t` READ;\nLOCK TABLES `t` WRITE, `u` WRITE;\n", set()),
            (_LOCK + _OFF + _ROW + WHOLE.decode() + _OFF + _ROW + _ON, set()),
        ],
        ids=["begun", "keys on", "no locks", "two databases", "another follows", "ended", "keys on and ended",
             "no locks and ended", "compact", "other quotes", "all at once", "in a program", "other locks", "anew"],
    )  # fmt: skip
    def test_tables_whose_rows_a_dump_begins_and_does_not_end_are_told(
        self, pipe: Pipe, said: str, unfinished: set[tuple[str, str]]
    ) -> None:
        outcome = pipe.run(CUT + said.encode() + WHOLE.partition(b"\n")[2], Compression.NONE, "sql")
        assert outcome.promised.unfinished == unfinished

    def test_a_lock_that_is_left_to_the_end_of_the_session_in_a_script_of_no_tool_is_not_told(self, pipe: Pipe) -> None:
        assert pipe.run((_LOCK + _ROW).encode(), Compression.NONE, "sql").promised.unfinished == set()

    @pytest.mark.parametrize(
        ("said", "announced", "made"),
        [
            ("USE `a`;\n--\n-- Temporary table structure for view `v``w`\n--\n",
             {("a", "v`w")}, set[tuple[str, str]]()),
            ("--\n-- Temporary view structure for view `v`\n--\n\n--\n-- Final view structure for view `v`\n--\n",
             {("", "v")}, {("", "v")}),
            ("-- Table structure for view `v`\nSELECT '\\n-- Final view structure for view `v`\\n';\n", set(), set()),
            ('-- Temporary table structure for view "v""w"\n-- Final view structure for view "v""w"\n',
             {("", 'v"w')}, {("", 'v"w')}),
            ("DELIMITER ;;\nCREATE PROCEDURE p()\n-- Temporary table structure for view `v`\n;;\nDELIMITER ;\n",
             set(), set()),
        ],
        ids=["announced", "made too", "others", "in double quotes", "in a program"],
    )  # fmt: skip
    def test_views_that_a_dump_announces_and_makes_are_told(
        self, pipe: Pipe, said: str, announced: set[tuple[str, str]], made: set[tuple[str, str]]
    ) -> None:
        outcome = pipe.run(CUT + said.encode() + WHOLE.partition(b"\n")[2], Compression.NONE, "sql")
        assert (outcome.promised.announced, outcome.promised.views) == (announced, made)
        assert (outcome.promised.dumps_begun, outcome.promised.dumps_ended) == (1, 1)

    @pytest.mark.parametrize(
        ("parts", "end"),
        [
            ("takes rows gives", "complete"), ("takes rows gives comment", "complete"),
            ("takes rows ifnull", "complete"),
            ("takes rows gives takes rows gives", "complete"), ("rows gives", "missing"), ("takes rows", "missing"),
            ("takes rows takes rows gives", "missing"), ("takes gives rows", "missing"),
            ("header takes rows gives", "missing"), ("takes rows saved", "missing"),
        ],
    )  # fmt: skip
    def test_a_dump_without_a_closing_comment_is_whole_when_it_gives_back_what_it_took(
        self, pipe: Pipe, parts: str, end: str
    ) -> None:
        text = {
            "header": "-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB\n",
            "takes": "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n",
            "rows": "INSERT INTO `t` VALUES (1);\n",
            "gives": "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n"
            + "/*M!100616 SET NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY */;\n\n",
            "ifnull": "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\r\n"
            + "/*!40111 SET SQL_NOTES=IFNULL(@OLD_SQL_NOTES, 1) */;\r\n",
            "comment": "-- Dump completed on: Mon, 02 Nov 2026 03:00:00 +0000\n",
            "saved": "/*!40101 SET character_set_client = @saved_cs_client */;\n",
        }
        outcome = pipe.run("".join(text[part] for part in parts.split()).encode(), Compression.NONE, "sql")
        assert outcome.end == end

    @pytest.mark.parametrize(
        ("head", "remark", "errors"),
        [
            ("-- phpMyAdmin SQL Dump\n", "-- Error reading data for table app.t: #1932 - Table does not exist\n", 1),
            ("-- phpMyAdmin SQL Dump\n", "-- en uso(#1146 - La tabla no existe)\n", 1),
            ("-- phpMyAdmin SQL Dump\n", "DELIMITER $$\n-- see (#1146 - ours)\nDELIMITER ;\n", 0),
            ("-- by hand\n", "-- see (#1146 - ours)\n", 0),
        ],
    )
    def test_errors_that_a_tool_tells_among_its_comments_are_counted(
        self, pipe: Pipe, head: str, remark: str, errors: int
    ) -> None:
        outcome = pipe.run(f"{head}SELECT 1;\n{remark}".encode(), Compression.NONE, "sql")
        assert (outcome.promised.complaints, outcome.promised.dumps_begun) == (errors, 0)

    @pytest.mark.parametrize(
        ("statement", "hides"),
        [
            ("SET max_error_count=0;", True), ("/*!50000 set @o = @@max_error_count, Max_Error_Count = 0 */;", True),
            ("SET SESSION sql_notes=0;", False), ("INSERT INTO t VALUES ('max_error_count');", False),
        ],
    )  # fmt: skip
    def test_a_dump_that_sets_how_many_warnings_are_kept_is_told(self, pipe: Pipe, statement: str, hides: bool) -> None:
        outcome = pipe.run(CUT + statement.encode() + WHOLE.partition(b"\n")[2], Compression.NONE, "sql")
        assert outcome.promised.hides_warnings is hides
        assert "max_error_count = 65535" in pipe.arguments.read_text()

    @pytest.mark.parametrize("hours", [["05", "21"], ["21", "05"], [" 5", "09"], ["09", " 5"]])
    def test_the_oldest_of_several_dumps_in_a_file_says_when_it_was_complete(
        self, pipe: Pipe, hours: list[str]
    ) -> None:
        dumps = [WHOLE.replace(b" 3:05:06", f"{hour}:05:06".encode()) for hour in hours]
        outcome = pipe.run(b"".join(dumps), Compression.NONE, "sql")
        assert outcome.completed_wall == datetime.fromisoformat("2026-11-24 05:05:06")
        assert (outcome.promised.dumps_begun, outcome.promised.dumps_ended, outcome.promised.dumps_cut) == (2, 2, 0)

    def test_of_any_number_of_times_some_are_kept_and_all_dumps_are_counted(self, pipe: Pipe) -> None:
        clock = (f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}".encode() for n in range(1500))
        dumps = b"".join(WHOLE.replace(b" 3:05:06", time) for time in clock)
        outcome = pipe.run(dumps, Compression.NONE, "sql")
        assert (outcome.promised.dumps_begun, outcome.promised.dumps_ended, outcome.promised.dumps_cut) == (
            1500,
            1500,
            0,
        )
        assert len(outcome.promised.completed) <= 1000
        assert outcome.completed_wall == datetime.fromisoformat("2026-11-24")

    @pytest.mark.parametrize("before", [(1 << 20) - 20, (1 << 20) - 500, 3 << 20])
    def test_they_are_counted_wherever_the_pieces_meet_that_are_read(self, pipe: Pipe, before: int) -> None:
        outcome = pipe.run(b"-" * before + b"\n" + CUT + WHOLE, Compression.NONE, "sql")
        assert (outcome.promised.dumps_begun, outcome.promised.dumps_ended) == (2, 1)

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"SELECT 1 /* one */;\n", []), (b"BEGIN;\nSELECT 1;\n", ["dump-uncommitted"]),
            (b"SELECT 1; /* and no end\nSELECT 2;\n-- Dump completed\n", ["dump-end-swallowed"]),
        ],
    )  # fmt: skip
    def test_what_is_not_carried_out_or_not_kept_has_not_loaded(
        self, pipe: Pipe, content: bytes, code: list[str]
    ) -> None:
        assert codes(sql_failure(pipe.run(content, Compression.NONE, "sql"))) == code

    @pytest.mark.parametrize(
        ("near", "line", "code"),
        [
            (";SET @drtool=", 1, []), ("'';SET @drtool=", 1, ["dump-does-not-load"]),
            (";SET @drtool=", 2, ["dump-does-not-load"]),
        ],
    )  # fmt: skip
    def test_a_delimiter_that_is_left_over_is_no_fault(self, pipe: Pipe, near: str, line: int, code: list[str]) -> None:
        """A real client sends our statement behind the semicolon then, as one that the server cannot take."""
        pipe.client(
            "token=$(grep -o '@drtool=[0-9]*' | cut -d = -f 2)\n"
            f"echo \"ERROR 1064 (42000) at line 7: It is wrong near '{near}$token, x' at line {line}\" >&2\nexit 1"
        )
        assert codes(sql_failure(pipe.run(SQL, Compression.NONE, "sql"))) == code

    def test_warnings_are_counted_by_number_and_column_and_no_value_is_kept(self, pipe: Pipe) -> None:
        said = (
            "Warning (Code 1265): Data truncated for column 's' at row 1\n" * 2
            + "Note (Code 1051): Unknown table 'shop.t'\n"
            + "Warning (Code 1366): Incorrect integer value: 'jane@example.org' for column `shop`.`t`.`n` at row 1\n"
            + "Warning (Code 1062): Duplicate entry 'jane@example.org' for key 'PRIMARY'\n"
        )
        pipe.client(f"cat > /dev/null; cat <<'THE END'\n{said}\nTHE END")
        outcome = pipe.run(SQL, Compression.NONE, "sql")
        assert outcome.warnings == {(1265, "s"): 2, (1366, "n"): 1, (1062, ""): 1}
        assert "jane" not in pipe.output


class TestArchives:
    @pytest.mark.parametrize("compression", list(Compression))
    def test_a_healthy_archive_is_unpacked_whole(self, pipe: Pipe, compression: Compression) -> None:
        backup = PACK[compression](archive("./a.jpg", "./b/größe 1.jpg", "./b/-c\n.jpg", size=100_000))
        outcome = pipe.run(backup, compression, "tar")
        assert (outcome.statuses, outcome.end) == ({"read": 0, "decompress": 0, "sink": 0}, "complete")
        assert outcome.sha256 == hashlib.sha256(backup).hexdigest()
        assert sorted(str(path.relative_to(pipe.target)) for path in pipe.target.rglob("*.jpg")) == [
            "a.jpg", "b/-c\n.jpg", "b/größe 1.jpg",
        ]  # fmt: skip
        assert "jpg" not in pipe.output

    def test_an_archive_of_nothing_is_whole(self, pipe: Pipe) -> None:
        outcome = pipe.run(archive(), Compression.NONE, "tar")
        assert (outcome.statuses["sink"], outcome.end) == (0, "complete")

    def test_an_archive_cut_between_two_files_has_no_end(self, pipe: Pipe) -> None:
        outcome = pipe.run(archive("./a.jpg", "./b.jpg")[: 2 * 512], Compression.NONE, "tar")
        assert (outcome.end, codes(tar_failure(outcome))) == ("missing", [])

    def test_an_archive_cut_inside_a_file_is_told_as_cut(self, pipe: Pipe) -> None:
        outcome = pipe.run(archive("./a.jpg", size=10_000)[:5000], Compression.NONE, "tar")
        assert codes(tar_failure(outcome)) == ["archive-truncated"]

    def test_a_damaged_header_is_told_as_damage(self, pipe: Pipe) -> None:
        content = bytearray(archive("./a.jpg", "./b.jpg", "./c.jpg"))
        content[1024 + 10] ^= 0xFF
        assert codes(tar_failure(pipe.run(bytes(content), Compression.NONE, "tar"))) == ["archive-damaged"]

    def test_what_follows_the_end_of_an_archive_is_told(self, pipe: Pipe) -> None:
        outcome = pipe.run(archive("./a.jpg") + b"tar: error\n", Compression.NONE, "tar")
        assert outcome.end == "followed"

    @pytest.mark.parametrize("name", ["../jane.jpg", "/jane.jpg", "a/../../jane.jpg"])
    def test_names_that_lead_out_are_told_and_nothing_is_written_there(self, pipe: Pipe, name: str) -> None:
        outcome = pipe.run(archive("./a.jpg", name), Compression.NONE, "tar")
        failure = tar_failure(outcome)
        assert codes(failure) == ["archive-escapes"]
        assert "jane" not in str(failure)
        assert [str(path) for path in pipe.target.parent.rglob("jane.jpg") if pipe.target not in path.parents] == []

    def test_a_link_that_leads_out_is_not_followed(self, pipe: Pipe, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            link = tarfile.TarInfo("./way")
            link.type, link.linkname, link.uid, link.gid = tarfile.SYMTYPE, str(outside), os.getuid(), os.getgid()
            tar.addfile(link)
            tar.addfile(tarfile.TarInfo("./way/jane.jpg"))
        outcome = pipe.run(buffer.getvalue(), Compression.NONE, "tar")
        assert codes(tar_failure(outcome)) == ["archive-escapes"]
        assert list(outside.iterdir()) == []
