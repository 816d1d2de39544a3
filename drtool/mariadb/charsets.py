"""Character sets of MariaDB's that a dump can be written in."""

from __future__ import annotations

import re

from drtool.errors import WrongUse

# Those that a client can speak: not UTF-16 and its like (https://mariadb.com/kb/en/supported-character-sets-and-collations/).
_SPOKEN = re.compile(
    r"armscii8|ascii|big5|binary|cp(?:125[0167]|85[02]|866|932)|dec8|eucjpms|euckr|gb2312|gbk|geostd8|greek|hebrew|hp8"
    r"|keybcs2|koi8[ru]|latin[1257]|macce|macroman|sjis|swe7|tis620|ujis|utf8|utf8mb4"
)
HIDES_SIGNS = frozenset({"big5", "cp932", "gbk", "sjis"})
"""Those in which a byte that is a sign of SQL's, such as the backslash, may be the second of a letter."""
USUAL = "utf8mb4"
"""The one that dump tools write, if not told otherwise."""


def parse_charset(text: str) -> str:
    """Return the character set that a name means, as clients of every series know it.

    Raises:
        WrongUse: there is none of that name that a client could speak.
    """
    name = "utf8" if text.lower() == "utf8mb3" else text.lower()
    if not _SPOKEN.fullmatch(name):
        what = f"{text!r} is no character set of MariaDB's that a dump could be written in"
        raise WrongUse("bad-charset", what, mend="Name it as MariaDB does, such as latin1, utf8mb4, cp1251 or gbk")
    return name
