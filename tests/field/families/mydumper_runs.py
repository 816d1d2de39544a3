"""What mydumper leaves of runs with other options than the usual ones, and what of it gets lost on the way."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import dump, table

_VIEWS_LOST = "mydumper/mydumper#457; mydumper/mydumper#723"
_LOAD_DATA = "mydumper/mydumper#1142"
_DUMPED = "Started dump at: 2026-01-02 03:04:02\n\nFinished dump at: 2026-01-02 03:04:05\n"
_NEWER = "# Started dump at: 2026-01-02 03:04:02\n[config]\nquote-character = BACKTICK\n"
_HEAD = "/*!40101 SET NAMES binary*/;\n/*!40014 SET FOREIGN_KEY_CHECKS=0*/;\n/*!40103 SET TIME_ZONE='+00:00' */;\n"
_SEATS = (
    "CREATE TABLE `seats` (\n  `id` int(11) NOT NULL,\n  `who` varchar(40) DEFAULT NULL,\n  PRIMARY KEY (`id`)\n);\n"
)
_BOOKED = (
    "CREATE TABLE `booked` (\n  `id` int(11) NOT NULL,\n  `seat` int(11) NOT NULL,\n  PRIMARY KEY (`id`),\n"
    "  CONSTRAINT `of_seat` FOREIGN KEY (`seat`) REFERENCES `seats` (`id`)\n) ENGINE=InnoDB;\n"
)
_CREATED = {"hall-schema-create.sql": "CREATE DATABASE `hall`;\n"}
_TABLES = {
    "hall.booked-schema.sql": f"{_HEAD}{_BOOKED}",
    "hall.booked.sql": f"{_HEAD}INSERT INTO `booked` VALUES\n(1,2),\n(2,3);\n",
    "hall.seats-schema.sql": f"{_HEAD}{_SEATS}",
    "hall.seats.sql": f'{_HEAD}INSERT INTO `seats` VALUES\n(1,NULL),\n(2,"Ann"),\n(3,"Bo");\n',
}
_STAND_IN = "/*!40101 SET NAMES binary*/;\nCREATE TABLE `taken`(\n`id` int,\n`who` int\n)ENGINE=MyISAM;\n"
_VIEW = {
    "hall.taken-schema.sql": _STAND_IN,
    "hall.taken-schema-view.sql": "DROP TABLE IF EXISTS `taken`;\nDROP VIEW IF EXISTS `taken`;\n"
    "CREATE VIEW `taken` AS select `seats`.`id` AS `id`,`seats`.`who` AS `who` from `seats`;\n",
}
_AS_TABLE = {
    "hall.taken-schema.sql": "CREATE TABLE IF NOT EXISTS `taken`(\n`id` int(11),\n`who` text\n) ENGINE=InnoDB;\n",
    "hall.taken.00000.sql": f'{_HEAD}INSERT INTO `taken` VALUES(2,"Ann")\n,(3,"Bo");\n',
}
_SEQUENCE = {
    "hall.next_id-schema-sequence.sql": "CREATE SEQUENCE `next_id` start with 1;\nDO SETVAL(`next_id`, 77, 0);\n"
}
_SYSTEM = {
    "mysql-schema-create.sql": "CREATE DATABASE `mysql`;\n",
    "mysql.global_priv-schema.sql": f"{_HEAD}CREATE TABLE `global_priv` (\n  `Host` char(255) NOT NULL DEFAULT '',\n"
    "  `User` char(128) NOT NULL DEFAULT '',\n  `Priv` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL "
    "DEFAULT '{}' CHECK (json_valid(`Priv`)),\n  PRIMARY KEY (`Host`,`User`)\n"
    ") ENGINE=Aria TRANSACTIONAL=1 DEFAULT CHARSET=utf8mb3 COLLATE=utf8mb3_bin;\n",
    "mysql.global_priv.sql": f"{_HEAD}INSERT INTO `global_priv` VALUES\n"
    '("localhost","root","{\\"access\\":18446744073709551615,\\"plugin\\":\\"unix_socket\\"}"),\n'
    '("%","usher","{\\"access\\":1,\\"plugin\\":\\"mysql_native_password\\",'
    f'\\"authentication_string\\":\\"*{"4E" * 20}\\"}}");\n',
    "mysql.user-schema.sql": "CREATE TABLE `user`(\n`Host` int,\n`User` int\n)ENGINE=MyISAM;\n",
    "mysql.user-schema-view.sql": "DROP TABLE IF EXISTS `user`;\nDROP VIEW IF EXISTS `user`;\n"
    "CREATE VIEW `user` AS select `Host` AS `Host`,`User` AS `User` from `global_priv`;\n",
}
_OF_ANOTHER_SERIES = {
    "mysql.servers-schema.sql": f"{_HEAD}CREATE TABLE `servers` (\n  `Server_name` char(64) NOT NULL DEFAULT '',\n"
    "  `Host` char(64) NOT NULL DEFAULT '',\n  PRIMARY KEY (`Server_name`)\n) ENGINE=Aria DEFAULT CHARSET=utf8mb3;\n"
}
_WHOLE = {"metadata": _DUMPED, **_CREATED, **_TABLES}


def _given(files: dict[str, str], *without: str) -> Input:
    return verify("dump/", {f"dump/{name}": text for name, text in files.items() if name not in without})


def _counted(**said: str) -> dict[str, str]:
    """Return newer metadata that say these things of tables, beside the numbers of rows of the usual two."""
    sections = {"seats": "rows = 3", "booked": "rows = 2", **said}
    tables = "".join(f"\n[`hall`.`{name}`]\nreal_table_name={name}\n{text}\n" for name, text in sections.items())
    return {"metadata": f"{_NEWER}{tables}# Finished dump at: 2026-01-02 03:04:05\n"}


def _runs_apart(second: str) -> Input:
    """Return two runs in a folder; the second has its metadata under this name."""
    other = {name.replace("hall", "club"): text.replace("hall", "club") for name, text in _WHOLE.items()}
    ended = other.pop("metadata")
    said = ended if second == "metadata" else ended.partition("\n")[0]
    files = {f"hall/{name}": text for name, text in _WHOLE.items()}
    return _given(files | {f"club/{name}": text for name, text in {**other, second: said}.items()})


def _checked(checksum: str) -> dict[str, str]:
    said = f"\n[`hall`]\nschema_checksum = 1A2B\npost_checksum = 0\ntriggers_checksum = {checksum}\n# Finished"
    return {"metadata": _counted()["metadata"].replace("# Finished", said)}


def _reads(table: str, file: str, how: str) -> str:
    return f"{_HEAD}LOAD DATA LOCAL INFILE '{file}' {how.format(table=table)};\n"


_TABS = (
    "REPLACE INTO TABLE `{table}` CHARACTER SET binary FIELDS TERMINATED BY '\\t' ENCLOSED BY '' ESCAPED BY '\\\\' "
    "LINES STARTING BY '' TERMINATED BY '\\n' "
)
_LOADED = {
    "metadata": _DUMPED,
    **_CREATED,
    **{name: text for name, text in _TABLES.items() if name.endswith("-schema.sql")},
    "hall.booked.00000.sql": _reads("booked", "hall.booked.00000.dat", f"{_TABS}(`id`,`seat`)"),
    "hall.booked.00000.dat": "1\t2\n2\t3\n",
    "hall.seats.00000.sql": _reads("seats", "hall.seats.00000.dat", f"{_TABS}(`id`,`who`)"),
    "hall.seats.00000.dat": "1\t\\N\n2\tAnn\\\nO\n3\tBo\n",
}
_CSV = (
    "INTO TABLE `{table}` CHARACTER SET binary FIELDS TERMINATED BY ';' ENCLOSED BY '\"' ESCAPED BY '\\\\' "
    "LINES TERMINATED BY '|\\r\\n' IGNORE 1 LINES (`id`,@who)SET `who`=UNHEX(@who)"
)
_LOADED_CSV = {
    **_LOADED,
    "hall.seats.00000.sql": _reads("seats", "hall.seats.00000.dat", _CSV),
    "hall.seats.00000.dat": '"id";"who"|\r\n1;"416E6E"|\r\n2;\\N|\r\n3;"426F"|\r\n',
}

_COUNTED_TOO = {
    "metadata": _counted()["metadata"].replace(
        "# Finished", "\n[`mysql`.`global_priv`]\nreal_table_name=global_priv\nrows = 2\n# Finished"
    )
}
_DEFINED = table("customers", "`id` int(11) NOT NULL,\n  `name` varchar(40) DEFAULT NULL")
_ROWS = dump("LOCK TABLES `customers` WRITE;\nINSERT INTO `customers` VALUES (1,'Ann'),(2,'Bo');\nUNLOCK TABLES;\n")
_TRIGGERS = dump("CREATE TRIGGER `named` BEFORE INSERT ON `customers` FOR EACH ROW SET NEW.name = TRIM(NEW.name);\n")

CASES = (
    Case(
        number="md01",
        seen=_VIEWS_LOST,
        tried=fails(
            "mydumper, the file of a view lost: what stood in for it stays a table",
            _given(_WHOLE | _VIEW, "hall.taken-schema-view.sql"),
            "views-unfinished",
            says=["hall.taken", "-schema-view.sql"],
        ),
        twin=passes("the same with that file", _given(_WHOLE | _VIEW)),
    ),
    Case(
        number="md01b",
        seen=f"{_VIEWS_LOST}; mydumper/mydumper#762",
        tried=fails(
            "its metadata name a view of which neither file is there",
            _given({**_WHOLE, **_counted(taken="rows = 0\nis_view = 1")}),
            "views-unfinished",
            says=["hall.taken"],
        ),
        twin=passes(
            "they name a view and count no rows of it, which is there",
            _given({**_WHOLE, **_VIEW, **_counted(taken="rows = 0\nis_view = 1")}),
        ),
    ),
    Case(
        number="md01c",
        seen="mydumper/mydumper#762",
        tried=fails(
            "its metadata name a sequence whose file is lost",
            _given({**_WHOLE, **_counted(next_id="rows = 0\nis_sequence = 1")}),
            "folder-incomplete",
            says=["hall.next_id"],
        ),
        twin=passes(
            "--views-as-tables, and a sequence that is there",
            _given(
                {
                    **_WHOLE,
                    **_AS_TABLE,
                    **_SEQUENCE,
                    **_counted(taken="rows = 2\nis_view = 1", next_id="rows = 0\nis_sequence = 1"),
                }
            ),
        ),
    ),
    Case(
        number="md01d",
        seen="mydumper/mydumper#762",
        tried=fails(
            "its metadata have a checksum of triggers, whose file is lost",
            _given({**_WHOLE, **_checked("6BC1D200")}),
            "folder-incomplete",
            says=["the triggers of hall"],
        ),
        twin=passes("the checksum of none", _given({**_WHOLE, **_checked("0")})),
    ),
    Case(
        number="md02",
        seen="mydumper/mydumper#762; mydumper/mydumper#674",
        tried=fails(
            "the file beside a table counts more rows than came back",
            _given({**_WHOLE, "hall.seats-metadata": "3\n", "hall.booked-metadata": "5"}),
            "folder-incomplete",
            says=["hall.booked (2 of 5)"],
        ),
        twin=passes(
            "it counts those that came back",
            _given({**_WHOLE, "hall.seats-metadata": "3\n", "hall.booked-metadata": "2"}),
        ),
    ),
    Case(
        number="md03",
        seen=_LOAD_DATA,
        tried=passes("--load-data", _given({**_LOADED, **_counted()})),
        twin=fails(
            "the same, a file of rows lost",
            _given(_LOADED, "hall.seats.00000.dat"),
            "folder-incomplete",
            says=["hall.seats.00000.dat"],
        ),
    ),
    Case(
        number="md03b",
        seen=_LOAD_DATA,
        tried=passes("--csv, with a header, lines that end in their own way and values in hex", _given(_LOADED_CSV)),
        twin=fails(
            "the same, cut inside its last line end",
            _given({**_LOADED_CSV, "hall.seats.00000.dat": _LOADED_CSV["hall.seats.00000.dat"][:-2]}),
            "rows-truncated",
            says=["hall.seats.00000.dat"],
        ),
    ),
    Case(
        number="md03c",
        seen=_LOAD_DATA,
        tried=passes("--load-data of metadata that count nothing", _given(_LOADED)),
        twin=fails(
            "the statement beside a file of rows lost",
            _given(_LOADED, "hall.booked.00000.sql"),
            "folder-incomplete",
            says=["hall.booked.00000.sql"],
        ),
    ),
    Case(
        number="md04",
        seen="mydumper/mydumper#431; mydumper/mydumper#496",
        tried=passes(
            "-x with a regular expression, which writes no database",
            _given({"metadata": _DUMPED, **_TABLES}),
            says=["drtool made hall"],
        ),
        twin=fails("the same without its metadata", _given(_TABLES), "dump-unfinished"),
    ),
    Case(
        number="md05",
        seen="mydumper/mydumper#617; mydumper/mydumper#496",
        tried=fails(
            "--no-schemas: rows, and no definition of any table",
            _given({"metadata": _DUMPED, **{name: text for name, text in _TABLES.items() if "-schema" not in name}}),
            "folder-incomplete",
            says=["no definitions", "--no-schemas"],
            unsaid=["lower_case_table_names"],
        ),
        twin=passes("rows and definitions", _given(_WHOLE)),
    ),
    Case(
        number="md05b",
        seen="mydumper/mydumper#617",
        tried=fails(
            "the definition of one of the tables lost",
            _given(_WHOLE, "hall.seats-schema.sql"),
            "folder-incomplete",
            says=["hall.seats"],
        ),
        twin=passes("--no-data: definitions alone", _given(_WHOLE, "hall.seats.sql", "hall.booked.sql"), "no-rows"),
    ),
    Case(
        number="md06",
        seen="mydumper/mydumper#885; mydumper/mydumper#431",
        tried=passes(
            "a run without a filter, which brings the database mysql, into its own series",
            _given({**_WHOLE, **_SYSTEM, **_COUNTED_TOO}),
            says=["--overwrite-tables"],
        ),
        twin=unverified(
            "the same of another series",
            _given(_WHOLE | _SYSTEM | _OF_ANOTHER_SERIES),
            "system-tables-of-another-series",
            says=["mysql.servers", "--into"],
            unsaid=["perhaps two dumps", "mysql.global_priv"],
        ),
    ),
    Case(
        number="c605",
        seen="mydumper/mydumper#321",
        tried=fails(
            "a run for each database, each in a folder of its own, one of which did not end (metadata.partial)",
            _runs_apart("metadata.partial"),
            "dump-unfinished",
            says=["club/"],
        ),
        twin=passes("both ended", _runs_apart("metadata")),
    ),
    Case(
        number="md07",
        seen="mydumper/mydumper#665",
        tried=fails(
            "rows and triggers in dumps of their own, and the one with the definitions lost",
            verify("parts/", {"parts/hall-data.sql": _ROWS, "parts/hall-triggers.sql": _TRIGGERS}),
            "folder-incomplete",
            says=["customers", "--no-data"],
            unsaid=["lower_case_table_names"],
        ),
        twin=passes(
            "all three",
            verify(
                "parts/",
                {
                    "parts/hall-data.sql": _ROWS,
                    "parts/hall-triggers.sql": _TRIGGERS,
                    "parts/hall-schema.sql": dump(_DEFINED),
                },
            ),
        ),
    ),
)
