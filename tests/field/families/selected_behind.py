"""Files whose first tables are of no database that the file selects: it does so further down, or names it with rows."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import BLOG, ORDERS, SHOP, ZONES, dump, use

_SEEN = "netz98/n98-magerun#770"
_SEEN_QUALIFIED = "TablePlus/TablePlus-Windows#124; t8y2/dbx#774; oceanbase/odc#122"
_NOT_SELECTED = "selects no database"
_NOT_USED = "was not used"
_BOTH = dump() + dump(BLOG, database="blog", selects=True)
_EDITED_IN = dump(SHOP.replace(ZONES, use("archive") + ZONES))
_QUALIFIES = (
    "create table users\n(\n    id   int auto_increment\n        primary key,\n    name varchar(60) null\n);\n\n"
    "create index name_idx\n    on users (name);\n\n"
    "INSERT INTO {shop}.users (id, name) VALUES (1, 'one');\nINSERT INTO {shop}.users (id, name) VALUES (2, 'two');\n"
)
_KEEPS = (
    "SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0;\n"
    "SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO';\n\n"
)
_GIVES = "\nSET SQL_MODE=@OLD_SQL_MODE;\nSET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS;\n"
_CREATED = "CREATE DATABASE IF NOT EXISTS `archive`;\n\n"


def _file(text: str, *options: str) -> Input:
    return verify("all.sql", {"all.sql": text}, *options)


def _kept(text: str, *, whole: bool = True) -> Input:
    """Return statements of no tool's header with settings around them, verified against a recovery time alone."""
    return verify("users.sql", {"users.sql": _KEEPS + text + (_GIVES if whole else "")}, objectives=("--rto", "10m"))


CASES = (
    Case(
        number="c440",
        seen=_SEEN,
        tried=passes(
            "a dump that selects no database and one that does in one file, and --database for the first",
            _file(_BOTH, "--database", "two"),
            unsaid=(_NOT_USED,),
        ),
        twin=fails(
            "the same, cut in the second",
            _file(_BOTH.partition("'blogger 4'")[0], "--database", "two"),
            "dump-truncated",
            unsaid=(_NOT_SELECTED, _NOT_USED),
        ),
    ),
    Case(
        number="c441",
        seen=_SEEN,
        tried=passes(
            "the same without --database, one table of the database that the header names",
            _file(_BOTH, "--only", "shop.orders"),
            says=("left out: 2 tables of blog, 2 tables of shop",),
        ),
        twin=fails(
            "a table that no database of it has",
            _file(_BOTH, "--only", "shop.posts"),
            "not-in-the-backup",
            says=("blog.posts", "shop.orders"),
        ),
    ),
    Case(
        number="c442",
        seen=_SEEN,
        tried=passes("CREATE DATABASE and USE edited in before the last table", _file(_EDITED_IN)),
        twin=fails(
            "the same, cut in the last table",
            _file(_EDITED_IN.partition("'zone 7'")[0]),
            "dump-truncated",
            unsaid=(_NOT_SELECTED,),
        ),
    ),
    Case(
        number="c443",
        seen=_SEEN,
        tried=passes(
            "CREATE DATABASE without USE before the tables, and --database",
            _file(dump().replace(ORDERS, _CREATED + ORDERS), "--database", "two"),
            unsaid=(_NOT_USED,),
        ),
        twin=fails(
            "the same, cut between two tables",
            _file(_CREATED + dump().partition(ZONES)[0], "--database", "two"),
            "dump-trailer-missing",
            unsaid=(_NOT_SELECTED, _NOT_USED),
        ),
    ),
    Case(
        number="c556",
        seen=_SEEN_QUALIFIED,
        tried=passes(
            "an IDE's export, whose rows name their database and whose definitions do not, and settings around it",
            _kept(_QUALIFIES.format(shop="shop")),
        ),
        twin=fails(
            "the same, and rows of a table of another database",
            _kept(_QUALIFIES.format(shop="shop") + "INSERT INTO crm.users (id, name) VALUES (3, 'three');\n"),
            "dump-does-not-load",
            says=("--database",),
        ),
    ),
    Case(
        number="c557",
        seen=_SEEN_QUALIFIED,
        tried=passes(
            "the same with the database before definitions too",
            _kept(
                _QUALIFIES.format(shop="`shop`")
                .replace("able users", "able `shop`.users")
                .replace("on users", "on shop.users")
            ),
        ),
        twin=fails(
            "the same, cut inside a row", _kept(_QUALIFIES.format(shop="shop")[:-9], whole=False), "dump-does-not-load"
        ),
    ),
)
