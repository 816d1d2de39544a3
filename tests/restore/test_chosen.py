"""Of a stream of SQL what is wanted passes, on the lines it was on, and nothing else does."""

from __future__ import annotations

import os
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from drtool.mariadb.selection import Selection

_PROGRAM = "".join(
    files("drtool.restore").joinpath(name).read_text(encoding="utf-8")
    for name in ("statements.pl", "session.pl", "promises.pl", "chosen.pl")
)
_DUMP = r"""-- MariaDB dump 10.19  Distrib 10.11.16-MariaDB
/*!40101 SET NAMES utf8mb4 */;
CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop`;
USE `shop`;
DROP TABLE IF EXISTS `orders`;
CREATE TABLE `orders` (
  `id` int NOT NULL COMMENT 'INSERT INTO `customers` VALUES (1);'
) ENGINE=InnoDB;
LOCK TABLES `orders` WRITE;
/*!40000 ALTER TABLE `orders` DISABLE KEYS */;
INSERT INTO `orders` VALUES
(1,'a;b\n USE `blog`;'),
(2,'x');
/*!40000 ALTER TABLE `orders` ENABLE KEYS */;
UNLOCK TABLES;
CREATE TABLE `customers` (`id` int);
INSERT INTO `customers` VALUES (1),
(2);
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=`app`@`%`*/ /*!50003 TRIGGER `of_orders` BEFORE INSERT ON `orders` FOR EACH ROW BEGIN
  SET @a = 1;
END */;;
/*!50003 CREATE*/ /*!50017 DEFINER=`app`@`%`*/ /*!50003 TRIGGER `of_customers` AFTER INSERT ON `customers`
FOR EACH ROW SET @a = 2 */;;
CREATE DEFINER=`app`@`%` PROCEDURE `tidy`() BEGIN SELECT 1; END ;;
DELIMITER ;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=`app`@`%` SQL SECURITY DEFINER */
/*!50001 VIEW `newest` AS select 1 AS `id` */;
DO SETVAL(`numbers`, 5, 0);
CREATE SEQUENCE `numbers` start with 1;
USE `blog`;
CREATE TABLE `orders` (`other` int);
INSERT INTO `shop`.`orders` VALUES (3);
GRANT ALL ON *.* TO `app`@`%`;
-- Dump completed on 2026-11-29 10:00:00
"""


def passed(folder: Path, text: str, *only: str, database: str = "") -> tuple[str, str]:
    """Return what of a dump passes, and what was counted."""
    selection = Selection.parse(only)
    assert selection is not None
    told = {"ONLY": selection.expressions, "ONLY_FACTS": str(folder / "facts")}
    ran = subprocess.run(
        ["perl", "-e", f"{_PROGRAM}; main::chosen(@ARGV)", "--", database],
        input=text.encode(),
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | told,
        timeout=60,
    )
    return ran.stdout.decode(), (folder / "facts").read_text()


def statements(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip())


def test_a_table_comes_with_its_rows_and_triggers_and_the_session(tmp_path: Path) -> None:
    text, counted = passed(tmp_path, _DUMP, "shop.orders")
    assert text.count("\n") == _DUMP.count("\n")
    for there in (
        "SET NAMES",
        "CREATE DATABASE",
        "`orders` DISABLE KEYS",
        "(2,'x')",
        "`of_orders`",
        "SET @a = 1",
        "(3)",
    ):
        assert there in text
    for gone in ("`customers` (`id`", "(2);", "of_customers", "tidy", "newest", "numbers", "`other`", "GRANT"):
        assert gone not in text
    assert text.splitlines()[10] == "INSERT INTO `orders` VALUES"
    assert "only procedure 1" in counted


def test_a_database_comes_with_its_programs_and_views(tmp_path: Path) -> None:
    text, counted = passed(tmp_path, _DUMP, "shop")
    for there in ("`customers`", "of_customers", "tidy", "VIEW `newest`", "SETVAL", "SEQUENCE"):
        assert there in text
    assert "`other`" not in text
    assert "GRANT" not in text
    assert "procedure" not in counted


def test_of_the_other_database_the_table_of_the_same_name_comes(tmp_path: Path) -> None:
    text, _ = passed(tmp_path, _DUMP, "blog.*")
    assert statements(text).splitlines() == [
        "-- MariaDB dump 10.19  Distrib 10.11.16-MariaDB",
        "/*!40101 SET NAMES utf8mb4 */;",
        "UNLOCK TABLES;",
        "DELIMITER ;;",
        "DELIMITER ;",
        "USE `blog`;",
        "CREATE TABLE `orders` (`other` int);",
        "-- Dump completed on 2026-11-29 10:00:00",
    ]


def test_where_nothing_selects_a_database_the_one_it_goes_to_counts(tmp_path: Path) -> None:
    dump = "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nCREATE TABLE `b.c` (id int);\n"
    assert statements(passed(tmp_path, dump, "shop.a", database="shop")[0]).count("\n") == 1
    assert "b.c" in passed(tmp_path, dump, "shop.b.c", database="shop")[0]
    assert statements(passed(tmp_path, dump, "wiki.a", database="shop")[0]) == ""


@pytest.mark.parametrize("size", [10, 5 << 20])
def test_rows_of_any_size_pass_or_are_left_out(tmp_path: Path, size: int) -> None:
    row = "(1,'" + "x;\n" * (size // 3) + "')"
    dump = f"INSERT INTO `a` VALUES {row},{row};\nINSERT INTO `b` VALUES {row};\nINSERT INTO `c` VALUES (1);\n"
    text, _ = passed(tmp_path, dump, "shop.b", database="shop")
    assert statements(text) == statements(f"INSERT INTO `b` VALUES {row};")
    assert text.count("\n") == dump.count("\n")


def test_a_dump_that_breaks_off_in_what_is_left_out_is_no_trouble_here(tmp_path: Path) -> None:
    text, _ = passed(tmp_path, "CREATE TABLE a (id int);\nINSERT INTO b VALUES (1,'", "shop.a", database="shop")
    assert statements(text) == "CREATE TABLE a (id int);"


def test_without_backslashes_a_string_ends_where_it_ends(tmp_path: Path) -> None:
    dump = "SET sql_mode='NO_BACKSLASH_ESCAPES';\nINSERT INTO a VALUES ('\\');\nINSERT INTO b VALUES ('\\');\n"
    text, _ = passed(tmp_path, dump, "shop.b", database="shop")
    assert statements(text).splitlines()[1:] == ["INSERT INTO b VALUES ('\\');"]
