"""Figures read alike everywhere, and no text from outside can steer what shows it."""

from __future__ import annotations

import sys
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest

from drtool.host.plain import printable
from drtool.render.wording import format_instant, format_share


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("\x9b31m", "\\x9b31m"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("report\u202efdp.exe", "report\\u202efdp.exe"),
        ("\u2066x\u2069", "\\u2066x\\u2069"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("line\u2028end", "line\\u2028end"),
        ("not text \udcff", "not text \\udcff"),
        ("tag \U000e0041", "tag \\U000e0041"),
    ],
)
def test_what_has_no_glyph_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize("text", ["shop.orders", "Größe 5 µs", "naïve café", "数据库", "שלום", "a\u00a0b", "🙂", ""])
def test_text_of_any_language_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_no_character_of_unicode_comes_through_that_controls_anything() -> None:
    everything = printable("".join(map(chr, range(sys.maxunicode + 1))))
    assert {unicodedata.category(one) for one in everything} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} == set()
    everything.encode()


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 10, "0 %"),
        (0.01, 10, "under 1 %"),
        (5, 10, "50 %"),
        (9.99, 10, "99 %"),
        (10, 10, "100 %"),
        (10.01, 10, "just over 100 %"),
        (15.7, 10, "157 %"),
        (1, 0, ""),
    ],
)
def test_rounding_never_turns_a_miss_into_a_hit(part: float, whole: float, shown: str) -> None:
    assert format_share(part, whole) == shown


def test_instants_name_their_zone_whatever_it_is() -> None:
    at = datetime(2026, 11, 24, 3, 0, 0, 999_999, tzinfo=UTC)
    assert format_instant(at) == "2026-11-24 03:00:00 UTC"
    assert format_instant(at.replace(tzinfo=timezone(timedelta(hours=1)))) == "2026-11-24 03:00:00+01:00"
    assert format_instant(at.replace(tzinfo=None)) == "2026-11-24 03:00:00 (no zone)"
