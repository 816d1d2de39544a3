"""Finds the placeholders that backups of applications have where the prefix of the application's tables belongs.

The application's own restore puts the prefix of the site there; a client of the database does not, and what it makes
has names that no application asks for. All-in-One WP Migration has such ones in its rows as well, and WP Staging even
for NULL and for binary values.
"""

from __future__ import annotations

import re

from drtool.amounts import count
from drtool.errors import Unverifiable
from drtool.restore.promises import Promises

_STANDS_FOR = re.compile(r"#__|SERVMASK_PREFIX_|\{WPSTG_(?:TMP|FINAL)_PREFIX\}")
"""Joomla and Akeeba, All-in-One WP Migration, WP Staging."""


def names_not_filled_in(promised: Promises, dump: str) -> Unverifiable | None:
    """Return that tables of a dump are named with a placeholder, or None.

    Args:
        promised: by the dump.
        dump: what a sentence calls it.
    """
    found = [begins[0] for _, table in promised.tables if (begins := _STANDS_FOR.match(table))]
    if not found:
        return None
    standing = max(found, key=found.count)
    of = count(len(found), "table")
    what = (
        f"In {dump} the names of {of} begin with `{standing}`, which stands for the prefix of the application's tables"
    )
    why = "loaded as it is, it makes tables that the application does not find"
    mend = (
        f"Have `{standing}` replaced by the site's prefix (sed 's/{standing}/wp_/g', if that is wp_) and drill what "
        "comes out, or restore with the application's own tool; keep that step in the runbook"
    )
    if standing.startswith("{"):
        mend = (
            "Have WP Staging restore it, or make plain SQL of it, and drill what comes out: it writes placeholders for "
            "NULL and for binary values as well"
        )
    return Unverifiable("names-not-filled-in", what, why=why, mend=mend)
