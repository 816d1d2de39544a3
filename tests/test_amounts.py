"""Numbers, sizes and lists read alike everywhere."""

from __future__ import annotations

import pytest

from drtool.amounts import count, format_size, listed, parse_size
from drtool.errors import WrongUse


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (157_286_400, "150 MiB"),
        (2**20 - 1, "1.0 MiB"),
        (2**30, "1.0 GiB"),
        (2**70, "1024 EiB"),
    ],
)
def test_sizes_come_in_units_of_1024(size: int, shown: str) -> None:
    assert format_size(size) == shown


@pytest.mark.parametrize(
    ("text", "size"), [("512MiB", 512 * 2**20), ("2G", 2**31), (" 1.5 kB ", 1536), ("20t", 20 * 2**40), ("7", 7)]
)
def test_sizes_are_read_in_units_of_1024(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "GiB", "-1G", "1,5G", "1 PiB", "lots"])
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(WrongUse, match=r"is not a size.*512MiB"):
        parse_size(text)


def test_a_number_has_its_noun_in_the_right_number() -> None:
    assert [count(one, "backup") for one in (0, 1, 2, 1234)] == ["0 backups", "1 backup", "2 backups", "1,234 backups"]
    assert count(2, "entry", "entries") == "2 entries"


def test_of_a_long_list_the_first_are_named_and_the_others_counted() -> None:
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(list("abcdefg")) == "a, b, c, d, e and 2 more"
    assert listed(list("abcd"), "; ", at_most=3) == "a; b; c and 1 more"
