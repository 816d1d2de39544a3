"""One file of several dumps: a loop that appends, structure and rows apart, several nights."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import BLOG, CUSTOMERS, ORDERS, SANDBOX, WIKI, dump, filled, structure

_APPENDED = "netz98/n98-magerun#98; hestiacp/hestiacp#3052"
_OTHERS = dump(BLOG, database="blog", selects=True) + dump(WIKI, database="wiki", selects=True)
_CUT_BETWEEN_STATEMENTS = dump(CUSTOMERS, ORDERS, selects=True).partition("/*!40103 SET TIME_ZONE=@OLD")[0]
_COLUMNS = "`id` int(11) NOT NULL,\n  `label` varchar(40) DEFAULT NULL,\n  PRIMARY KEY (`id`)"
_STRUCTURE = dump(structure("zones", _COLUMNS))
_ROWS = dump(filled("zones", (f"{number},'zone {number}'" for number in range(1, 11))))
_BEGUN = dump(database="wiki").partition("/*!40101 SET @OLD")[0]

_DROPPED = dump(structure("log", "`at` int(11),\n  `what` varchar(40)") + filled("log", ("1,'in'", "2,'out'")))
_LOG = _DROPPED.replace("DROP TABLE IF EXISTS `log`;\n", "").replace("CREATE TABLE `", "CREATE TABLE IF NOT EXISTS `")


def _one_file(text: str) -> Input:
    return verify("all.sql", {"all.sql": text})


CASES = (
    Case(
        number="c01",
        seen=_APPENDED,
        tried=fails(
            "three dumps in one file, the first cut between statements",
            _one_file(_CUT_BETWEEN_STATEMENTS + _OTHERS),
            "dump-trailer-missing",
        ),
        twin=passes("three dumps in one file, each whole", _one_file(dump(selects=True) + _OTHERS)),
    ),
    Case(
        number="c01b",
        seen=_APPENDED,
        tried=fails(
            "structure and rows dumped apart into one file, the structure cut",
            _one_file(_STRUCTURE.partition("/*!40103 SET TIME_ZONE=@OLD")[0] + _ROWS),
            "dump-trailer-missing",
        ),
        twin=passes("structure and rows dumped apart into one file, both whole", _one_file(_STRUCTURE + _ROWS)),
    ),
    Case(
        number="c01c",
        seen=_APPENDED,
        tried=fails(
            "the loop ended after the last dump's header",
            _one_file(dump(selects=True) + dump(BLOG, database="blog", selects=True) + _BEGUN),
        ),
        twin=passes(
            "two dumps in one file, each whole",
            _one_file(dump(selects=True) + dump(BLOG, database="blog", selects=True)),
        ),
    ),
    Case(
        number="c01d",
        seen="phpsu/phpsu#155",
        tried=fails(
            "the tool could not reach one of three databases and wrote its message into the file",
            _one_file(
                dump(selects=True)
                + "mariadb-dump: Got error: 1049: \"Unknown database 'blog'\" when selecting the database\n"
                + dump(WIKI, database="wiki", selects=True)
            ),
        ),
        twin=passes(
            "two of them, without a message", _one_file(dump(selects=True) + dump(WIKI, database="wiki", selects=True))
        ),
    ),
    Case(
        number="c02",
        seen="fradelg/docker-mysql-cron-backup#6",
        tried=unverified(
            "dumps of several databases in one file, and none of them selects one",
            _one_file(dump() + dump(BLOG, database="blog") + dump(WIKI, database="wiki")),
            "dumps-mixed",
            says=("blog", "wiki"),
        ),
        twin=passes("each of them selects its own", _one_file(dump(selects=True) + _OTHERS)),
    ),
    Case(
        number="c02b",
        seen="fradelg/docker-mysql-cron-backup#6",
        tried=unverified(
            "the first of two selects its database, the second none",
            _one_file(dump(BLOG, database="blog", selects=True) + dump(WIKI, database="wiki")),
            "dumps-mixed",
        ),
        twin=passes(
            "two dumps of one database, tables apart, neither selects it", _one_file(dump(CUSTOMERS) + dump(ORDERS))
        ),
    ),
    Case(
        number="c04c",
        seen="MariaDB/mariadb-docker#584",
        tried=passes(
            "the line of the sandbox mode also before the second dump",
            _one_file(dump(selects=True, sandbox=SANDBOX.replace("M!", "!")) + _OTHERS),
        ),
        twin=fails(
            "the same, the first dump cut between statements",
            _one_file(SANDBOX.replace("M!", "!") + _CUT_BETWEEN_STATEMENTS + _OTHERS),
            "dump-trailer-missing",
        ),
    ),
    Case(
        number="c01e",
        seen=_APPENDED,
        tried=fails(
            "two dumps in one file, the second cut inside a statement",
            _one_file(dump(selects=True) + dump(WIKI, database="wiki", selects=True).partition("'page 7'")[0]),
            "dump-truncated",
        ),
        twin=passes(
            "the same, the second whole", _one_file(dump(selects=True) + dump(WIKI, database="wiki", selects=True))
        ),
    ),
    Case(
        number="c635",
        seen="no thread looked up",
        tried=unverified(
            "two nights appended, made IF NOT EXISTS, of a table without a key",
            _one_file(_LOG + _LOG),
            "dumps-mixed",
            says=("log", "twice", "--add-drop-table"),
        ),
        twin=passes("the same of a table that is dropped first", _one_file(_DROPPED + _DROPPED)),
    ),
)
