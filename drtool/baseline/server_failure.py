"""Why a server could not be read, in words that hold nothing of its rows."""

from __future__ import annotations

import pymysql

from drtool.errors import Unverifiable
from drtool.restore.diagnosis import describe_sql_error

_TABLE_CHANGED = 1412
_TOO_SLOW = 1969
_DENIED = {1142, 1044, 1143}


def server_failure(error: pymysql.err.MySQLError, table: str | None = None) -> Unverifiable:
    """Return an error of the server as one for people; `table` names what was read, where it is known."""
    code = int(error.args[0]) if error.args and isinstance(error.args[0], int) else 0
    what = f"{table} could not be read" if table else "The server could not be read"
    why, mend = describe_sql_error(code, str(error.args[-1]) if error.args else ""), ""
    if code == _TABLE_CHANGED:
        why, mend = "it was altered or truncated after the snapshot", "Take the baseline when no table is altered"
    elif code == _TOO_SLOW:
        why, mend = "a statement took longer than it may", "Allow more time: --statement-limit"
    elif code in _DENIED:
        mend = "Let the account SELECT from it"
    return Unverifiable("server-unreadable", what, why=why, mend=mend)
