"""What a dump loses or changes that a baseline alone can tell, and baselines that somebody has forged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from fixtures.shop.accounts import Account
from fixtures.shop.production import Production
from tests.attacks.attack import Attack, Drilled, Input, each, judge, scenario
from tests.attacks.dumps import TABLES, dump
from tests.evidence.builder import new_key, signed

_KEPT = "db.sql.baseline.json"
_MORE = """\
CREATE TABLE `prices` (`id` int(11) NOT NULL, `price` int(11) DEFAULT 7, `note` varchar(20) DEFAULT NULL,
  PRIMARY KEY (`id`), KEY `by_price` (`price`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 ROW_FORMAT=COMPRESSED;
INSERT INTO `prices` VALUES (1,10,'a'),(2,20,'b '),(3,30,NULL),(4,40,''),(5,50,'e');
CREATE TABLE `past` (`id` int(11) NOT NULL, `x` int(11) DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB
  DEFAULT CHARSET=utf8mb4 WITH SYSTEM VERSIONING;
SET timestamp = 1700000000;
INSERT INTO `past` VALUES (1,1);
SET timestamp = 1700000100;
"""
_HISTORY = """\
UPDATE `past` SET `x` = 2;
SET timestamp = 1700000200;
UPDATE `past` SET `x` = 3;
"""
_FORGETS = "DELETE HISTORY FROM `past` BEFORE SYSTEM_TIME '2023-11-14 22:16:00';\n"
_NO_HISTORY = """\
DELETE FROM `past`;
DELETE HISTORY FROM `past`;
SET timestamp = 1700000200;
INSERT INTO `past` VALUES (1,3);
"""
_TIMES = """\
CREATE TABLE `clocks` (`id` int(11) NOT NULL, `at` timestamp NOT NULL DEFAULT '2026-01-01 {hour}:00:00',
  PRIMARY KEY (`id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
INSERT INTO `clocks` VALUES (1,'2026-01-15 {hour}:00:00'),(2,'2026-07-15 {hour}:00:00');
"""
_OBJECTS = """\
SET timestamp = DEFAULT;
SET time_zone = '+00:00';
CREATE VIEW `dear` AS SELECT `id` FROM `prices` WHERE `price` > 20;
CREATE FUNCTION `twice` (`x` int) RETURNS int DETERMINISTIC RETURN `x` * 2;
CREATE PROCEDURE `noted` () SELECT COUNT(*) FROM `prices`;
CREATE TRIGGER `filled` BEFORE INSERT ON `prices` FOR EACH ROW SET NEW.`note` = IFNULL(NEW.`note`, '');
CREATE EVENT `nightly` ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM `prices` WHERE `id` < 0;
"""
_MADE = "CREATE DATABASE `app` DEFAULT CHARACTER SET utf8mb4;\nUSE `app`;\n"
_CONTENTS = TABLES + _TIMES.format(hour=10) + _MORE + _HISTORY + _OBJECTS
_SAYS_ZONE = "/*!40103 SET TIME_ZONE='+00:00' */;\n"
_LOST = ("rows-missing", "rows-changed", "rows-extra", "table-missing")
_OTHERWISE = ("object-changed", "object-missing", "object-extra", "table-extra", "table-missing")
_NOT_TRUSTED = ("baseline-untrusted", "baseline-signature-broken", "baseline-unreadable", "no-baseline")


@pytest.fixture(scope="module")
def supplies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """A baseline of what the sound dump holds, signed with the site's key."""
    folder = tmp_path_factory.mktemp("baseline")
    kept = folder / _KEPT
    with Production.started() as production:
        (folder / "app.sql").write_text(dump(before=_MADE, tables=_CONTENTS))
        production.run_sql_file(folder / "app.sql")
        source = (production.url(Account.BACKUP, "app"), "--defaults-file", production.option_file(Account.BACKUP))
        command = [sys.executable, "-m", "drtool", "baseline", *map(str, source), "--out", str(kept)]
        subprocess.run(command, check=True, capture_output=True)
    return {path.name: path.read_bytes() for path in (kept, Path(f"{kept}.sig"))}


def _as_old_as_its_baseline(folder: Path) -> None:
    taken = datetime.fromisoformat(json.loads((folder / _KEPT).read_bytes())["taken_at"]).timestamp()
    for path in folder.iterdir():
        os.utime(path, (taken + 1, taken + 1))


def _compared(contents: str, arguments: str = "", arrange: Callable[[Path], object] | None = None) -> Input:
    def arranged(folder: Path) -> None:
        _as_old_as_its_baseline(folder)
        if arrange:
            arrange(folder)

    return _scenario(contents, "", arguments, arranged if arrange else _as_old_as_its_baseline)


def _scenario(contents: str, options: str, arguments: str, arrange: Callable[[Path], object]) -> Input:
    body = f'drill.restore_mariadb(drill.backup(str(here / "db.sql")){options}).check_baseline({arguments})'
    text = dump(before=_MADE, tables=contents, trailer="-- Dump completed\n")
    if "{hour}" in contents:  # as mariadb-dump --skip-tz-utc writes it of a server at UTC+2
        text = text.replace(_SAYS_ZONE, "").replace("{hour}", "12")
    return scenario(body, files={"db.sql": text}, arrange=arrange)


def _local(statements: str = "", options: str = "") -> Input:
    contents = _CONTENTS.replace(_TIMES.format(hour=10), _TIMES)
    return _scenario(contents + statements, options, "", _as_old_as_its_baseline)


def _without(text: str, instead: str = "") -> Input:
    assert text in _CONTENTS
    return _compared(_CONTENTS.replace(text, instead))


def _and(statements: str) -> Input:
    return _compared(_CONTENTS + statements)


def _edited(edit: Callable[[Any], None], *, key: bool = False) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        kept = folder / _KEPT
        document = json.loads(kept.read_bytes())
        edit(document)
        kept.write_text(json.dumps(document))
        if key:
            signed(kept, new_key(folder / "key"), "drtool-baseline")

    return change


def _drop(name: str) -> Callable[[Any], None]:
    def drop(document: Any) -> None:
        document["tables"] = [one for one in document["tables"] if one["name"] != name]
        document["objects"] = [one for one in document["objects"] if name not in json.dumps(one)]

    return drop


def _unsigned(folder: Path) -> None:
    (folder / f"{_KEPT}.sig").unlink()


def _by_another_key(folder: Path) -> None:
    signed(folder / _KEPT, new_key(folder / "key"), "drtool-baseline")


def _for_reports(folder: Path) -> None:
    signed(folder / _KEPT, new_key(folder / "key"), "drtool-report")


def _cut(folder: Path) -> None:
    os.truncate(folder / _KEPT, 200)


def _nested(folder: Path) -> None:
    (folder / _KEPT).write_bytes(b'{"tables": ' + b"[" * 100_000)


def _gone(folder: Path) -> None:
    (folder / _KEPT).unlink()


def _of_the_future(document: Any) -> None:
    document["taken_at"] = "2031-01-01T00:00:00Z"


def _keep(_document: Any) -> None:
    """Change nothing but how it is laid out."""


_TRIGGERED = """\
CREATE TRIGGER `t` AFTER UPDATE ON `people` FOR EACH ROW DELETE FROM `prices`;
UPDATE `people` SET `name` = 'Di' WHERE `id` = 3;
UPDATE `people` SET `name` = 'Cy' WHERE `id` = 3;
DROP TRIGGER `t`;
"""
_SOUND = _compared(_CONTENTS)
_MISSING_ROW = _CONTENTS.replace(",(5,50,'e')", "")
_WRONG: dict[str, tuple[Input, tuple[str, ...]]] = {
    "one-row-left-out": (_compared(_MISSING_ROW), _LOST),
    "one-table-truncated-at-the-end": (_and("TRUNCATE `prices`;\n"), _LOST),
    "one-row-deleted-at-the-end": (_and("DELETE FROM `prices` WHERE `id` = 3;\n"), _LOST),
    "replace-over-a-row": (_and("REPLACE INTO `prices` VALUES (1,11,'a');\n"), _LOST),
    "on-duplicate-key-update": (
        _and("INSERT INTO `prices` VALUES (1,1,'') ON DUPLICATE KEY UPDATE `price` = 1;\n"),
        _LOST,
    ),
    "trigger-that-deletes-meanwhile": (_and(_TRIGGERED), _LOST),
    "values-of-two-rows-exchanged": (_and("UPDATE `prices` SET `price` = 30 - `price` WHERE `id` < 3;\n"), _LOST),
    "null-become-an-empty-text": (_and("UPDATE `prices` SET `note` = '' WHERE `id` = 3;\n"), _LOST),
    "blank-at-the-end-lost": (_and("UPDATE `prices` SET `note` = 'b' WHERE `id` = 2;\n"), _LOST),
    "letter-become-a-capital": (_and("UPDATE `people` SET `name` = 'ann' WHERE `id` = 1;\n"), _LOST),
    "time-moved-by-an-hour": (_and("UPDATE `people` SET `seen` = `seen` + INTERVAL 1 HOUR;\n"), _LOST),
    "a-row-too-many": (_and("INSERT INTO `prices` VALUES (9,90,'i');\n"), _LOST),
    "history-lost-in-part": (_and(_FORGETS), _LOST),
    "view-of-as-many-rows-in-place-of-a-table": (
        _and("DROP TABLE `orders`;\nCREATE VIEW `orders` AS SELECT seq AS `id`, 1 AS `person` FROM seq_1_to_3;\n"),
        (*_LOST, *_OTHERWISE),
    ),
    "table-of-as-many-rows-in-place-of-a-view": (
        _and("DROP VIEW `dear`;\nCREATE TABLE `dear` AS SELECT `id` FROM `prices` WHERE `price` > 20;\n"),
        (*_LOST, *_OTHERWISE),
    ),
    "index-lost": (_and("ALTER TABLE `prices` DROP KEY `by_price`;\n"), _OTHERWISE),
    "foreign-key-lost": (_and("ALTER TABLE `orders` DROP FOREIGN KEY `of`;\n"), _OTHERWISE),
    "default-changed": (_and("ALTER TABLE `prices` ALTER `price` SET DEFAULT 8;\n"), _OTHERWISE),
    "column-narrowed": (_and("ALTER TABLE `prices` MODIFY `price` smallint DEFAULT 7;\n"), _OTHERWISE),
    "row-format-lost": (_without(" ROW_FORMAT=COMPRESSED"), _OTHERWISE),
    "character-set-of-the-database-changed": (_and("ALTER DATABASE `app` CHARACTER SET latin1;\n"), _OTHERWISE),
    "function-that-answers-otherwise": (_without("RETURN `x` * 2", "RETURN `x` * 3"), _OTHERWISE),
    "function-lost": (_and("DROP FUNCTION `twice`;\n"), _OTHERWISE),
    "procedure-lost": (_and("DROP PROCEDURE `noted`;\n"), _OTHERWISE),
    "trigger-lost": (_and("DROP TRIGGER `filled`;\n"), _OTHERWISE),
    "event-lost": (_and("DROP EVENT `nightly`;\n"), _OTHERWISE),
    "view-that-reads-otherwise": (_without("`price` > 20", "`price` > 30"), _OTHERWISE),
}
_FORGED: dict[str, tuple[Callable[[Path], object], int]] = {
    "unsigned": (_unsigned, 3),
    "signed-by-another-key": (_by_another_key, 3),
    "signed-for-another-purpose": (_for_reports, 3),
    "laid-out-anew": (_edited(_keep), 3),
    "of-fewer-tables": (_edited(_drop("orders")), 3),
    "of-fewer-tables-and-signed-by-another-key": (_edited(_drop("orders"), key=True), 1),
    "of-no-table-and-signed-by-another-key": (_edited(lambda found: found.update(tables=[], objects=[]), key=True), 1),
    "of-the-future-and-signed-by-another-key": (_edited(_of_the_future, key=True), 3),
    "of-a-version-to-come": (_edited(lambda found: found.update(schema_version=99), key=True), 3),
    "cut-short": (_cut, 3),
    "nested-without-end": (_nested, 3),
    "that-is-not-there": (_gone, 3),
}

ATTACKS = (
    *(
        Attack(name=name, bad=bad, twin=_SOUND, told=told, worst=name in {"one-row-left-out"})
        for name, (bad, told) in _WRONG.items()
    ),
    *(
        Attack(
            name=f"baseline-{name}",
            bad=_compared(_CONTENTS, "", forge),
            twin=_SOUND,
            told=_NOT_TRUSTED,
            code=code,
            worst=name == "signed-by-another-key",
        )
        for name, (forge, code) in _FORGED.items()
    ),
    Attack(
        name="history-lost-as-by-a-dump-without-it",
        bad=_without(_HISTORY, _NO_HISTORY),
        twin=_SOUND,
        told=("app.past (history)",),
        code=0,
    ),
    Attack(
        name="times-of-no-known-zone",
        bad=_local(),
        twin=_local("", ', zone="Etc/GMT-2"'),
        told=("timestamps-without-zone",),
        code=3,
    ),
    Attack(
        name="row-lost-beside-times-of-no-known-zone",
        bad=_local("DELETE FROM `prices` WHERE `id` = 3;\n"),
        twin=_SOUND,
        told=_LOST,
    ),
    Attack(
        name="drift-of-one-row-lets-no-three-pass",
        bad=_compared(_CONTENTS + "UPDATE `prices` SET `price` = 1 WHERE `id` < 4;\n", 'drift={"app.prices": 1}'),
        twin=_compared(_CONTENTS + "UPDATE `prices` SET `price` = 1;\n", 'drift={"app.prices": 5}'),
        told=("baseline-unproved",),
        code=3,
        worst=True,
    ),
    Attack(
        name="append-only-lets-no-change-pass",
        bad=_compared(_CONTENTS + "UPDATE `prices` SET `price` = 1 WHERE `id` = 4;\n", 'append_only=["app.prices"]'),
        twin=_compared(
            _CONTENTS.removesuffix(_OBJECTS) + "INSERT INTO `prices` VALUES (6,60,'f');\n" + _OBJECTS,
            'append_only=["app.prices"]',
        ),
        told=_LOST,
    ),
    Attack(
        name="tolerance-of-one-table-is-none-for-another",
        bad=_compared(_CONTENTS + "DELETE FROM `orders`;\n", 'drift={"app.prices": 9}, ignore={"app.past": "no use"}'),
        twin=_compared(_CONTENTS + "DELETE FROM `past`;\n", 'ignore={"app.past": "no use"}'),
        told=_LOST,
    ),
)


@each(ATTACKS)
def test_what_a_baseline_tells_does_not_pass_and_no_baseline_of_anybody_proves_anything(
    attack: Attack, drilled: Drilled
) -> None:
    judge(attack, drilled)
