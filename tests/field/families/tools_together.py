"""Dumps of other tools beside each other: in a folder, in one file; and times of which a tool says no zone."""

from __future__ import annotations

from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.families.tools import _ADMINER, _KEYS, _NAVICAT, _NO_RPO, _PHPMYADMIN, _one

_CUT = _ADMINER.partition("INSERT INTO")[0]
_OTHER = _ADMINER.replace("`notes`", "`more`")
_WITH_TIMES = _NAVICAT.replace("`body` text", "`at` timestamp NULL,\n  `body` text")
_WITH_TIMES = _WITH_TIMES.replace("(1, ", "(1, NULL, ").replace("(2, ", "(2, '2026-01-02 03:04:05', ")
_TIENDA = _PHPMYADMIN + _KEYS

CASES = (
    Case(
        number="c16h",
        seen="Adminer's own output; phpMyAdmin's own output",
        tried=passes(
            "a folder of dumps by Adminer and phpMyAdmin",
            verify("dumps/", {"dumps/notes.sql": _ADMINER, "dumps/tienda.sql": _TIENDA}, objectives=_NO_RPO),
        ),
        twin=fails(
            "the same, one of them cut between two statements",
            verify("dumps/", {"dumps/notes.sql": _CUT, "dumps/tienda.sql": _TIENDA}, objectives=_NO_RPO),
            "dump-trailer-missing",
            says=("notes.sql: ", "as dumps by Adminer do"),
        ),
    ),
    Case(
        number="c16i",
        seen="Navicat's own output",
        tried=unverified(
            "Navicat, a TIMESTAMP of which it says no zone",
            _one(_WITH_TIMES),
            "timestamps-without-zone",
            says=("Navicat does not",),
        ),
        twin=passes(
            "the same, its zone named",
            verify("notes.sql", {"notes.sql": _WITH_TIMES}, "--zone", "Europe/Berlin", objectives=_NO_RPO),
        ),
    ),
    Case(
        number="c16j",
        seen="Adminer's own output",
        tried=fails(
            "two dumps by Adminer in one file, the first cut",
            _one(_CUT + _OTHER),
            "dump-trailer-missing",
            says=("There are 2 dumps in this file, and 1 of them",),
        ),
        twin=passes("two whole ones", _one(_ADMINER + _OTHER)),
    ),
)
