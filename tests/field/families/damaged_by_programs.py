"""Dumps that an editor, a filter, a conversion or a tool of somebody's own damaged, in ways that have names."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import CUSTOMERS, PHPMYADMIN, SANDBOX, ZONES, dump, structure, table

_BLOCK = "CREATE TRIGGER `noted` AFTER INSERT ON `customers` FOR EACH ROW BEGIN\n  SET @a = 1;\n  SET @b = 2;\nEND"
_KEY = "CONSTRAINT `of_customer` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`)"
_COLUMNS = (
    "`id` int(11) NOT NULL,\n  `customer_id` int(11),\n  PRIMARY KEY (`id`),\n  KEY `of_customer` (`customer_id`)"
)
_FIRST = dump(CUSTOMERS, ZONES)
_TRIGGERS = dump(f"DELIMITER ;;\n{_BLOCK} ;;\nDELIMITER ;\n")
_PAGES = """\
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;

--
-- Database: `shop`
--

CREATE TABLE `pages` (
  `id` int(11) NOT NULL,
  `text` text DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT INTO `pages` (`id`, `text`) VALUES
(1, 'one'),
(2, {value}),
(3, 'three');

/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
"""


def _file(content: str) -> Input:
    return verify("shop.sql", {"shop.sql": content.encode()})


def _keyed(*keys: str) -> Input:
    return _file(dump(CUSTOMERS, structure("orders", ",\n  ".join((_COLUMNS, *keys)))))


def _numbered(engine: str) -> str:
    columns = "`of` int(11) NOT NULL,\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`of`,`id`)"
    return table("numbered", columns, ("1,1", "1,2", "2,1"), options=f"ENGINE={engine}")


CASES = (
    Case(
        number="c626",
        seen="camptocamp/bivac#348",
        tried=fails(
            "a dump that has lost its line ends",
            _file(_FIRST.replace("\n", "")),
            "dump-end-swallowed",
            says=("one line", "line ends"),
        ),
        twin=passes("the same with the line ends of Windows", _file(_FIRST.replace("\n", "\r\n"))),
    ),
    Case(
        number="c627",
        seen="camptocamp/bivac#348",
        tried=fails(
            "a dump whose line ends are carriage returns alone",
            _file(_FIRST.replace("\n", "\r")),
            "dump-end-swallowed",
            says=("one line", "carriage return"),
        ),
        twin=passes("a dump without its sandbox line", _file(_FIRST.removeprefix(SANDBOX))),
    ),
    Case(
        number="c628",
        seen="swiftotter/driver#61",
        tried=fails(
            "triggers appended to a dump that was cut before their table",
            _file(_FIRST[: _FIRST.index("DROP TABLE")] + _TRIGGERS),
            "dump-trailer-missing",
            says=("2 dumps in this file",),
            unsaid=("lower_case_table_names",),
        ),
        twin=passes("triggers appended to a dump that is whole", _file(_FIRST + _TRIGGERS)),
    ),
    Case(
        number="c629",
        seen="databasus/databasus#672",
        tried=fails(
            "phpMyAdmin, a quote in the middle that was not escaped, and its end is there",
            _file(PHPMYADMIN + _PAGES.replace("{value}", "'it's one'")),
            "dump-end-swallowed",
            says=("escape quotes",),
            unsaid=("cut short",),
        ),
        twin=passes("the same with the quote escaped", _file(PHPMYADMIN + _PAGES.replace("{value}", "'it\\'s one'"))),
    ),
    Case(
        number="c630",
        seen="wp-media/search-and-replace#77",
        tried=fails(
            "an empty binary value that a tool writes as 0x",
            _file(dump(table("files", "`id` int(11) NOT NULL,\n  `content` blob", ("1,0x41", "2,0x")))),
            "dump-does-not-load",
            says=("0x", "empty"),
        ),
        twin=passes(
            "an empty binary value as a string",
            _file(dump(table("files", "`id` int(11) NOT NULL,\n  `content` blob", ("1,0x41", "2,''")))),
        ),
    ),
    Case(
        number="c631",
        seen="Dolibarr/dolibarr#36838",
        tried=fails(
            "a table with the same foreign key twice",
            _keyed(_KEY, _KEY),
            "dump-does-not-load",
            says=("two foreign keys of one name",),
        ),
        twin=passes("two foreign keys alike but for their names", _keyed(_KEY, _KEY.replace("of_", "to_"))),
    ),
    Case(
        number="c632",
        seen="HeidiSQL/HeidiSQL#1847",
        tried=fails(
            "a trigger whose lines with DELIMITER were taken out",
            _file(dump(CUSTOMERS, f"{_BLOCK} ;;\n")),
            "dump-does-not-load",
            says=("DELIMITER",),
        ),
        twin=passes("the same with them", _file(dump(CUSTOMERS, f"DELIMITER ;;\n{_BLOCK} ;;\nDELIMITER ;\n"))),
    ),
    Case(
        number="c633",
        seen="manticoresoftware/manticoresearch-buddy#184",
        tried=fails(
            "an error with which the dump tool ended, before what it had written",
            _file("mysqldump: Couldn't execute 'SHOW FIELDS FROM `v1`': View references invalid table (1356)\n"
                  + _FIRST[: _FIRST.index("-- Table structure for table `zones`")]),
            "dump-tool-failed",
            says=("could not read all",),
            unsaid=("cut off what stands before it",),
        ),
        twin=fails(
            "a right that is missing on tablespaces, which ends no dump, before a whole one",
            _file("mysqldump: Error: 'Access denied; you need (at least one of) the PROCESS privilege(s) for this "
                  "operation' when trying to dump tablespaces\n" + _FIRST),
            "dump-behind-a-message",
            says=("cut off what stands before it",),
        ),
    ),
    Case(
        number="c634",
        seen="facebookarchive/oss-performance#39",
        tried=fails(
            "MyISAM changed to InnoDB in the dump, and AUTO_INCREMENT second in its index",
            _file(dump(_numbered("InnoDB"))),
            "dump-does-not-load",
            says=("AUTO_INCREMENT", "ENGINE="),
        ),
        twin=passes("the same in MyISAM", _file(dump(_numbered("MyISAM")))),
    ),
)  # fmt: skip
