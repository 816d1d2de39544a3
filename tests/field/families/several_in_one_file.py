"""One file of several dumps: a loop that appends, structure and rows apart, several nights."""

from __future__ import annotations

from tests.field.case import Case, Tried, verify
from tests.field.dumps import BLOG, CUSTOMERS, ORDERS, SHOP, WIKI, dump

_OTHERS = dump(BLOG, database="blog", selects=True), dump(WIKI, database="wiki", selects=True)
_CUT_BETWEEN_STATEMENTS = dump(CUSTOMERS, ORDERS, selects=True).partition("/*!40103 SET TIME_ZONE=@OLD")[0]

CASES = (
    Case(
        number="c01",
        seen="netz98/n98-magerun#98; hestiacp/hestiacp#3052",
        tried=Tried(
            what="three dumps in one file, the first cut between statements",
            given=verify("all.sql", {"all.sql": _CUT_BETWEEN_STATEMENTS + "".join(_OTHERS)}),
            code=1,
            told=("dump-trailer-missing",),
        ),
        twin=Tried(
            what="three dumps in one file, each whole",
            given=verify("all.sql", {"all.sql": dump(SHOP, selects=True) + "".join(_OTHERS)}),
            code=0,
        ),
    ),
)
