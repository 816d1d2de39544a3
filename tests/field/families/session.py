"""What a dump's session has to be set to: character sets, comments of routines, the sandbox line, formats of rows."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import CUSTOMERS, SANDBOX, SHOP, ZONES, dump, structure, table

_SANDBOX_SEEN = "frappe/frappe#26929; MariaDB/mariadb-docker#584; nextcloud/nextcloudpi#2029"
_OLD_SANDBOX = SANDBOX.replace("M!", "!")
_OLD = "10.5.25-MariaDB-0+deb11u1"
_BEHIND_COMMENTS = f"-- begin tool metadata\n-- version = 1.2.3\n-- end tool metadata\n-- \n{_OLD_SANDBOX}"
_UMLAUTS = table(
    "cdr",
    "`id` int(11) NOT NULL,\n  `who` varchar(60) DEFAULT NULL,\n  PRIMARY KEY (`id`)",
    ("1,'Müller'", "2,'Ärzte'"),
)
_COMPACT = """\
CREATE TABLE `cdr` (
  `id` int(11) NOT NULL,
  `who` varchar(60) DEFAULT NULL
) ENGINE=InnoDB;
INSERT INTO `cdr` VALUES
(1,'Müller'),
(2,'Ärzte');
"""
_NO_SET_NAMES = dump(_UMLAUTS).replace("/*!40101 SET NAMES utf8mb4 */;\n", "")
_ANSI = (
    dump()
    .replace("NO_AUTO_VALUE_ON_ZERO'", "NO_AUTO_VALUE_ON_ZERO,ANSI'")
    .replace("`", '"')
    .replace(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4", "")
)
_SETS_ANSI = "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO,ANSI' */;\n"
_SETS_MODE = "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n"
_OTHER_COLLATION = """\
ALTER DATABASE `crm` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` PROCEDURE `tidy`()
UPDATE customers SET name = TRIM(name)
;;
DELIMITER ;
ALTER DATABASE `crm` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ;
"""
_COLUMN = "`word` varchar(20) DEFAULT NULL"


def _one(text: str | bytes, *options: str) -> Input:
    return verify("shop.sql", {"shop.sql": text}, *options)


def _two(text: str) -> Input:
    return verify("dumps/", {"dumps/shop.sql": text, "dumps/crm.sql": dump(CUSTOMERS, database="crm")})


def _tab(rows: str, columns: str = _COLUMN) -> Input:
    """Return a folder as `mariadb-dump --tab` leaves it, of one table."""
    return verify("tab/", {"tab/words.sql": dump(structure("words", columns)), "tab/words.txt": rows})


_TWO = "`id` int(11) NOT NULL,\n  `word` varchar(20) DEFAULT NULL"
_SLAVE = """\
STOP ALL SLAVES;
CHANGE MASTER '' TO MASTER_HOST='db1.example.net', MASTER_PORT=3306, MASTER_LOG_FILE='binlog.000007', MASTER_LOG_POS=4;
"""
_BY_GTID = "STOP ALL SLAVES;\nCHANGE MASTER '' TO MASTER_USE_GTID=slave_pos;\n"
_STARTS = "SET GLOBAL gtid_slave_pos='0-1-5';\nSTART ALL SLAVES;\n"

CASES = (
    Case(
        number="c04",
        seen=_SANDBOX_SEEN,
        tried=passes(
            "a tool's own comments before the line of the sandbox mode",
            _one(dump(server=_OLD, sandbox=_BEHIND_COMMENTS)),
        ),
        twin=fails("the same, cut", _one(dump(server=_OLD, sandbox=_BEHIND_COMMENTS)[:2000]), "dump-truncated"),
    ),
    Case(
        number="c04b",
        seen=_SANDBOX_SEEN,
        tried=passes(
            "the line of the sandbox mode as 10.5.25 writes it", _one(dump(server=_OLD, sandbox=_OLD_SANDBOX))
        ),
        twin=fails(
            "another command to the client in that place",
            _one(dump(server=_OLD, sandbox=_OLD_SANDBOX.replace("\\-", "\\! touch /tmp/x"))),
        ),
    ),
    Case(
        number="c13b",
        seen="databacker/mysql-backup#222; mydumper/mydumper#1144",
        tried=passes("the same with its comments", _one(dump(CUSTOMERS, _OTHER_COLLATION, database="crm"))),
        twin=fails(
            "the same, cut inside the routine",
            _one(dump(CUSTOMERS, _OTHER_COLLATION, database="crm").partition("customers SET")[0]),
            "dump-truncated",
        ),
    ),
    Case(
        number="c19b",
        seen="FreePBX/cdr#46",
        tried=unverified("--compact of a utf8mb4 server", _one(_COMPACT)),
        twin=fails("the same, cut inside its rows", _one(_COMPACT[:-20]), "dump-does-not-load"),
    ),
    Case(
        number="c19c",
        seen="FreePBX/cdr#46",
        tried=unverified(
            "--skip-set-charset of a latin1 server",
            _one(_NO_SET_NAMES.encode("latin-1")),
            "charset-not-named",
            says=("names no character set", "charset="),
        ),
        twin=passes(
            "a latin1 dump that says so",
            _one(dump(_UMLAUTS).replace("NAMES utf8mb4", "NAMES latin1").encode("latin-1")),
        ),
    ),
    Case(
        number="c23",
        seen="MariaDB's documentation of mariadb-dump",
        tried=passes("--dump-slave --apply-slave-statements", _one(dump(_SLAVE, SHOP, _STARTS))),
        twin=fails(
            "the same, cut before its last table",
            _one(dump(_SLAVE, SHOP, _STARTS).partition("-- Table structure for table `zones`")[0]),
            "dump-trailer-missing",
        ),
    ),
    Case(
        number="c23b",
        seen="MariaDB's documentation of mariadb-dump",
        tried=passes("--gtid --apply-slave-statements without a host", _one(dump(_BY_GTID, SHOP, _STARTS))),
        twin=fails(
            "a replica's statement that is no SQL",
            _one(dump("STOP ALL SLAVES;\nCHANGE MASTER '' TO\n", SHOP, _STARTS)),
            "dump-does-not-load",
        ),
    ),
    Case(
        number="c39",
        seen="mydumper/mydumper#1307",
        tried=passes("--compatible=ansi", _one(_ANSI), "table-options-not-dumped"),
        twin=fails(
            "the same without its sql_mode",
            _one(_ANSI.replace("NO_AUTO_VALUE_ON_ZERO,ANSI'", "'")),
            "dump-does-not-load",
        ),
    ),
    Case(
        number="c39b",
        seen="mydumper/mydumper#1307",
        tried=fails(
            "names in double quotes, and no sql_mode",
            _one(_ANSI.replace(_SETS_ANSI, "")),
            "dump-does-not-load",
            says=("ANSI_QUOTES", "sql_mode"),
            unsaid=("cut",),
        ),
        twin=passes(
            "the same that sets it by itself",
            _one(_ANSI.replace(_SETS_ANSI, "SET @OLD_SQL_MODE=@@SQL_MODE, sql_mode = 'ANSI_QUOTES';\n")),
            "table-options-not-dumped",
        ),
    ),
    Case(
        number="c60c",
        seen="TablePlus/TablePlus#3587",
        tried=fails("--tab, a line of rows cut", _tab("1\talpha\n2", _TWO)),
        twin=passes("--tab, the last column NULL", _tab("1\talpha\n2\t\\N\n", _TWO)),
    ),
    Case(
        number="c13",
        seen="databacker/mysql-backup#222; mydumper/mydumper#1144",
        tried=passes(
            "no comments, and a routine of a database whose collation was changed",
            verify(
                "crm.sql", {"crm.sql": dump(CUSTOMERS, _OTHER_COLLATION, comments=False)}, objectives=("--rto", "10m")
            ),
        ),
        twin=unverified(
            "the dump altered a database that is not there",
            _one(dump(CUSTOMERS, _OTHER_COLLATION.replace("`crm`", "`cms`"), database="crm")),
            "database-not-made",
            says=("cms",),
        ),
    ),
    Case(
        number="c65",
        seen="docker-library/mariadb#262",
        tried=passes(
            "a session's time zone by its name",
            _one(dump(ZONES).replace("SET TIME_ZONE='+00:00'", "SET TIME_ZONE='Europe/Berlin'")),
        ),
        twin=unverified(
            "one that there is not",
            _one(dump(ZONES).replace("SET TIME_ZONE='+00:00'", "SET TIME_ZONE='Europe/Atlantis'")),
            "time-zone-missing",
        ),
    ),
    Case(
        number="c39c",
        seen="mydumper/mydumper#1307",
        tried=passes(
            "a folder of dumps, one of which sets no sql_mode",
            _two(dump().replace(_SETS_MODE, "").replace("/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n", "")),
            says=("shop.sql sets no sql_mode",),
        ),
        twin=fails(
            "the same with names in double quotes",
            _two(_ANSI.replace(_SETS_ANSI, "")),
            "dump-does-not-load",
            says=("shop.sql", "ANSI_QUOTES"),
        ),
    ),
)
