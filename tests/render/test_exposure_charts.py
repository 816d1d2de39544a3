"""Exposure is drawn so that it can be read without colour, without sight and without trust in what is drawn."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from rich.text import Text

from drtool.exposure import ExposureTerms, exposures
from drtool.record.exposure import Exposure
from drtool.render import exposure as charts
from drtool.render.exposure import chart, columns
from drtool.render.exposure_text import text
from drtool.render.templates import templates
from drtool.stores.interface import StoredObject

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "s3://b/<script>alert(1)</script>\x1b[2J&\"'*.sql"


def nights(
    *, without: tuple[int, ...] = (), rpo_hours: float | None = 26, days: int = 30, pattern: str = "s3://b/db-*.sql"
) -> Exposure:
    objects = []
    for ago in range(days):
        began = NOW.replace(hour=3) - ago * DAY
        if ago not in without:
            location = f"s3://b/db-{began:%Y%m%dT%H%M%SZ}.sql"
            size = 0 if ago == 20 else 1000 if ago == 3 else 9_000_000
            objects.append(StoredObject(location=location, size_bytes=size, modified_at=began + timedelta(minutes=20)))
    terms = ExposureTerms(
        pattern=pattern,
        until=NOW,
        looked_at=NOW,
        objective_seconds=rpo_hours * 3600 if rpo_hours else None,
        host_zone=UTC,
    )
    (exposure,) = exposures(terms, objects)
    return exposure


NOTHING = exposures(ExposureTerms(pattern=HOSTILE, until=NOW, looked_at=NOW, objective_seconds=1.0), [])[0]


class TestOnTheTerminal:
    def test_the_worst_is_marked_in_words_above_its_column(self) -> None:
        lines = chart(nights(without=(12,)), 80, colour=False).splitlines()
        place = lines[0].index("▼")
        assert "48 h 20 min, 13 Nov" in lines[0]
        assert lines[1][place] == "█"
        assert max(map(len, lines)) <= 80

    def test_the_objective_has_a_line_and_what_is_beyond_it_looks_different_without_colour(self) -> None:
        lines = chart(nights(without=(12,)), 80, colour=False).splitlines()
        (target,) = [line for line in lines if "RPO 26 h" in line]
        assert target.count("╌") > 40
        bottom = lines[-3]
        assert "█" in bottom
        assert "▒" in bottom

    @pytest.mark.parametrize("width", [40, 60, 80, 132])
    @pytest.mark.parametrize("days", [1, 2, 30, 400])
    def test_it_keeps_to_its_width(self, width: int, days: int) -> None:
        assert max(map(len, chart(nights(days=days), width, colour=False).splitlines())) <= width

    def test_colour_adds_nothing_but_colour(self) -> None:
        exposure = nights(without=(12,))
        coloured = chart(exposure, 80, colour=True)
        assert "\x1b[" in coloured
        assert [line.rstrip() for line in Text.from_ansi(coloured).plain.splitlines()] == chart(
            exposure, 80, colour=False
        ).splitlines()

    def test_a_terminal_that_knows_ascii_only_gets_ascii_only(self) -> None:
        drawn = chart(nights(without=(12,)), 80, colour=False, ascii_only=True)
        assert drawn.isascii()
        assert "#" in drawn
        assert ":" in drawn

    def test_nothing_to_draw_is_no_chart(self) -> None:
        assert chart(NOTHING, 80, colour=False) == ""

    def test_the_text_has_the_answer_first_and_names_what_stands_behind_it(self) -> None:
        shown = text(nights(without=(12,)), colour=False, width=80)
        assert shown.startswith("MISSED ")
        assert "RPO of 26 h met now (6 h), but missed: 48 h 20 min on 13 November 2026" in " ".join(shown.split())
        assert "Missing" in shown
        assert "zero bytes" in shown
        assert "1000 bytes, where 8.6 MiB was usual" in " ".join(shown.split())
        assert max(map(len, shown.splitlines())) <= 80

    def test_a_name_in_the_store_cannot_steer_the_terminal(self) -> None:
        assert "\x1b" not in text(NOTHING, colour=False, width=80)

    def test_what_was_said_of_another_series_is_not_said_again(self) -> None:
        exposure = nights(rpo_hours=24)
        assert exposure.warnings
        assert "Warnings" not in text(exposure, colour=False, width=80, said=exposure.warnings)


def svg(exposure: Exposure) -> str:
    return templates().get_template("sections/exposure_chart.html.j2").render(charts=charts, chart=columns(exposure))


class TestOnThePage:
    def test_it_is_an_image_with_a_title_and_a_description(self) -> None:
        exposure = nights(without=(12,))
        root = ElementTree.fromstring(svg(exposure))  # noqa: S314 (our own)
        title, text_ = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
        assert title is not None
        assert text_ is not None
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {text_.attrib['id']}"
        assert text_.text == exposure.reason

    def test_there_is_a_column_for_each_stretch_and_a_line_for_the_objective(self) -> None:
        exposure = nights(without=(12,))
        root = ElementTree.fromstring(svg(exposure))  # noqa: S314
        drawn = root.findall(f"{SVG}rect")
        assert len(drawn) == len(exposure.bars)
        assert len({column.attrib["fill"] for column in drawn}) == 2
        assert [line for line in root.findall(f"{SVG}line") if "stroke-dasharray" in line.attrib]
        assert "48 h 20 min, 13 Nov" in [one.text for one in root.findall(f"{SVG}text")]
        height = float(root.attrib["viewBox"].split()[3])
        assert all(0 <= float(one.attrib["y"]) <= height for one in root.findall(f"{SVG}text"))

    def test_what_is_beyond_the_objective_is_darker_so_that_it_shows_in_black_and_white(self) -> None:
        def luminance(colour: str) -> float:
            red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
            return 0.2126 * red + 0.7152 * green + 0.0722 * blue

        exposure = nights(without=(12,))
        fills = re.findall(r'<rect[^>]* fill="(#\w+)"', svg(exposure))
        over = [bar.rpa_seconds is not None and bar.rpa_seconds > 26 * 3600 for bar in exposure.bars]
        dark = max(luminance(fill) for fill, is_over in zip(fills, over, strict=True) if is_over)
        light = min(luminance(fill) for fill, is_over in zip(fills, over, strict=True) if not is_over)
        assert light - dark > 100

    def test_there_is_no_script_and_nothing_from_elsewhere(self) -> None:
        drawn = svg(nights(pattern=HOSTILE, without=(12,)))
        assert "<script" not in drawn
        assert "\x1b" not in drawn
        assert set(re.findall(r"https?://[^\"]*", drawn)) == {"http://www.w3.org/2000/svg"}
        assert not re.search(r"\bon\w+=|href|style=", drawn)

    def test_a_hostile_reason_stays_text(self) -> None:
        hostile = Exposure(
            **{name: getattr(nights(), name) for name in Exposure.__dataclass_fields__} | {"reason": HOSTILE}
        )
        root = ElementTree.fromstring(svg(hostile))  # noqa: S314
        described = root.find(f"{SVG}desc")
        assert described is not None
        assert described.text == HOSTILE.replace("\x1b", "\\x1b")

    def test_two_on_one_page_do_not_share_an_identifier(self) -> None:
        first, second = (re.findall(r'id="([^"]+)"', svg(nights(pattern=pattern))) for pattern in ("a", "b"))
        assert not set(first) & set(second)

    def test_nothing_to_draw_is_no_image(self) -> None:
        assert columns(NOTHING) is None
