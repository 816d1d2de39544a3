"""What mydumper's metadata and the names of its files tell of a folder."""

from __future__ import annotations

import pytest

from drtool.backups.folder import recognise_folder
from drtool.backups.folder_plan import Counted, Folder
from drtool.errors import RestoreFailed, Unverifiable

DUMPED = "Started dump at: 2026-11-25 01:20:13\n\nFinished dump at: 2026-11-25 01:21:00\n"
CREATED = {"metadata": DUMPED, "shop-schema-create.sql": "", "shop.t-schema.sql": ""}
READS = "/*!40101 SET NAMES binary*/;\nLOAD DATA LOCAL INFILE 'shop.t.00000.dat' INTO TABLE `t` (`a`);\n"


def plan(files: dict[str, str]) -> Folder:
    """Recognise a folder with these files."""
    recognised = recognise_folder(list(files), lambda path: files[path].encode())
    assert recognised.folder
    return recognised.folder


def test_what_its_metadata_say_of_each_table_is_read() -> None:
    said = (
        "[`shop`.`t`]\nreal_table_name=t\nrows = 6\n\n"
        '["a.b"."mydumper_0"]\nreal_table_name=ä/b\nrows = 0\n\n'
        "[`shop`.`v`]\nreal_table_name=v\nrows = 0\nis_view = 1\n\n"
        "[`shop`.`s`]\nreal_table_name=s\nis_sequence = 1\n\n"
        "[`shop`.`old`]\nRows = 7\n[`shop`.`mydumper_1`]\nRows = 8\n"
    )
    assert plan(CREATED | {"metadata": f"{DUMPED}{said}"}).counted == (
        Counted(database="shop", table="t", file="t", kind="table", rows=6),
        Counted(database="a.b", table="ä/b", file="mydumper_0", kind="table", rows=0),
        Counted(database="shop", table="v", file="v", kind="view", rows=0),
        Counted(database="shop", table="s", file="s", kind="sequence", rows=0),
        Counted(database="shop", table="old", file="old", kind="table", rows=7),
    )
    assert plan(CREATED).counted == ()


def test_the_count_beside_each_table_is_read() -> None:
    files = {
        "shop.t-metadata": "12\n",
        "shop.u-metadata": "0",
        "shop.v-metadata": "none",
        "shop.mydumper_0-metadata": "3",
    }
    assert plan(CREATED | files).counted == (
        Counted(database="shop", table="t", file="t", kind="table", rows=12),
        Counted(database="shop", table="u", file="u", kind="table", rows=0),
    )


def test_rows_in_a_file_of_their_own_are_loaded_by_the_statement_beside_them() -> None:
    (rows,) = plan(CREATED | {"shop.t.00000.sql": READS, "shop.t.00000.dat": ""}).rows
    assert (rows.how, rows.path, rows.statement) == ("rows_by", "shop.t.00000.dat", "shop.t.00000.sql")
    assert rows.table == "shop.t"


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"shop.t.00000.sql": READS}, "shop.t.00000.dat"),
        ({"shop.t.00000.sql": READS, "shop.a.00000.dat": "", "shop.a.00000.sql": ""}, "shop.t.00000.dat"),
        ({"shop.t.00000.dat": ""}, "shop.t.00000.sql"),
        ({"shop.u.00000.sql": "", "shop.t.00000.sql": ""}, "shop.u"),
    ],
    ids=["no rows at all", "rows", "the statement", "a definition"],
)
def test_a_file_that_is_missing_is_named(files: dict[str, str], named: str) -> None:
    with pytest.raises(RestoreFailed) as raised:
        plan(CREATED | {"shop.a-schema.sql": ""} | files)
    assert raised.value.code == "folder-incomplete"
    assert named in raised.value.what


def test_it_is_known_by_its_metadata_where_it_made_no_database() -> None:
    files = {
        "metadata": DUMPED,
        "shop.t-schema.sql": "",
        "shop.t.sql": "",
        "blog.p-schema.sql": "",
        "shop-schema-post.sql": "",
    }
    folder = plan(files)
    assert (folder.kind, folder.databases) == ("mydumper", ("blog", "shop"))
    assert [(load.path, load.database) for load in folder.loads] == [
        ("blog.p-schema.sql", "blog"),
        ("shop.t-schema.sql", "shop"),
        ("shop.t.sql", "shop"),
        ("shop-schema-post.sql", "shop"),
    ]
    assert folder.finished


def test_it_is_known_by_its_names_where_its_metadata_are_missing() -> None:
    begins = "/*!40101 SET NAMES binary*/;\n"
    with pytest.raises(RestoreFailed, match="did not finish"):
        plan(
            {
                "shop.t-schema.sql": f"{begins}CREATE TABLE `t` (a INT);\n",
                "shop.t.sql": f"{begins}INSERT INTO `t` VALUES(1);\n",
            }
        )


def test_dumps_beside_somebody_elses_metadata_are_dumps() -> None:
    files = {
        "metadata": DUMPED,
        "shop.sql": "-- MariaDB dump 10.19\nCREATE TABLE `t` (a INT);\n",
        "b.t.sql": "SELECT 1;\n",
    }
    assert plan(files).kind == "folder of dumps"


def test_rows_alone_are_told_as_that() -> None:
    with pytest.raises(RestoreFailed, match="no definitions"):
        plan({"metadata": DUMPED, "shop.t.sql": "", "shop.u.00000.sql": ""})


def test_two_runs_of_the_same_tables_in_one_folder_are_not_one_backup() -> None:
    with pytest.raises(Unverifiable, match="Several runs of mydumper") as raised:
        plan({f"{night}/{name}": text for night in ("mon", "tue") for name, text in CREATED.items()})
    assert "tue/metadata" in raised.value.mend


def test_runs_of_a_database_each_are_one_backup_as_old_as_the_first() -> None:
    earlier = {"crm/metadata": DUMPED.replace("01:2", "00:1"), "crm/crm-schema-create.sql": ""}
    folder = plan({f"shop/{name}": text for name, text in CREATED.items()} | earlier)
    assert [load.path for load in folder.definitions][:2] == [
        "crm/crm-schema-create.sql",
        "shop/shop-schema-create.sql",
    ]
    assert str(folder.started) == "2026-11-25 00:10:13"
    with pytest.raises(RestoreFailed, match="did not finish"):
        plan({f"shop/{name}": text for name, text in CREATED.items()} | earlier | {"crm/metadata": DUMPED[:40]})


def test_checksums_tell_of_which_databases_there_are_triggers_and_routines() -> None:
    said = (
        "[`shop`]\nschema_checksum = 1A\npost_checksum = 2B\ntriggers_checksum = 3C\n[`blog`]\ntriggers_checksum = 0\n"
    )
    files = CREATED | {"metadata": f"{DUMPED}{said}"}
    assert [(one.database, one.kind) for one in plan(files).counted] == [("shop", "triggers"), ("shop", "routines")]
    with_events = plan(files | {"shop-schema-post.sql": ""})
    assert [(one.database, one.kind) for one in with_events.counted] == [("shop", "triggers")]
