"""Why a dump of MySQL's does not load into MariaDB: the two have grown apart since MySQL 5.7."""

from __future__ import annotations

import re

from pymysql.constants import ER

from drtool.errors import RestoreFailed
from drtool.restore.diagnosis import SQL_ERROR, describe_sql_error
from drtool.restore.pipeline import Outcome

_NO_SUCH_FUNCTION = {ER.SP_DOES_NOT_EXIST, 1901}  # 1901: ER_GENERATED_COLUMN_FUNCTION_IS_NOT_ALLOWED
_PLUGIN_NOT_LOADED = 1524
_VARIABLE = re.compile(r"'(?P<name>\w{1,64})'")


def mysql_failure(outcome: Outcome, server_version: str | None) -> RestoreFailed | None:
    """Return what of MySQL's a dump needs and MariaDB lacks, where that is why it did not load.

    Args:
        outcome: how loading it ended.
        server_version: of the server that made it, which is a MySQL.
    """
    found = SQL_ERROR.search(outcome.complaint("sink"))
    if not outcome.statuses.get("sink") or found is None:
        return None
    code, text = int(found["code"]), found["text"] or ""
    what = describe_sql_error(code, text)
    named = _VARIABLE.search(text)
    if code in {ER.UNKNOWN_COLLATION, ER.UNKNOWN_CHARACTER_SET}:
        feature, mend = "a collation", "MariaDB 11.4.5 and later know MySQL's utf8mb4_0900 collations: restore into one"
    elif code == ER.UNKNOWN_SYSTEM_VARIABLE:
        feature = f"the variable {named['name']}" if named else "a variable"
        mend = "Dump with --set-gtid-purged=OFF" if named and named["name"].upper() == "GTID_PURGED" else _BY_HAND
    elif code == _PLUGIN_NOT_LOADED:
        feature, mend = "a way of logging in", "Dump without the database mysql, and make the accounts anew"
    elif code in _NO_SUCH_FUNCTION:
        feature, mend = "a function", _BY_HAND
    elif code == ER.PARSE_ERROR:
        feature, mend = "a piece of syntax, such as an index on an expression", _BY_HAND
    else:
        return None
    return RestoreFailed(
        "mysql-feature",
        f"The dump was made by MySQL {server_version} and uses {feature} that this MariaDB does not have, "
        f"at line {found['line']} of the dump",
        why=what,
        mend=mend,
    )


_BY_HAND = "Restore into MySQL, or change that definition in production before it is dumped for MariaDB"
