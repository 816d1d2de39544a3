"""Durations and instants, at their boundaries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.errors import WrongUse
from drtool.times import format_duration, parse_duration, parse_instant, utc


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("90s", 90), ("30m", 1800), ("24h", 86_400), ("7d", 604_800), ("1h30m", 5400), ("0.5s", 0.5),
            ("1d2h3m4.25s", 93_784.25), (" 30m ", 1800), ("0h30m", 1800), ("0.001s", 0.001), ("36500d", 3_153_600_000),
        ],
    )  # fmt: skip
    def test_the_written_forms_are_read(self, text: str, seconds: float) -> None:
        assert parse_duration(text) == timedelta(seconds=seconds)

    @pytest.mark.parametrize(
        "text",
        [
            "", " ", "30", "m", "1.5h", "1,5s", "30 m", "1h 30m", "30m1h", "-5m", "+5m", "5M", "5min", "5 minutes",
            "PT5M", "1e3s", "٣s", "nans", "infs", "30m\n30m",
        ],
    )  # fmt: skip
    def test_anything_else_is_refused_with_an_example(self, text: str) -> None:
        with pytest.raises(WrongUse, match=r"is not a duration.*1h30m"):
            parse_duration(text)

    @pytest.mark.parametrize("text", ["0s", "0d", "0.0s", "0.0000001s", "0.0009s"])
    def test_a_target_too_short_to_be_one_is_refused_and_not_taken_as_none(self, text: str) -> None:
        with pytest.raises(WrongUse, match="too short"):
            parse_duration(text)

    @pytest.mark.parametrize("text", ["36501d", "999999999999d", "9" * 400 + "d", "9" * 5000 + "s"])
    def test_a_duration_beyond_reckoning_is_refused(self, text: str) -> None:
        with pytest.raises(WrongUse, match="too long"):
            parse_duration(text)

    @given(st.integers(0, 999), st.integers(0, 999), st.integers(0, 999), st.integers(0, 999), st.integers(1, 999))
    def test_every_duration_means_the_sum_of_its_parts(self, d: int, h: int, m: int, s: int, ms: int) -> None:
        expected = timedelta(days=d, hours=h, minutes=m, seconds=s, milliseconds=ms)
        assert parse_duration(f"{d}d{h}h{m}m{s}.{ms:03}s") == expected

    @given(st.integers(1, 3_000_000_000_000))
    def test_the_way_a_target_is_handed_to_another_process_loses_nothing(self, milliseconds: int) -> None:
        target = timedelta(milliseconds=milliseconds)
        assert parse_duration(f"{target.total_seconds()}s") == target

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [
            (0, "0 ms"), (0.0004, "0 ms"), (0.25, "250 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (1, "1.0 s"),
            (59.94, "59.9 s"), (59.96, "1 min"), (60, "1 min"), (61, "1 min 1 s"), (3599.6, "1 h"), (3600, "1 h"),
            (3661, "1 h 1 min"), (86_400, "1 d"), (90_061, "1 d 1 h"), (86_401, "1 d"), (-90, "-1 min 30 s"),
        ],
    )  # fmt: skip
    def test_durations_are_written_for_people(self, seconds: float, text: str) -> None:
        assert format_duration(seconds) == text

    @given(st.floats(0, 4e9), st.floats(0, 4e9))
    def test_a_longer_duration_never_reads_as_a_shorter_one(self, one: float, other: float) -> None:
        short, long = sorted((one, other))
        assert read_back(format_duration(short)) <= read_back(format_duration(long))


def read_back(text: str) -> float:
    sizes = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86_400}
    words = text.split()
    return sum(float(amount) * sizes[unit] for amount, unit in zip(words[::2], words[1::2], strict=True))


class TestInstants:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-11-24T03:00:00Z", "2026-11-24t03:00:00z", "2026-11-24T03:00:00z", "2026-11-24 03:00:00Z",
            "2026-11-24T04:00:00+01:00", "2026-11-23T22:00:00-05:00", "2026-11-24T03:00:00.000Z",
            "2026-11-24T03:00:00-00:00", " 2026-11-24T03:00:00Z\n", "2026-11-24T08:30:00+05:30",
        ],
    )  # fmt: skip
    def test_every_form_of_rfc_3339_is_read_as_utc(self, text: str) -> None:
        instant = parse_instant(text)
        assert instant == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
        assert instant.tzinfo is UTC

    def test_fractions_of_a_second_are_kept(self) -> None:
        assert parse_instant("2026-11-24T03:00:00.25Z").microsecond == 250_000

    @pytest.mark.parametrize("text", ["2026-11-24T03:00:00", "2026-11-24 03:00:00.5"])
    def test_a_time_without_a_zone_is_refused_and_the_mend_is_right(self, text: str) -> None:
        with pytest.raises(WrongUse, match="has no time zone") as refused:
            parse_instant(text)
        assert f"{text}Z" in refused.value.mend
        assert parse_instant(f"{text}Z")

    @pytest.mark.parametrize(
        "text",
        [
            "", "yesterday", "2026-11-24", "2026-11-24Z", "03:00:00Z", "20261124T030000Z", "2026-W48-2T03:00:00Z",
            "2026-11-24T03Z", "2026-11-24T03:00Z", "2026-13-24T03:00:00Z", "2026-02-30T03:00:00Z",
            "2026-11-24T25:00:00Z",
            "2026-11-24T23:59:60Z", "2026-11-24T03:00:00+25:00", "2026-11-24T03:00:00+01:60", "2026-11-24T03:00:00,5Z",
            "2026-11-24T03:00:00 Europe/Berlin", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
            "٢٠٢٦-11-24T03:00:00Z", "1764000000",
        ],
    )  # fmt: skip
    def test_anything_else_is_refused_with_an_example(self, text: str) -> None:
        with pytest.raises(WrongUse, match=r"is not a time.*2026-11-24T03:00:00Z"):
            parse_instant(text)

    @given(st.datetimes(timezones=st.timezones(), min_value=datetime(1970, 1, 2), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 (hypothesis wants naive bounds)
    def test_what_python_writes_is_read_back(self, instant: datetime) -> None:
        offset = instant.utcoffset()
        if offset is None or offset.seconds % 60:
            instant = instant.astimezone(UTC)  # zones had odd seconds once, which RFC 3339 cannot write
        assert parse_instant(instant.isoformat()) == instant.astimezone(UTC)

    def test_an_instant_of_any_zone_is_written_in_utc_to_the_second(self) -> None:
        assert (
            utc(datetime(2026, 11, 24, 4, 0, 0, 900_000, tzinfo=timezone(timedelta(hours=1)))) == "2026-11-24T03:00:00Z"
        )
