"""What a folder of files is, and in which order it is restored, told from names and first bytes."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import pytest

from drtool.backups.backup import look_at
from drtool.backups.folder import recognise_folder
from drtool.backups.folder_plan import Folder
from drtool.backups.recognise import Format, Recognised
from drtool.errors import DrtoolError, RestoreFailed, Unverifiable
from drtool.stores import store_for
from tests.field.packing import tar

HEADER = (
    "-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)\n--\n"
    "-- Host: localhost    Database: {database}\n-- Server version\t10.11.6-MariaDB\n\n"
    "/*!40101 SET NAMES {charset} */;\n"
)
METADATA = (
    "Started dump at: 2026-11-25 01:20:13\nSHOW MASTER STATUS:\n\tPos: 379\n\nFinished dump at: 2026-11-25 01:21:00\n"
)


def table(name: str, *, database: str = "shop", charset: str = "utf8mb4") -> str:
    return HEADER.format(database=database, charset=charset) + f"CREATE TABLE `{name}` (a INT);\n"


def look(files: Mapping[str, str | bytes], *, database: str | None = None) -> Recognised:
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return recognise_folder(list(contents), contents.__getitem__, database=database)


def plan(files: Mapping[str, str | bytes], *, database: str | None = None) -> Folder:
    recognised = look(files, database=database)
    assert recognised.format is Format.DUMP_FOLDER
    assert recognised.folder is not None
    return recognised.folder


def refusal(files: Mapping[str, str | bytes]) -> RestoreFailed:
    with pytest.raises(RestoreFailed) as refused:
        look(files)
    return refused.value


def doubt(files: Mapping[str, str | bytes]) -> Unverifiable:
    with pytest.raises(Unverifiable) as refused:
        look(files)
    return refused.value


def test_metadata_of_a_thousand_tables_are_read_to_their_end(tmp_path: Path) -> None:
    counted = "".join(
        f"[`shop`.`table_{number}`]\nreal_table_name=table_{number}\nrows = 7\n\n" for number in range(2000)
    )
    said = f"# Started dump at: 2026-11-25 01:20:13\n{counted}# Finished dump at: 2026-11-25 01:21:00\n"
    for name, content in {"metadata": said, "shop-schema-create.sql": HEADER, "shop.t-schema.sql": table("t")}.items():
        (tmp_path / name).write_text(content)
    store = store_for(str(tmp_path))
    recognised = look_at(store, store.stat(f"{tmp_path}/"))
    assert recognised.folder is not None
    assert recognised.folder.finished is not None
    assert len(recognised.folder.counted) == 2000

    (tmp_path / "metadata").write_text(said.replace("Finished", "Still running"))
    with pytest.raises(RestoreFailed, match="did not finish"):
        look_at(store, store.stat(f"{tmp_path}/"))


class TestMydumper:
    FILES: ClassVar[dict[str, str | bytes]] = {
        "metadata": METADATA,
        "shop-schema-create.sql.gz": b"",
        "shop-schema-post.sql": "",
        "shop.orders-schema.sql": "",
        "shop.orders-schema-triggers.sql": "",
        "shop.orders.00001.sql.zst": b"",
        "shop.orders.00000.sql": "",
        "shop.totals-schema.sql": "",
        "shop.totals-schema-view.sql": "",
    }

    def test_definitions_come_before_rows_and_triggers_views_and_routines_behind_them(self) -> None:
        folder = plan(self.FILES)
        assert [load.path for load in folder.loads] == [
            "shop-schema-create.sql.gz",
            "shop.orders-schema.sql",
            "shop.totals-schema.sql",
            "shop.orders.00000.sql",
            "shop.orders.00001.sql.zst",
            "shop.orders-schema-triggers.sql",
            "shop.totals-schema-view.sql",
            "shop-schema-post.sql",
        ]
        assert [load.database for load in folder.loads] == [None, *["shop"] * 7]

    @pytest.mark.parametrize("mark", ["", "# "], ids=["0.10", "later"])
    def test_its_start_and_end_are_read(self, mark: str) -> None:
        folder = plan(self.FILES | {"metadata": "\n".join(mark + line for line in METADATA.splitlines())})
        assert folder.started == datetime.fromisoformat("2026-11-25 01:20:13")
        assert folder.finished == datetime.fromisoformat("2026-11-25 01:21:00")

    def test_a_gap_in_the_numbers_of_a_tables_files_is_told_where_they_have_none(self) -> None:
        for left_out, last, gaps in ((None, 2, ()), (1, 2, ("shop.t",)), (0, 2, ())):
            numbers = [number for number in range(last + 1) if number != left_out]
            files = {f"shop.t.0000{number}.sql": "" for number in numbers} | {"shop-schema-create.sql": ""}
            files["shop.t-schema.sql"] = ""
            assert plan(files | {"metadata": METADATA}).gaps == gaps
            assert plan(files | {"metadata": f"# {METADATA}# Finished dump at: 2026-11-25 01:21:00\n"}).gaps == ()

    @pytest.mark.parametrize(
        ("metadata", "sql_mode"),
        [
            (METADATA, ", sql_mode = 'NO_AUTO_VALUE_ON_ZERO', unique_checks = 0"),
            (f"# {METADATA}# Finished dump at: 2026-11-25 01:21:00\n", ""),
            (
                "# Started dump at: 2026-11-25 01:20:13\n[config]\nquote-character = BACKTICK\n\n"
                "[myloader_session_variables]\nSQL_MODE='NO_AUTO_VALUE_ON_ZERO,NO_ZERO_DATE' /*!40101\n\n"
                "# Finished dump at: 2026-11-25 01:21:00\n",
                ", sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_ZERO_DATE'",
            ),
            (
                "# Started dump at: 2026-11-25 01:20:13\n[myloader_session_variables]\n"
                "SQL_MODE='x', GLOBAL general_log = 1\n# Finished dump at: 2026-11-25 01:21:00\n",
                "",
            ),
        ],
        ids=["up to 0.13", "0.14", "from 0.15.3 on", "hostile"],
    )
    def test_rows_are_loaded_in_the_session_that_myloader_of_its_release_sets_up(
        self, metadata: str, sql_mode: str
    ) -> None:
        assert plan(self.FILES | {"metadata": metadata}).session == f"NAMES binary{sql_mode}"
        assert plan({"orders.sql": table("orders"), "orders.txt": ""}).session == ""

    def test_one_that_was_not_finished_is_told(self) -> None:
        without = {path: text for path, text in self.FILES.items() if path != "metadata"}
        for files in (without, self.FILES | {"metadata": METADATA.partition("Finished")[0]}):
            assert refusal(files).code == "dump-unfinished"

    def test_a_database_with_dots_in_its_name_is_told_from_its_tables(self) -> None:
        folder = plan(
            {
                "metadata": METADATA,
                "a.b-schema-create.sql": "",
                "a.b.t-schema.sql": "",
                "a.b.t.sql": "",
                "a-schema-create.sql": "",
            }
        )
        assert [load.database for load in folder.loads] == [None, None, "a.b", "a.b"]


class TestTab:
    FILES: ClassVar[dict[str, str | bytes]] = {
        "orders.sql": table("orders"),
        "orders.txt": "1\n",
        "totals.sql": HEADER.format(database="shop", charset="utf8mb4")
        + "/*!50001 CREATE VIEW `totals` AS select 1 */;\n",
    }

    def test_definitions_come_first_those_without_rows_last(self) -> None:
        folder = plan(self.FILES)
        assert [load.path for load in folder.loads] == ["orders.sql", "totals.sql", "orders.txt"]
        (rows,) = folder.rows
        assert (rows.how, rows.database, rows.table, rows.charset) == ("rows", "shop", "orders", "binary")
        assert folder.databases == ("shop",)

    def test_rows_of_a_named_character_set_are_read_in_it(self) -> None:
        (rows,) = plan({"orders.sql": table("orders", charset="latin1"), "orders.txt": "1\n"}).rows
        assert rows.charset == "latin1"

    def test_a_folder_for_each_database_is_the_output_of_dir(self) -> None:
        files = {f"{name}/t.{end}": table("t", database=name) for name in ("shop", "blog") for end in ("sql", "txt")}
        folder = plan(files)
        assert folder.kind == "mariadb-dump --dir"
        assert [(load.database, load.path) for load in folder.rows] == [("blog", "blog/t.txt"), ("shop", "shop/t.txt")]

    def test_what_is_missing_of_a_table_is_named(self) -> None:
        for missing in ("orders.sql", "orders.txt"):
            files = {**self.FILES, "other.sql": table("other"), "other.txt": ""}
            del files[missing]
            error = refusal(files)
            assert (error.code, "orders" in error.what) == ("folder-incomplete", True)


def test_what_is_called_a_dump_and_is_no_file_is_not_passed_over() -> None:
    content = table("t").encode()
    assert recognise_folder(["a.sql"], lambda _: content, odd=["README", "socket"]).folder
    with pytest.raises(Unverifiable, match=r"b\.sql\.gz is called a dump"):
        recognise_folder(["a.sql"], lambda _: content, odd=["README", "b.sql.gz"])


def test_dumps_that_make_the_same_table_of_one_database_are_not_one_backup() -> None:
    files = {"1.sql": table("t"), "2.sql": table("u"), "3.sql": table("t", database="blog")}
    assert len(plan(files).loads) == 3
    with pytest.raises(Unverifiable, match=r"1\.sql and 4\.sql make the same table"):
        look({**files, "4.sql": table("t")})


UTC = "/*!40103 SET TIME_ZONE='+00:00' */;\n"
ROWS = "/*!40101 SET NAMES binary*/;\n{zone}INSERT INTO `t` VALUES (1);\n"


@pytest.mark.parametrize("zone", [UTC, ""])
def test_whether_a_folder_says_the_zone_of_its_timestamps_is_told_whatever_made_it(zone: str) -> None:
    """Made with --skip-tz-utc it does not; definitions without a header cannot be told to."""
    said = bool(zone)
    mydumper = {"metadata": METADATA, "shop-schema-create.sql": "", "shop.t-schema.sql": "", "shop.a-schema.sql": ""}
    mydumper["shop.a.sql"] = ""
    assert look({**mydumper, "shop.t.00000.sql": ROWS.format(zone=zone)}).says_zone == said
    assert look({**mydumper, "shop.t.00000.sql.gz": gzip.compress(ROWS.format(zone=zone).encode())}).says_zone == said
    assert look({"t.sql": table("t") + zone, "t.txt": "1\n"}).says_zone == said
    assert look({"t.sql": table("t") + zone, "u.sql": table("u") + UTC}).says_zone == said
    assert look(mydumper).says_zone
    assert look({"t.sql": "CREATE TABLE `t` (a INT);\n", "t.txt": "1\n"}).says_zone


class TestSeveralDumps:
    def test_rows_come_behind_definitions_and_accounts_behind_both(self) -> None:
        header = HEADER.format(database="shop", charset="utf8mb4")
        files: dict[str, str | bytes] = {
            "a-data.sql.gz": gzip.compress((header + "LOCK TABLES `t` WRITE;\nINSERT INTO `t` VALUES (1);\n").encode()),
            "b-accounts.sql": HEADER.format(database="", charset="utf8mb4") + "CREATE USER `app`@`%`;\n",
            "c-schema.sql": table("t"),
            "c-schema.sql.sha256": "0" * 64,
            "README": "see the wiki",
        }
        folder = plan(files)
        assert [load.path for load in folder.loads] == ["c-schema.sql", "a-data.sql.gz", "b-accounts.sql"]
        assert folder.databases == ("shop",)

    def test_the_version_and_the_database_are_those_of_the_headers(self) -> None:
        recognised = look({"dump/shop.sql": table("t"), "dump/blog.sql": table("t", database="blog")})
        assert recognised.series == "10.11"
        assert recognised.folder is not None
        assert recognised.folder.databases == ("blog", "shop")

    @pytest.mark.parametrize("name", ["a-grants.sql", "z-grants.sql"])
    def test_a_file_without_a_header_leaves_the_version_to_those_that_have_one(self, name: str) -> None:
        recognised = look({name: "GRANT SELECT ON shop.* TO `app`@`%`;\n", "shop.sql": table("t")})
        assert recognised.series == "10.11"

    @pytest.mark.parametrize(
        ("name", "content", "code"),
        [("crm.sql", b"", "backup-empty"), ("crm.sql.gz", gzip.compress(b"", mtime=0), "backup-empty"),
         ("crm.sql.gz", b"\x1f\x8b", "stream-truncated"), ("CRM.SQL", bytes(400), "not-a-backup"),
         ("crm.dump", b"mysqldump: Got error: 1045: Access denied", "backup-is-an-error-message"),
         ("deeper/crm.sql.zst", b"\x89PNG\r\n\0", "not-a-backup")],
    )  # fmt: skip
    def test_a_dump_that_is_none_is_not_left_out_without_a_word(self, name: str, content: bytes, code: str) -> None:
        error = refusal({"shop.sql": table("t"), name: content})
        assert (error.code, name in error.what) == (code, True)

    @pytest.mark.parametrize(
        ("name", "content"),
        [("crm.sql.gz.gpg", b"\x85\x01\x0c\x03" + bytes(99)), ("crm.sql.age", b"age-encryption.org/v1\n")],
    )
    def test_an_encrypted_dump_among_others_is_named_as_a_backup_of_its_own(self, name: str, content: bytes) -> None:
        assert plan({"shop.sql": table("t"), name: content}).backups == ((name, Format.ENCRYPTED),)
        with pytest.raises(Unverifiable, match=name) as refused:
            look({name: content, "README": "see the wiki"})
        assert refused.value.code == "file-not-restored"
        assert plan({"shop.sql": table("t"), "env.age": content}).left_out == ("env.age",)

    def test_of_archives_beside_a_dump_those_of_a_database_are_told_from_those_of_files(self) -> None:
        files = {"site/a.txt": "a"}
        database = {"d/t.sql": table("t"), "d/t.txt": "1\n"}
        folder = plan(
            {"20260102-shop.sql.gz": gzip.compress(table("t").encode()), "f.tar": tar(files), "d.tar": tar(database)}
        )
        assert folder.left_out == ("f.tar",)
        assert folder.backups == (("d.tar", Format.TAR),)

    def test_a_folder_that_holds_no_dump_and_a_backup_of_its_own_is_told_to_be_that(self) -> None:
        for name, content in {"night.gpg": b"\x85\x01\x0c\x03" + bytes(99), "night.tar": tar({"a": "a"})}.items():
            assert doubt({name: content}).code == "file-not-restored"
            assert doubt({name: content, "sums.txt": "x"}).code == "file-not-restored"
            assert refusal({name: content, "shop": "mysqldump: Got error: 1045: Access denied"}).code == "not-a-backup"

    @pytest.mark.parametrize(
        ("names", "opened_by"),
        [(("README", "config", "data/0/1", "hints.1", "index.1"), "borg"),
         (("b/kopia.repository.f", "b/p/ab/c.f"), "kopia"),
         (("duplicati-b12.dblock.zip.aes", "duplicati-20261130T030000Z.dlist.zip.aes"), "duplicati"),
         (("full/xtrabackup_info.lz4.00000000000000000000", "full/ibdata1.lz4.00000000000000000000"), "xbcloud"),
         (("drive-scsi0.img.fidx", "index.json.blob"), "proxmox"),
         (("Config/_Syno_TaskConfig", "Pool/0/1.bucket"), "Hyper"),
         (("v/volume.cfg", "v/blocks/0a/1b/0a1b2c.blk"), "Longhorn")],
    )  # fmt: skip
    def test_the_store_of_a_backup_program_is_named_with_what_opens_it(
        self, names: tuple[str, ...], opened_by: str
    ) -> None:
        failure = doubt(dict.fromkeys(names, b"AES\2\0\0"))
        assert (failure.code, opened_by in failure.mend) == ("format-unsupported", True)
        assert plan({**dict.fromkeys(names, "x"), "shop.sql": table("t")}).left_out

    def test_parts_of_one_backup_in_a_folder_are_named(self) -> None:
        whole = gzip.compress(table("t").encode())
        parts = {"shop.sql.gz.aa": whole[:40], "shop.sql.gz.ab": whole[40:]}
        failure = doubt(parts)
        assert (failure.code, "shop.sql.gz.aa" in failure.what) == ("file-not-restored", True)
        assert plan({**parts, "shop.sql.gz.aa": table("u"), "shop.sql.gz.ab": whole}).left_out == ()

    @pytest.mark.parametrize("content", [b"\x28\xb5\x2f\xfd\x04", b"\x1f\x8b"])
    def test_a_stream_that_is_cut_at_its_start_is_told_as_that_whatever_lies_beside(self, content: bytes) -> None:
        assert refusal({"shop": content}).code == "stream-truncated"
        assert refusal({"README": "see the wiki", "shop": content}).code == "stream-truncated"
        assert refusal({"shop": b""}).code == "backup-empty"
        assert refusal({"README": "see the wiki"}).code == "not-a-backup"

    def test_what_is_no_dump_by_its_name_either_is_named_as_left_out(self) -> None:
        postgres = "--\n-- PostgreSQL database dump\n--\n"
        folder = plan(
            {"shop.sql": table("t"), "README": "see the wiki", "photos.tar": bytes(512), "wiki.sql": postgres}
        )
        assert folder.left_out == ("README", "photos.tar", "wiki.sql")
        assert plan({"shop.sql": table("t"), ".swp": "x", "shop.sql.log": "0"}).left_out == (".swp", "shop.sql.log")

    def test_a_folder_of_something_else_is_no_backup(self) -> None:
        with pytest.raises(Unverifiable) as refused:
            look({"photo.jpg": b"\xff\xd8\xff", "notes.txt": "buy milk"})
        assert refused.value.code == "files-not-packed"

    @pytest.mark.parametrize(
        "files",
        [{"shop.sql": bytes(99), "photo.jpg": b"\xff\xd8\xff"}, {"DUMP.gz": gzip.compress(bytes(99)), "a": b"\xff\0"},
         {"shop.bak": bytes(99)}, {"a.log": "x", "mail": "mysqldump: Got error: 1045: Access denied", "b": b"\xff\0"}],
    )  # fmt: skip
    def test_what_should_have_been_one_is_no_folder_of_files(self, files: dict[str, str | bytes]) -> None:
        assert refusal(files).code == "not-a-backup"


def test_a_physical_backup_is_told_even_a_folder_deeper() -> None:
    for name in ("xtrabackup_checkpoints", "mariadb_backup_info"):
        recognised = look({f"full/{name}": "", "full/ibdata1": b"\0", "full/shop/orders.ibd": b"\0"})
        assert recognised.format is Format.PHYSICAL_FOLDER


def test_a_physical_backup_with_notes_of_its_job_beside_its_folder_is_that_backup() -> None:
    whole: dict[str, str | bytes] = dict.fromkeys(("base/xtrabackup_info", "base/xtrabackup_checkpoints"), b"")
    notes = {"backup.log": "[00] 2026-01-02 03:04:05 completed OK!\n", "LATEST": "base\n", "logs/old.err": ""}
    assert look({**whole, **notes}).format is Format.PHYSICAL_FOLDER
    noise = b"\x1f\x8b\x08" + bytes(20)
    for name, content in (("a.txt", table("t")), ("dump", noise), ("inc/xtrabackup_info", ""), ("a.sql", "")):
        assert doubt({**whole, **notes, name: content}).code == "backups-mixed"


def test_a_name_that_no_tool_makes_is_refused() -> None:
    with pytest.raises(Unverifiable) as refused:
        look({"a\tb.sql": ""})
    assert refused.value.code == "name-not-text"


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("ibdata1", "mysql_upgrade_info", "shop/orders.frm"), "data-folder-copied"),
        (("orders.frm", "orders.ibd", "db.opt"), "data-folder-copied"),
        (("ibdata1", "shop/orders.ibd"), "physical-info-missing"),
        (("ibdata1.gz", "xtrabackup_info.gz", "shop/orders.frm.gz"), "compression-unsupported"),
        (("monday/xtrabackup_info", "monday/ibdata1", "tuesday/xtrabackup_info", "tuesday/ibdata1"), "backups-mixed"),
    ],
)
def test_files_of_a_server_are_told_for_what_they_are(names: tuple[str, ...], code: str) -> None:
    with pytest.raises(DrtoolError) as refused:
        recognise_folder(names, lambda _: bytes(100))
    assert refused.value.code == code
    assert (
        recognise_folder(["full/xtrabackup_info", "full/ibdata1"], lambda _: bytes(100)).format
        is Format.PHYSICAL_FOLDER
    )


def test_a_file_that_is_there_twice_compressed_and_not_is_restored_once_or_not_at_all() -> None:
    names = ("metadata", "shop-schema-create.sql", "shop.t-schema.sql", "shop.t.00000.sql")
    whole = {**dict.fromkeys(names, b""), "metadata": b"Finished dump at: 2026-01-02 03:04:05\n", "README.gz": b""}
    assert recognise_folder([*whole, "README"], {**whole, "README": b""}.__getitem__).folder
    with pytest.raises(Unverifiable, match=r"shop\.t\.00000\.sql\.gz are one file") as refused:
        recognise_folder([*whole, "shop.t.00000.sql.gz"], whole.__getitem__)
    assert refused.value.code == "dumps-mixed"


class TestWithoutAnEnding:
    DUMPS: ClassVar = {"db/shop": table("a"), "db/blog": table("b", database="blog")}

    @pytest.mark.parametrize("content", [b"", b"mysqldump: Got error: 1045: Access denied\n", b"\0" * 100])
    def test_what_is_named_as_its_neighbours_are_is_one_of_the_dumps(self, content: bytes) -> None:
        assert "db/wiki" in refusal({**self.DUMPS, "db/wiki": content}).what

    @pytest.mark.parametrize("path", ["db/LOCK", "db/README", "db/.keep", "state/running", "tmp", "db/wiki.pid"])
    def test_what_jobs_leave_is_none_of_them(self, path: str) -> None:
        assert plan({**self.DUMPS, path: b""}).left_out == (path,)

    def test_a_host_of_its_own_makes_no_difference_where_folders_are_those_of_hosts(self) -> None:
        files = {"mariadb_databases/one/shop": table("a"), "mariadb_databases/two/wiki": ""}
        assert "two/wiki" in refusal(files).what


class TestComments:
    DUMPS: ClassVar = {"shop.sql": table("a"), "blog.sql": table("b", database="blog")}

    def test_alone_they_are_harmless(self) -> None:
        assert plan({**self.DUMPS, "views.sql": "-- none\n/* at all */\n"}).left_out == ("views.sql",)

    @pytest.mark.parametrize("content", ["", "\n\n", "-- mysqldump: Couldn't execute 'SHOW'\n", "-- so far\nnothing\n"])
    def test_what_says_nothing_or_something_else_is_not(self, content: str) -> None:
        assert "views.sql" in refusal({**self.DUMPS, "views.sql": content}).what

    def test_views_that_their_job_set_aside_come_last_and_name_no_database(self) -> None:
        view = "--\n-- DDL of Invalid Views\n--\nCREATE VIEW `shop`.`v` AS select 1 AS `a`;\n"
        of_job = plan({**self.DUMPS, "invalid_views.sql": view})
        assert [load.path for load in of_job.invalid] == ["invalid_views.sql"]
        assert of_job.databases == ("blog", "shop")
