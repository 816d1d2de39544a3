"""Folders of dumps of which a member is not there, not whole, not a dump, or not where it seems to be."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.attacks.attack import MADE_AT, Attack, Drilled, Input, each, judge, verify
from tests.attacks.dumps import HEADER, TABLES, TRAILER, dump

_METADATA = "Started dump at: 2026-01-02 03:04:00\nFinished dump at: 2026-01-02 03:04:05\n"
_CREATE = "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `app`;\n"
_ROWS = "/*!40103 SET TIME_ZONE='+00:00' */;\nINSERT INTO `t` VALUES({0}1),({0}2);\n"
_DEFINITION = "CREATE TABLE `t` (`a` int NOT NULL) ENGINE=InnoDB;\n"
_EMPTY_GZIP = gzip.compress(b"", mtime=0)
_INCOMPLETE = ("folder-incomplete",)
_STAND_IN = """
-- Temporary table structure for view `v`
/*!50001 CREATE VIEW `v` AS SELECT
 NULL AS `id` */;
"""


def _dump(database: str, **parts: str) -> str:
    made = f"CREATE DATABASE `{database}`;\nUSE `{database}`;\n"
    return dump(before=made, **parts).replace("Database: app", f"Database: {database}")


def _again(database: str) -> str:
    return dump(before="DROP TABLE IF EXISTS `orders`, `people`;\n").replace("Database: app", f"Database: {database}")


_TWO = {"a.sql": _dump("a"), "b.sql": _dump("b")}
_ALL = "".join(_TWO.values()).replace("CREATE DATABASE", "CREATE DATABASE IF NOT EXISTS")
_MYDUMPER: dict[str, str | bytes] = {
    "metadata": _METADATA,
    "app-schema-create.sql": _CREATE,
    "app.t-schema.sql": _DEFINITION,
    **{f"app.t.0000{number}.sql": _ROWS.format(number) for number in range(3)},
}
_COUNTED = {
    **_MYDUMPER,
    "metadata": f"# {_METADATA.replace(chr(10), chr(10) + '# ').rstrip('# ')}\n[`app`.`t`]\nrows = 6\n",
}
_EMPTY_BETWEEN = {
    name: text.replace("rows = 6", "rows = 4") if isinstance(text, str) else text
    for name, text in _COUNTED.items()
    if name != "app.t.00001.sql"
}
# What production took in a mode that is not strict, and myloader takes again.
_LAX: dict[str, str | bytes] = {
    "metadata": _METADATA,
    "app-schema-create.sql": _CREATE,
    "app.t-schema.sql": "CREATE TABLE `t` (`a` tinyint AUTO_INCREMENT PRIMARY KEY, `b` enum('x') NOT NULL);\n",
    "app.t.sql": "INSERT INTO `t` VALUES(0,'x'),(1,'');\n",
}
_TAB: dict[str, str | bytes] = {
    "people.sql": HEADER + TABLES.partition("INSERT")[0] + TRAILER,
    "people.txt": "1\tAnn\t\\N\n2\tBob\t\\N\n",
}


def _folder(files: Mapping[str, str | bytes], arrange: Callable[[Path], object] | None = None, *options: str) -> Input:
    def arranged(folder: Path) -> None:
        if arrange:
            arrange(folder / "dumps")
        for path in (*(folder / "dumps").rglob("*"), folder / "dumps"):
            if path.exists():
                os.utime(path, (MADE_AT.timestamp(), MADE_AT.timestamp()), follow_symlinks=False)

    return verify("dumps/", *options, files={f"dumps/{name}": text for name, text in files.items()}, arrange=arranged)


def _without(files: Mapping[str, str | bytes], name: str, instead: Mapping[str, str | bytes] | None = None) -> Input:
    return _folder({path: text for path, text in files.items() if path != name} | dict(instead or {}))


def _tarred(files: Mapping[str, str | bytes], *more: tarfile.TarInfo) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, text in files.items():
            content = text.encode() if isinstance(text, str) else text
            info = tarfile.TarInfo(f"dumps/{name}")
            info.size, info.mtime = len(content), int(MADE_AT.timestamp())
            archive.addfile(info, io.BytesIO(content))
        for info in more:
            archive.addfile(info)
    return stream.getvalue()


def _in_a_tar(files: Mapping[str, str | bytes], *more: tarfile.TarInfo) -> Input:
    return verify("dumps.tar", files={"dumps.tar": _tarred(files, *more)})


def _link(name: str, to: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(f"dumps/{name}")
    info.type, info.linkname = tarfile.SYMTYPE, to
    return info


_WHOLE, _DUMPED, _TABBED = _folder(_TWO), _folder(_MYDUMPER), _folder(_TAB, None, "--database", "app")
_MEMBERS: dict[str, tuple[str | bytes, tuple[str, ...]]] = {
    "empty": ("", ("backup-empty",)),
    "an-error-message": ("mariadb-dump: Got error: 1045: Access denied\n", ("backup-is-an-error-message",)),
    "zeros": (bytes(70_000), ("not-a-backup",)),
    "cut-between-statements": (_dump("c", trailer=""), ("dump-trailer-missing",)),
    "cut-inside-a-statement": (_dump("c").partition("),(2,1)")[0], ("dump-truncated",)),
    "without-its-view": (_dump("c", more=_STAND_IN), ("views-unfinished",)),
    "html": ("<html><body>502 Bad Gateway</body></html>\n", ("not-a-backup",)),
    "a-picture": (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 9, ("not-a-backup",)),
}
_PACKED: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "an-empty-gzip": (_EMPTY_GZIP, ("backup-empty",)),
    "a-cut-gzip": (gzip.compress(_dump("c").encode(), mtime=0)[:-40], ("stream-truncated", "stream-damaged")),
    "a-damaged-gzip": (gzip.compress(_dump("c").encode(), mtime=0)[:-8] + b"\1" * 8, ("stream-damaged",)),
    "a-gzip-of-an-error": (gzip.compress(b"mysqldump: Got error: 2002\n", mtime=0), ("backup-is-an-error-message",)),
}

ATTACKS = (
    *(
        Attack(
            name=f"one-of-three-is-{name}",
            bad=_folder({**_TWO, "c.sql": content}),
            twin=_WHOLE,
            told=told,
            worst=name == "empty",
        )
        for name, (content, told) in _MEMBERS.items()
    ),
    *(
        Attack(
            name=f"one-of-three-is-{name}",
            bad=_folder({**_TWO, "c.sql.gz": content}),
            twin=_folder({**_TWO, "c.sql.gz": gzip.compress(_dump("c").encode(), mtime=0)}),
            told=told,
        )
        for name, (content, told) in _PACKED.items()
    ),
    Attack(
        name="one-of-three-in-an-archive-is-empty",
        bad=_in_a_tar({**_TWO, "c.sql": ""}),
        twin=_in_a_tar(_TWO),
        told=("backup-empty",),
    ),
    Attack(
        name="one-of-three-in-an-archive-leads-out",
        bad=_in_a_tar(_TWO, _link("c.sql", "/etc/passwd")),
        twin=_in_a_tar(_TWO, _link("latest.sql", "b.sql")),
        told=("file-not-restored",),
        code=3,
    ),
    Attack(
        name="folder-of-more-dumps-in-an-archive-is-a-link-that-leads-out",
        bad=_in_a_tar(_TWO, _link("more", "/backups/more")),
        twin=_in_a_tar({**_TWO, "here/README": "two dumps"}, _link("there", "here")),
        told=("links that lead out of the archive or nowhere, pipes or the like: dumps/more",),
        code=0,
    ),
    Attack(
        name="one-of-three-in-an-archive-has-a-name-in-another-encoding",
        bad=_in_a_tar({**_TWO, "caf\udce9.sql": _dump("c")}),
        twin=_in_a_tar({**_TWO, "café.sql": _dump("c")}),
        told=("name-not-text",),
        code=3,
    ),
    Attack(
        name="one-of-three-is-an-archive-of-dumps",
        bad=_folder({**_TWO, "c.tar": _tarred({"c.sql": _dump("c")})}),
        twin=_folder({**_TWO, "c.sql": _dump("c")}),
        told=("file-not-restored",),
        code=3,
    ),
    Attack(
        name="one-of-three-is-a-link-to-nowhere",
        bad=_folder(_TWO, lambda folder: (folder / "c.sql").symlink_to("gone.sql")),
        twin=_folder(_TWO, lambda folder: (folder / "latest.sql").symlink_to("b.sql")),
        told=("file-not-restored",),
        code=3,
    ),
    Attack(
        name="one-of-three-is-a-link-that-leads-out",
        bad=_folder(_TWO, lambda folder: (folder / "c.sql").symlink_to("/etc/passwd")),
        twin=_folder(_TWO, lambda folder: (folder / "README").write_text("two dumps\n")),
        told=("file-not-restored",),
        code=3,
    ),
    Attack(
        name="one-of-three-is-a-pipe",
        bad=_folder(_TWO, lambda folder: os.mkfifo(folder / "c.sql")),
        twin=_WHOLE,
        told=("file-not-restored", "backup-not-a-file"),
        code=3,
    ),
    Attack(
        name="two-dumps-of-one-database",
        bad=_folder(
            {
                "a.sql": dump(),
                "b.sql": dump()
                .replace("'Ann'", "'Amy'")
                .replace("CREATE TABLE `people`", "DROP TABLE IF EXISTS `orders`, `people`;\nCREATE TABLE `people`"),
            }
        ),
        twin=_WHOLE,
        told=("dumps-mixed",),
        code=3,
    ),
    Attack(
        name="dump-of-all-databases-beside-one-of-them",
        bad=_folder({"all.sql": _ALL, "b.sql": _again("b")}),
        twin=_folder({"all.sql": _ALL, "c.sql": _again("c")}),
        told=("dumps-mixed",),
        code=3,
    ),
    Attack(
        name="one-of-two-that-says-nothing-by-its-end",
        bad=_folder({"a.sql": _dump("a"), "b.sql": f"CREATE DATABASE b;\nUSE b;\n{TABLES}"}),
        twin=_folder({"a.sql": _dump("a"), "b.sql": "CREATE USER IF NOT EXISTS 'b'@'%' IDENTIFIED BY 'b';\n"}),
        told=("backup is complete",),
        code=3,
    ),
    Attack(
        name="mydumper-gap-in-its-chunks",
        bad=_without(_MYDUMPER, "app.t.00001.sql"),
        twin=_DUMPED,
        told=("chunk-missing",),
        code=3,
        worst=True,
    ),
    Attack(
        name="mydumper-chunk-missing-that-its-metadata-counts",
        bad=_without(_COUNTED, "app.t.00001.sql"),
        twin=_folder(_EMPTY_BETWEEN),
        told=_INCOMPLETE,
    ),
    Attack(
        name="mydumper-first-chunk-missing-that-its-metadata-counts",
        bad=_without(_COUNTED, "app.t.00000.sql"),
        twin=_folder(_COUNTED),
        told=_INCOMPLETE,
    ),
    Attack(
        name="mydumper-last-chunk-missing-that-its-metadata-counts",
        bad=_without(_COUNTED, "app.t.00002.sql"),
        twin=_folder(_COUNTED),
        told=_INCOMPLETE,
    ),
    Attack(
        name="mydumper-chunk-of-no-bytes",
        bad=_folder({**_MYDUMPER, "app.t.00001.sql": ""}),
        twin=_DUMPED,
        told=("chunk-missing",),
        code=3,
    ),
    Attack(
        name="mydumper-chunk-cut-between-statements-that-its-metadata-counts",
        bad=_folder({**_COUNTED, "app.t.00001.sql": _ROWS.format(1).partition("INSERT")[0]}),
        twin=_folder(_COUNTED),
        told=_INCOMPLETE,
    ),
    Attack(
        name="mydumper-definition-missing",
        bad=_without(_MYDUMPER, "app.t-schema.sql"),
        twin=_DUMPED,
        told=(*_INCOMPLETE, "dump-does-not-load"),
    ),
    Attack(
        name="mydumper-value-that-does-not-fit",
        bad=_folder({**_LAX, "app.t.sql": "INSERT INTO `t` VALUES(0,'x'),(300,'');\n"}),
        twin=_folder(_LAX),
        told=("rows-altered",),
    ),
    Attack(
        name="mydumper-that-never-finished",
        bad=_folder({**_MYDUMPER, "metadata": _METADATA.partition("Finished")[0]}),
        twin=_DUMPED,
        told=("dump-unfinished",),
    ),
    Attack(
        name="mydumper-metadata-missing", bad=_without(_MYDUMPER, "metadata"), twin=_DUMPED, told=("dump-unfinished",)
    ),
    Attack(
        name="mydumper-metadata-unfinished-under-its-partial-name",
        bad=_without(_MYDUMPER, "metadata", {"metadata.partial": _METADATA.partition("Finished")[0]}),
        twin=_DUMPED,
        told=("dump-unfinished",),
    ),
    Attack(
        name="tab-rows-missing",
        bad=_folder({**_TAB, "more.sql": str(_TAB["people.sql"]).replace("people", "more")}, None, "--database", "app"),
        twin=_TABBED,
        told=_INCOMPLETE,
    ),
    Attack(
        name="tab-rows-cut-inside-a-line",
        bad=_folder({**_TAB, "people.txt": "1\tAnn\t\\N\n2\tBo"}, None, "--database", "app"),
        twin=_TABBED,
        told=("rows-truncated", "rows-altered", "dump-does-not-load"),
    ),
    Attack(
        name="tab-rows-with-commas-and-quotes",
        bad=_folder({**_TAB, "people.txt": '"1","Ann",\\N\n"2","Bob",\\N\n'}, None, "--database", "app"),
        twin=_TABBED,
        told=("rows-altered", "dump-does-not-load", "rows-truncated"),
    ),
    Attack(
        name="tab-rows-of-one-duplicate-key",
        bad=_folder({**_TAB, "people.txt": "1\tAnn\t\\N\n1\tBob\t\\N\n"}, None, "--database", "app"),
        twin=_TABBED,
        told=("dump-does-not-load", "rows-altered"),
    ),
)


@each(ATTACKS)
def test_a_folder_of_which_a_member_is_not_whole_does_not_pass(attack: Attack, drilled: Drilled) -> None:
    judge(attack, drilled)
