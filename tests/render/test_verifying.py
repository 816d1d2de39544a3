"""What every rendering says of what was to be made of the signed record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drtool.record.model import DrillRecord
from drtool.render.page import page
from drtool.render.text import full
from tests.render import records

URL = "https://tsa.example.org/tsr"


def renderings(record: DrillRecord) -> list[str]:
    return [" ".join(text.split()) for text in (page(record), full(record, colour=False, width=200))]


@pytest.mark.parametrize("number", [0, 1])
def test_whether_a_time_stamp_and_a_statement_were_asked_for_is_said_and_how_to_check_them(number: int) -> None:
    asked = renderings(replace(records.passed(), timestamp_authority=URL, statement=True))[number]
    assert f"A time-stamp over this record was to be asked for from {URL}: report.json.tsr." in asked
    assert "An in-toto statement about this drill was to be made: report.intoto.json." in asked
    assert "openssl ts -verify -data report.json -in report.json.tsr" in asked


@pytest.mark.parametrize("number", [0, 1])
def test_where_none_was_asked_for_nothing_is_said_of_it(number: int) -> None:
    plain = renderings(records.passed())[number]
    assert "report.json.tsr" not in plain
    assert "report.intoto.json" not in plain


def test_a_name_that_is_no_url_does_no_harm_on_the_page() -> None:
    assert "<script>" not in page(replace(records.passed(), timestamp_authority="https://x/<script>alert(1)</script>"))
