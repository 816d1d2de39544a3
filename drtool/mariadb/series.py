"""Series of MariaDB: `10.11` and the like, as text and as numbers that compare."""

from __future__ import annotations

import re

from drtool.errors import WrongUse


def parse_series(text: str) -> str:
    """Return the series that `11.8` names.

    Raises:
        WrongUse: it names none.
    """
    if not re.fullmatch(r"\d{1,3}\.\d{1,3}", text):
        raise WrongUse("bad-version", f"{text!r} is not a MariaDB series", mend="Write it as 10.11 or 11.8")
    return text


def numbers(series: str) -> tuple[int, int]:
    """Return a series such as `10.11` in a form that compares."""
    major, _, minor = series.partition(".")
    return int(major), int(minor)
