"""Which names of character sets a dump can be said to be in."""

from __future__ import annotations

import pytest

from drtool.errors import WrongUse
from drtool.mariadb.charsets import parse_charset


@pytest.mark.parametrize(
    ("named", "meant"), [("latin1", "latin1"), ("UTF8MB4", "utf8mb4"), ("utf8mb3", "utf8"), ("cp932", "cp932")]
)
def test_names_are_those_that_clients_of_every_series_know(named: str, meant: str) -> None:
    assert parse_charset(named) == meant


@pytest.mark.parametrize("named", ["", "latin-1", "iso-8859-1", "utf16", "ucs2", "utf8mb4;", "utf8mb4\n", "klingon"])
def test_what_no_client_can_speak_is_refused(named: str) -> None:
    with pytest.raises(WrongUse):
        parse_charset(named)
