"""Series of MariaDB: `10.11` and the like, as text and as numbers that compare."""

from __future__ import annotations

import re

from drtool.errors import WrongUse

# MariaDB Enterprise writes 10.6.14-9-MariaDB, a server that stands in for MySQL 5.5.5-10.11.3-MariaDB
_VERSION = re.compile(r"(?P<series>\d+\.\d+)\.\d+(?:-\d+)?-MariaDB")


def parse_series(text: str) -> str:
    """Return the series that `11.8` names.

    Raises:
        WrongUse: it names none.
    """
    if not re.fullmatch(r"\d{1,3}\.\d{1,3}", text):
        raise WrongUse("bad-version", f"{text!r} is not a MariaDB series")
    return text


def series_of(version: str) -> str | None:
    """Return the series of a server by the version that it calls itself; None where it is no MariaDB."""
    found = _VERSION.search(version)
    return found["series"] if found else None


def numbers(version: str) -> tuple[int, ...]:
    """Return what a series or version begins with in a form that compares: (10, 11, 19) of `10.11.19-MariaDB-log`."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(number) for number in found[0].split(".")) if found else ()
