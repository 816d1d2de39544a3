"""Backups that are none of MariaDB's, told as what they are, with what opens them; a name never decides."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from drtool.errors import DrtoolError, RestoreFailed, Unverifiable

_LOOKED_AT = 4096
_EXPORT = "Import it with what exported it; a dump in SQL holds the definitions too"
_ENCRYPTED = "encryption-unsupported"
_PACKED = "compression-unsupported"


@dataclass(frozen=True)
class _Kind:
    """A kind of backup that drtool does not restore: its name, and what does."""

    name: str
    opened_by: str
    code: str = "format-unsupported"

    def refusal(self) -> Unverifiable:
        what = f"This is no MariaDB backup but {self.name}, which drtool does not restore"
        if self.code == _PACKED:
            what = f"The backup is packed in a way that drtool does not open: {self.name}"
        if self.code == _ENCRYPTED:
            what = f"The backup is encrypted in a way that drtool does not open: {self.name}"
        return Unverifiable(self.code, what, mend=self.opened_by)


@cache
def _rows() -> list[tuple[dict[str, Any], _Kind]]:
    rows = tomllib.loads(files("drtool.backups").joinpath("other_kinds.toml").read_text(encoding="utf-8"))["kind"]
    fields = ("name", "opened_by", "code")
    return [(row, _Kind(**{field: row[field] for field in fields if field in row})) for row in rows]


@cache
def _of_bytes() -> list[tuple[re.Pattern[bytes], _Kind]]:
    return [(re.compile(mark.encode("ascii")), kind) for row, kind in _rows() for mark in row.get("bytes", ())]


@cache
def _of_text(where: str) -> list[tuple[re.Pattern[str], _Kind]]:
    return [(re.compile("|".join(row[where])), kind) for row, kind in _rows() if where in row]


_OTHER_SERVER = re.compile(
    r"^(?:-- Adminer [\d.]+ (?!MySQL|MariaDB)(?P<adminer>[A-Z][A-Za-z ]{3,20}?) [\d.]*"
    r"|[ *-]{0,9}Source Server Type +: (?!MariaDB|MySQL)(?P<navicat>\w[\w ]{1,30}?)\s*$"
    r"|-- Server version: +(?P<heidi>PostgreSQL|Microsoft SQL Server|SQLite))",
    re.MULTILINE,
)
_OF_MARIADB = re.compile(
    r"^(?:-- (?:(?:MariaDB|MySQL) dump |phpMyAdmin SQL Dump|MariaDB \d|MySQL \d)"
    r"|/\*M?!\d{5,6} ?SET |/\*M?!999999|CREATE TABLE (?:IF NOT EXISTS )?`)",
    re.MULTILINE,
)
_XML_ERROR = re.compile(r"(?:<\?xml[^>]*>\s*)?<Error\b", re.IGNORECASE)
_JSON = re.compile(r'(?:\[\s*(?:[\[{"]|-?\d[\d.]*\s*,|\])|\{\s*(?:"|\}))')
_JSON_ERROR = re.compile(
    r'\{\s*"(?:errors?|error_?(?:code|message|description)|message|detail|status_?(?:code)?|code|success|ok)"',
    re.IGNORECASE,
)
_COLUMN = re.compile(r"[^\s:()]{0,64}(?: [^\s:()]{1,64}){0,3}")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_BSON_TYPES = frozenset(range(1, 0x14))
_BSON_MOST_BYTES = 16 << 20


def other_kind(content: bytes, *, whole: bool, starts_as_sql: bool) -> DrtoolError | None:
    """Return what content is that is no backup of MariaDB's, where it is a backup of another kind.

    Args:
        content: its first bytes, decompressed.
        whole: whether that is all of it.
        starts_as_sql: whether it begins with a statement that MariaDB may know.
    """
    if found := next((kind for mark, kind in _of_bytes() if mark.match(content)), None):
        if whole and _is_cut_sqlite(content):
            return RestoreFailed("not-a-backup", f"This is {found.name} that was cut short: pages are missing")
        return found.refusal()
    if _is_bson(content):
        return _Kind("a collection of MongoDB (BSON)", "Restore it with mongorestore").refusal()
    start = content.lstrip()
    if start.startswith(_UTF_16):
        inside = _text_kind(start.decode("utf-16", "replace")[:_LOOKED_AT])
        return inside.refusal() if inside else None
    text = content[: 16 * _LOOKED_AT].decode("utf-8", "replace").removeprefix("\ufeff")
    if found := _text_kind(text):
        return found.refusal()
    is_table = not starts_as_sql and b"\0" not in content[:1024] and _is_csv(text)
    return _Kind("a table in CSV", _EXPORT).refusal() if is_table else None


def is_web_error(text: str) -> bool:
    """Tell whether text is what a web service answers that does not give what it was asked for."""
    start = text.lstrip()
    return bool(_JSON_ERROR.match(start) or _XML_ERROR.match(start))


def _text_kind(text: str) -> _Kind | None:
    start = text.lstrip()
    if found := next((kind for mark, kind in _of_text("text") if mark.match(start)), None):
        return found
    beginning = text[:_LOOKED_AT]
    if other := _OTHER_SERVER.search(beginning):
        server = next(filter(None, other.groups()))
        return _Kind(f"a dump of {server}", f"Restore it with {server}")
    if firsts := list(_foreign_lines(beginning)):
        own = _OF_MARIADB.search(beginning)
        at, found = min(firsts, key=lambda first: first[0])
        return None if own and own.start() < at else found
    if _JSON.match(start) and not _JSON_ERROR.match(start):
        return _Kind("an export in JSON, such as Django's dumpdata, mongoexport and phpMyAdmin make", _EXPORT)
    if start.startswith("<?xml") and not _XML_ERROR.match(start):
        return _Kind("an XML document", _EXPORT)
    return None


def _foreign_lines(text: str) -> Iterator[tuple[int, _Kind]]:
    """Yield where the first line stands that each kind is known by."""
    at = 0
    left = _of_text("lines")
    while at >= 0 and left:
        for mark, kind in left:
            if mark.match(text, at):
                yield at, kind
                return
        at = text.find("\n", at) + 1 or -1


def _is_csv(text: str) -> bool:
    """Tell whether all lines have the same number of fields, two or more, and the first may name columns."""
    lines = text.splitlines()[:20]
    whole = lines[:-1] if len(lines) > 2 else lines  # the last may break off
    if len(lines) < 2:
        return False
    for separator in ",;\t":
        try:
            rows = list(csv.reader(whole, delimiter=separator))
        except csv.Error:
            continue
        if len({len(row) for row in rows}) == 1 and len(rows[0]) > 1 and all(map(_COLUMN.fullmatch, rows[0])):
            return True
    return False


def _is_bson(content: bytes) -> bool:
    """Tell whether content begins with a document of BSON: its length, then elements with a type and a name."""
    if len(content) < 8:
        return False
    length = int.from_bytes(content[:4], "little")
    name, ends, _ = content[5:69].partition(b"\0")
    named = bool(ends) and bool(name) and all(0x20 < byte < 0x7F for byte in name)
    whole = length > len(content) or content[length - 1] == 0
    return 8 <= length <= _BSON_MOST_BYTES and content[4] in _BSON_TYPES and named and whole


def _is_cut_sqlite(content: bytes) -> bool:
    """Tell whether an SQLite database is shorter than its header says (https://www.sqlite.org/fileformat.html, 1.3)."""
    if not content.startswith(b"SQLite format 3\0") or len(content) < 100:
        return False
    page = int.from_bytes(content[16:18], "big")
    pages, valid = int.from_bytes(content[28:32], "big"), content[24:28] == content[92:96]
    return valid and (65536 if page == 1 else page) * pages > len(content)
