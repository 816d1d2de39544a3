"""Files whose first tables are of no database that the file selects, though it selects one further down."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import BLOG, ORDERS, SHOP, ZONES, dump, use

_SEEN = "netz98/n98-magerun#770"
_NOT_SELECTED = "selects no database"
_NOT_USED = "was not used"
_BOTH = dump() + dump(BLOG, database="blog", selects=True)
_EDITED_IN = dump(SHOP.replace(ZONES, use("archive") + ZONES))
_CREATED = "CREATE DATABASE IF NOT EXISTS `archive`;\n\n"


def _file(text: str, *options: str) -> Input:
    return verify("all.sql", {"all.sql": text}, *options)


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
)
