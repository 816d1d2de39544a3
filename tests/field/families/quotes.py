"""Dumps in which something that wrote or edited them did not escape a quote."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, verify
from tests.field.dumps import dump, table

_COLUMNS = "`id` int(11) NOT NULL,\n  `doc` text,\n  PRIMARY KEY (`id`)"
_SAYS = ("backslash stands outside of any string", "at line", "escaped")


def _file(value: str) -> Input:
    return verify("shop.sql", {"shop.sql": dump(table("docs", _COLUMNS, ("1,'one'", f"2,{value}", "3,'three'")))})


CASES = (
    Case(
        number="c448",
        seen="ppomes/myanon#29",
        tried=fails(
            "JSON within two pairs of quotes",
            _file("""''{\\"gift\\":\\"fun\\"}''"""),
            "dump-does-not-load",
            says=_SAYS,
            unsaid=("client status",),
        ),
        twin=passes("the same within one pair", _file("""'{\\"gift\\":\\"fun\\"}'""")),
    ),
    Case(
        number="c449",
        seen="ppomes/myanon#29",
        tried=fails(
            "text with an escaped line break within two pairs of quotes",
            _file("""''Bo\\nnote''"""),
            "dump-does-not-load",
            says=_SAYS,
            unsaid=("client status",),
        ),
        twin=passes("a quote written twice inside one pair", _file("""'Bo''s\\nnote'""")),
    ),
)
