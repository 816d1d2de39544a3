"""Series are told from what servers call themselves, and compare as numbers."""

from __future__ import annotations

import pytest

from drtool.errors import WrongUse
from drtool.mariadb.series import numbers, parse_series, series_of


def test_series_compare_as_numbers_and_not_as_text() -> None:
    assert numbers("10.5") < numbers("10.11") < numbers("11.8")
    assert numbers("10.11.19-MariaDB-log") == (10, 11, 19)
    assert numbers("unknown") == ()
    assert parse_series("10.11") == "10.11"
    for text in ("10", "10.11.3", "latest", "11.8;x", ""):
        with pytest.raises(WrongUse):
            parse_series(text)


@pytest.mark.parametrize(
    ("version", "series"),
    [
        ("10.11.19-MariaDB-0+deb12u1", "10.11"),
        ("10.6.14-9-MariaDB-enterprise", "10.6"),
        ("5.5.5-10.11.3-MariaDB", "10.11"),
        ("8.0.36-Ubuntu", None),
        ("11.8-MariaDB", None),
        ("", None),
    ],
)
def test_series_is_told_from_a_version_of_mariadb_alone(version: str, series: str | None) -> None:
    assert series_of(version) == series
