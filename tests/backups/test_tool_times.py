# ruff: noqa: RUF001 (letters of other alphabets)
"""Times as tools write them: read in the languages that they have, and not at all where they may be two."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.backups.tool_times import ReadTime, read_any_order, read_day_first, read_internet, read_iso, read_of_c

ALL_READERS = (read_any_order, read_day_first, read_internet, read_iso, read_of_c)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Apr 16, 2020 at 02:54 PM", "2020-04-16 14:54"),
        ("Nov 29, 2026 at 12:05 AM", "2026-11-29 00:05"),
        ("Nov 29, 2026 at 12:05 PM", "2026-11-29 12:05"),
        ("29-11-2026 a las 10:00:00", "2026-11-29 10:00"),
        ("03-04-2026 a las 10:00:00", "2026-04-03 10:00"),
        ("24-Abr-2022 às 23:50", "2022-04-24 23:50"),
        ("11/09/2024 às 15:08", "2024-09-11 15:08"),
        ("23. Jan 2017 um 14:57", "2017-01-23 14:57"),
        ("13. Mai 2013 um 15:44", "2013-05-13 15:44"),
        ("mar. 12 fév. 2026 à 13:11", "2026-02-12 13:11"),
        ("Ven 15 Décembre 2017 à 11:33", "2017-12-15 11:33"),
        ("13 jan 2022 om 11:49", "2022-01-13 11:49"),
        ("Gen 29, 2026 alle 10:00", "2026-01-29 10:00"),
        ("29 de Nov de 2026 ás 10:00", "2026-11-29 10:00"),
        ("Апр 09 2020 г., 19:10", "2020-04-09 19:10"),
        ("11 Paź 2020, 10:55", "2020-10-11 10:55"),
        ("29 Kas 2026, 10:00:00", "2026-11-29 10:00"),
        ("29. 11 2026 kl. 19:23:00", "2026-11-29 19:23"),
        ("29.11.2026 klo 19:23", "2026-11-29 19:23"),
        ("29 Nov 2026 pada 10.05", "2026-11-29 10:05"),
        ("2026. Nov 29. 10:00", "2026-11-29 10:00"),
        ("2023-07-23 10:44:43", "2023-07-23 10:44:43"),
        ("2026 年 11 月 29 日 10:00", "2026-11-29 10:00"),
        ("Sunday 29. November 2026 10:00 UTC", "2026-11-29 10:00+00:00"),
    ],
)
def test_a_time_is_read_in_the_words_of_its_language(written: str, meant: str) -> None:
    assert read_day_first(written) == at(meant)


@pytest.mark.parametrize(
    "written",
    [
        "03 Lis 2018, 00:12",  # October in Croatian, November in Polish
        "29 Lip 2026, 10:00",  # June in Croatian, July in Polish
        "Nov 29, 2026 klo 02:54 iltapäivällä",  # half of the day, in no letters that are known
        "2012 年 03 月 04 日 下午 05:06",
        "Nov 29, 26 at 10:00", "26-11-29 10:00", "29 Nov 2026", "31/11/2026 10:00", "", "10:00", "now",
    ],
)  # fmt: skip
def test_what_may_be_another_time_is_not_read(written: str) -> None:
    assert read_day_first(written) is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("29/11/2026 10:00:00", "2026-11-29 10:00"),
        ("06/24/2017 14:53:26 PM", "2017-06-24 14:53:26"),
        ("04/04/2018 23:36:08 PM", "2018-04-04 23:36:08"),
        ("2018-05-21 08:07:24", "2018-05-21 08:07:24"),
        ("28.11.2018 16:59:23", "2018-11-28 16:59:23"),
        ("08/11/2021 10:51:43", None),
        ("13/13/2021 10:51:43", None),
    ],
)
def test_of_an_unknown_order_only_what_can_be_read_in_one_is_read(written: str, meant: str | None) -> None:
    assert read_any_order(written) == (at(meant) if meant else None)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2019-08-03 02:54:37 +0000", datetime(2019, 8, 3, 2, 54, 37, tzinfo=UTC)),
        ("2011-01-21 14:31:33 +0100", datetime(2011, 1, 21, 13, 31, 33, tzinfo=UTC)),
        ("2026-11-29 10:00:00 UTC", datetime(2026, 11, 29, 10, tzinfo=UTC)),
        ("2026-11-29 10:00:00 +0000 UTC", datetime(2026, 11, 29, 10, tzinfo=UTC)),
        ("2023-08-16 15:25:16.0510", at("2023-08-16 15:25:16")),
        ("2026-11-29 10:00.07", at("2026-11-29 10:00:07")),
        ("2026-11-29 6:15:08\u202fPM +0000", None),
        ("2026-11-29", None),
        ("29/11/2026 10:00", None),
    ],
)
def test_a_zone_is_read_where_it_is_said(written: str, meant: datetime | None) -> None:
    assert read_iso(written) == meant


def test_times_of_mail_and_of_c_are_read() -> None:
    assert read_internet("Sun, 29 Nov 2026 10:00:00 +0100") == datetime(2026, 11, 29, 9, tzinfo=UTC)
    assert read_of_c("Wed Jan  3 11:08:16 2018") == at("2018-01-03 11:08:16")
    assert read_internet("29/11/2026") is None
    assert read_of_c("29/11/2026") is None


@given(st.sampled_from(ALL_READERS), st.text(max_size=60))
def test_nothing_that_stands_there_ends_a_drill(read: ReadTime, written: str) -> None:
    read(written)
