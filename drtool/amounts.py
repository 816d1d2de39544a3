"""Numbers, sizes and lists: read as people write them, written as people read them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from drtool.errors import WrongUse

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_LISTED_AT_MOST = 5


def count(number: int, one: str, several: str | None = None) -> str:
    """Return a number with its noun: `1 check`, `2 checks`."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def listed(names: Sequence[str], separator: str = ", ", *, at_most: int = _LISTED_AT_MOST) -> str:
    """Return names in a row: the first few of them, and how many more there are."""
    more = len(names) - at_most
    return separator.join(names[:at_most]) + (f" and {more} more" if more > 0 else "")


def parse_size(text: str) -> int:
    """Return the bytes that a size such as `512MiB` or `2G` says.

    Raises:
        WrongUse: it is no size.
    """
    if not (match := _SIZE.fullmatch(text.strip())):
        raise WrongUse("bad-size", f"{text!r} is not a size")
    return int(float(match[1]) * _FACTORS[match[2].lower()])


def format_size(size_bytes: float) -> str:
    """Return a size for people, in units of 1024 bytes: `1 byte`, `150 MiB`, `1.5 GiB`."""
    if abs(size_bytes) < 1024:
        return "1 byte" if size_bytes == 1 else f"{size_bytes:.0f} bytes"
    value, unit = size_bytes / 1024, 0
    while abs(value) >= 1023.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if abs(value) >= 99.95 else f"{value:.1f} {_UNITS[unit]}"
