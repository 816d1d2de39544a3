"""The format of rows in files of their own is told from them, or refused: never guessed."""

from __future__ import annotations

import pytest

from drtool.backups.row_format import FirstRows, RowFormat, format_of
from drtool.errors import Unverifiable

NUMBERED = b"CREATE TABLE `t` (\n  `id` int(11) NOT NULL,\n  `a``b` varchar(9) DEFAULT NULL,\n  PRIMARY KEY (`id`)\n)"
TEXTS = b"CREATE TABLE `t` (\n  `a` varchar(9) DEFAULT NULL,\n  `b` text DEFAULT NULL\n)"
ONE = b"CREATE TABLE `t` (\n  `word` varchar(9) DEFAULT NULL\n)"
GENERATED = (
    b"CREATE TABLE `t` (\n  `a` int(11) NOT NULL,\n  `b` int(11) NOT NULL,\n"
    b"  `c` int(11) GENERATED ALWAYS AS (`a` + 1) VIRTUAL\n)"
)
USUAL = RowFormat()


def told(*tables: tuple[bytes, bytes]) -> RowFormat:
    return format_of([FirstRows.of(definition, rows) for definition, rows in tables])


class TestCertain:
    @pytest.mark.parametrize(
        "tables",
        [
            [(NUMBERED, b"1\ta\n2\t\\N\n3\tx\\\ty\\\nz\n4\tcut he")],
            [(NUMBERED, b"")],
            [(ONE, b"a\n")],
            [(ONE, b"")],
            [],
            [(NUMBERED, b'1\t"a"\n2\tb\n')],
            [(TEXTS, b'"a"\tb\n')],
            [(ONE, b'"a"\n"b\n')],
            [(ONE, b'"a"\n'), (NUMBERED, b"1\ta\n")],
            [(NUMBERED, b"1\ta\r\n2\tb\n")],
            [(GENERATED, b"1\t2\n")],
            [(GENERATED, b"1\t2\t3\n")],
            [(NUMBERED, b"1\ta,b;c|d\n")],
            [(NUMBERED, b"1\ta\n1\tb\n1\tc\textra\n")],
            [(ONE, b'"a\n'), (TEXTS, b"a\tb\n")],
            [(b"CREATE TABLE t (a int, b int)", b"1\t2\n")],
            [(NUMBERED, b"1\t\\0\x00\xff\n")],
            [(NUMBERED, b"1\ta\n" * 9 + b"\n")],
        ],
    )  # fmt: skip
    def test_what_the_tool_writes_if_not_told_otherwise(self, tables: list[tuple[bytes, bytes]]) -> None:
        assert told(*tables) == USUAL
        assert USUAL.clause == ""

    @pytest.mark.parametrize(
        ("tables", "form"),
        [
            ([(NUMBERED, b"1,a\n2,b\\,c\n")], RowFormat(separator=b",")),
            ([(NUMBERED, b'"1","a"\n"2","b,c"\n\\N,"d\\"e\nf"\n')], RowFormat(separator=b",", quote=b'"')),
            ([(NUMBERED, b"'1';'a'\r\n'2';\\N\r\n")], RowFormat(separator=b";", quote=b"'", line=b"\r\n")),
            ([(NUMBERED, b'"1"\t"a"\n')], RowFormat(quote=b'"')),
            ([(NUMBERED, b'1,"a, b"\n2,"c"\n' * 10)], RowFormat(separator=b",", quote=b'"')),
            ([(GENERATED, b"1\t2\r\n3\t4\r\n")], RowFormat(line=b"\r\n")),
            ([(NUMBERED, b"1|a\n"), (ONE, b"x\n")], RowFormat(separator=b"|")),
            ([(NUMBERED, b'"1","a"\n'), (ONE, b'"x"\n'), (TEXTS, b"")], RowFormat(separator=b",", quote=b'"')),
        ],
    )
    def test_what_it_was_told_to_write(self, tables: list[tuple[bytes, bytes]], form: RowFormat) -> None:
        assert told(*tables) == form
        assert form.clause.startswith("FIELDS TERMINATED BY X'")


@pytest.mark.parametrize(
    "tables",
    [
        [(ONE, b'"a"\n"b"\n')], [(ONE, b"'a'\n")], [(ONE, b'\\N\n"b"\n')], [(ONE, b"a\r\nb\r\n")],
        [(TEXTS, b'"a"\t"b"\n')], [(NUMBERED, b'1,"a"\n')], [(TEXTS, b"a\tb\r\n")], [(NUMBERED, b"1 a\n2 b\n")],
        [(TEXTS, b"a,b;c|d\n")], [(NUMBERED, b"1,a\n"), (NUMBERED, b"1;a\n")],
    ],
)  # fmt: skip
def test_what_may_be_either_is_refused(tables: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(Unverifiable, match="How the rows of this folder are written"):
        told(*tables)


class TestHeader:
    """With --header the first line of each file names the columns."""

    @pytest.mark.parametrize(
        "tables",
        [
            [(NUMBERED, b"id\ta`b\n1\ta\n")],
            [(NUMBERED, b"id\ta`b\n")],
            [(TEXTS, b"a\tb\nx\ty\n"), (ONE, b"word\n")],
            [(GENERATED, b"a\tb\n1\t2\n")],
            [(GENERATED, b"a\tb\tc\n1\t2\t3\n")],
        ],
    )
    def test_is_no_row(self, tables: list[tuple[bytes, bytes]]) -> None:
        assert told(*tables).clause == "IGNORE 1 LINES"

    def test_is_enclosed_as_the_rows_are(self) -> None:
        form = told((NUMBERED, b'"id","a`b"\n"1","a"\n'))
        assert form == RowFormat(separator=b",", quote=b'"', header=True)
        assert form.clause.endswith(" IGNORE 1 LINES")

    @pytest.mark.parametrize(
        "tables",
        [[(TEXTS, b"a\tb\nx\ty\n"), (ONE, b"other\n")], [(TEXTS, b"b\ta\nx\ty\n")], [(TEXTS, b"x\ty\na\tb\n")]],
    )
    def test_is_a_row_where_not_all_tables_have_one(self, tables: list[tuple[bytes, bytes]]) -> None:
        assert told(*tables) == USUAL

    @pytest.mark.parametrize("table", [(TEXTS, b"a\tb\nx\ty\n"), (ONE, b"word\nx\n")])
    def test_of_one_table_of_texts_is_not_guessed(self, table: tuple[bytes, bytes]) -> None:
        with pytest.raises(Unverifiable, match="--header"):
            told(table)
