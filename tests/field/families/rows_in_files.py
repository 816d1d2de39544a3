"""Folders of `mariadb-dump --tab`, whose rows are written otherwise than its default."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import dump, structure

_SEEN = "TablePlus/TablePlus#3587"
_HEADER = "MariaDB's documentation of mariadb-dump"
_TWO = "`id` int(11) NOT NULL,\n  `word` varchar(40) DEFAULT NULL"
_ONE = "`word` varchar(40) DEFAULT NULL"
_TEXTS = "`word` varchar(40) DEFAULT NULL,\n  `other` varchar(40) DEFAULT NULL"


def _tab(rows: str, columns: str = _TWO, *, word: str = 'a, "b"') -> Input:
    """Return a folder of one table, of which a word is asked for."""
    asked = (
        f"SELECT IF((SELECT COUNT(*) FROM shop.words WHERE word = '{word}') = 1, TIMESTAMP'2026-01-02 03:04:05', NULL)"
    )
    files: dict[str, str | bytes] = {"tab/words.sql": dump(structure("words", columns)), "tab/words.txt": rows}
    return verify("tab/", files, "--freshness", asked, "--zone", "UTC")


CASES = (
    Case(
        number="c60",
        seen=_SEEN,
        tried=passes(
            '--tab --fields-terminated-by=, --fields-enclosed-by=", several columns',
            _tab('"1","a, \\"b\\""\n"2",\\N\n'),
        ),
        twin=unverified(
            "the same of texts alone, of which any may have been in quotes before",
            _tab('"x"\t"y"\n"a, \\"b\\""\t\\N\n', _TEXTS),
            "rows-format-not-said",
        ),
    ),
    Case(
        number="c60b",
        seen=_SEEN,
        tried=unverified(
            "the same of one column: its quotes may be its own",
            _tab('"a, \\"b\\""\n"c"\n', _ONE),
            "rows-format-not-said",
            says=("--fields-terminated-by",),
        ),
        twin=passes("one column, one of its values in quotes", _tab('a, "b"\n"c"\n', _ONE)),
    ),
    Case(
        number="c60d",
        seen=_SEEN,
        tried=passes("--fields-terminated-by=; --lines-terminated-by=\\r\\n", _tab('1;a, "b"\r\n2;\\N\r\n')),
        twin=unverified("columns of a fixed width", _tab("1 a\n2 b\n"), "rows-format-not-said"),
    ),
    Case(
        number="c465",
        seen=_HEADER,
        tried=passes("--tab --header: a line of the columns' names before the rows", _tab('id\tword\n1\ta, "b"\n')),
        twin=fails("the same, and below it a row that the table does not take", _tab('id\tword\nword\ta, "b"\n')),
    ),
    Case(
        number="c465b",
        seen=_HEADER,
        tried=passes(
            '--header --fields-terminated-by=, --fields-enclosed-by="', _tab('"id","word"\n"1","a, \\"b\\""\n')
        ),
        twin=unverified(
            "--header of one table of texts: its first row, as far as anybody can tell",
            _tab('word\tother\na, "b"\tc\n', _TEXTS),
            "rows-format-not-said",
            says=("--header",),
        ),
    ),
)
