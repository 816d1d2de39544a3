"""The reader of a dump's statements, held against what MariaDB's client makes of the same bytes."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.restore.clients_rules import as_the_client, made_up, run_perl, split_all


def agrees(inputs: list[bytes], *, part: int) -> None:
    """Raise where the program splits one of them otherwise than the client, loses a byte of it, or miscounts."""
    for data, split in zip(inputs, split_all(inputs, part=part), strict=True):
        assert split.passed, data
        assert split.statements == as_the_client(data), data


@pytest.mark.parametrize("part", [1, 7, 4096])
def test_statements_are_split_as_the_client_splits_them(part: int) -> None:
    chance = random.Random(part)  # noqa: S311 (no secrets)
    agrees([made_up(chance) for _ in range(3000)], part=part)


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=30), st.integers(1, 100))
def test_any_bytes_are_split_as_the_client_splits_them(inputs: list[bytes], part: int) -> None:
    agrees(inputs, part=part)


@pytest.mark.long
def test_a_million_inputs_crash_nothing_and_are_split_as_the_client_splits_them() -> None:
    seed = int(os.environ.get("SEED", "1"))
    for block in range(100):
        chance = random.Random(f"{seed}-{block}")  # noqa: S311 (no secrets)
        agrees([made_up(chance) for _ in range(10_000)], part=chance.choice([1, 3, 16, 4096]))


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("INSERT INTO t VALUES (1),(2),(3);", 3),
        ("INSERT INTO t VALUES (1);" * 5, 5),
        ("INSERT INTO `t` (`a`,`b)`) VALUES (1,'a;b'),\n(2,'),(');", 2),
        ("insert into d.t values (1,(2)),(f(3,(4)),5) ;", 2),
        ("INSERT INTO t VALUES (1,'it''s'),(2,'\\''),(3,\"(\"),(4,X'00'),(5,_binary 'a\\\\');", 5),
        ("REPLACE INTO t VALUES\n(1)\n,\n(2)\n;", 2),
        ("INSERT IGNORE INTO t VALUES (-1),(- 1),(1/2) /* ; */ ;", 3),
        ("INSERT INTO t SELECT (1);", 0),
        ("INSERT INTO t SET a=(1);", 0),
        ("SELECT 'INSERT INTO t VALUES (1)';", 0),
        ("INSERT INTO t VALUES (1),(2) ON DUPLICATE KEY UPDATE a=(3);", 2),
        ("INSERT INTO t VALUES (1),(2", 2),
        ("DELIMITER ;;\nINSERT INTO t VALUES (1),(2);;\n", 2),
    ],
)
def test_rows_are_counted_however_they_are_written(sql: str, rows: int) -> None:
    assert [split_all([sql.encode()], part=part)[0].rows for part in (1, 5, 60_000)] == [rows] * 3


@pytest.mark.parametrize("size", [70_000, 300_000, 2_500_000])
def test_rows_and_strings_may_be_of_any_size(size: int) -> None:
    escaped = "\\'" * (size // 2)
    sql = f"INSERT INTO t VALUES (1,'{'x' * size}'),(2,'{escaped}'),((((3)))),(4,'a');\n"
    sql += f"SELECT '{escaped}';\nINSERT INTO t VALUES (5);"
    tells = "statement => sub { push @found, 0 }, rows => sub { push @found, $_[1] }"
    program = f"package main; my @found; Statements->new({tells})->read(*STDIN); print qq(@found);"
    assert run_perl(("statements.pl",), program, sql.encode()) == b"4 0 1"
