"""Drills over which somebody else has a word, and what comes of it where that word is not given."""

from __future__ import annotations

import socket
import xml.etree.ElementTree as ElementTree

import pytest

from drtool.record.verdicts import Verdict
from tests.attest.authority import Tsa
from tests.e2e.conftest import ShopBackups
from tests.e2e.workbench import Workbench


@pytest.fixture
def nobody() -> str:
    """The URL of an authority that is not there."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{closed.getsockname()[1]}/tsr"


def test_a_drill_with_a_time_stamp_and_a_statement_passes_and_both_are_genuine(
    bench: Workbench, shop: ShopBackups
) -> None:
    tsa = Tsa.in_folder(bench.folder / "tsa")
    with tsa.served() as url:
        ran = bench.drtool(
            "verify", shop.archive, "--profile", "fast", "--statement", "--json", environment={"DRTOOL_TSA": url}
        )
    assert ran.code == 0, ran
    assert (ran.record.timestamp_authority, ran.record.statement) == (url, True)
    own = bench.reports / ran.record.drill_id
    assert {"report.json.tsr", "report.intoto.json"} <= {path.name for path in own.iterdir()}
    assert url in (own / "report.html").read_text()
    assert url in bench.drtool("show", own).stdout
    audited = bench.drtool("audit", "--tsa-certificates", tsa.root, "--json")
    assert audited.code == 0, audited
    (drill,) = audited.json["drills"]
    assert (drill["timestamp"], drill["statement"]) == ("genuine", "genuine")


def test_a_drill_that_passed_without_the_time_stamp_it_asked_for_is_not_green(
    bench: Workbench, shop: ShopBackups, nobody: str
) -> None:
    ran = bench.drtool("verify", shop.archive, "--profile", "fast", "--tsa", nobody, "--json", "--junit", "drills.xml")
    assert ran.code == 3, ran
    assert ran.record.verdict is Verdict.PASSED
    assert ran.stderr.count(f"{nobody} gave no time-stamp") == 1
    errors = ElementTree.parse(bench.folder / "drills.xml").getroot().findall(".//error")  # noqa: S314 (our own output)
    assert len(errors) == 1
    audited = bench.drtool("audit", "--json")
    assert audited.code == 3, audited
    assert [problem["code"] for problem in audited.json["problems"]] == ["timestamp-not-given"]


def test_side_by_side_it_is_not_green_either(bench: Workbench, shop: ShopBackups, nobody: str) -> None:
    ran = bench.drtool("verify", *[shop.archive] * 2, "--jobs", "2", "--profile", "fast", "--tsa", nobody)
    assert ran.code == 3, ran
    assert [record.verdict for record in bench.records()] == [Verdict.PASSED, Verdict.PASSED]
    assert [record.timestamp_authority for record in bench.records()] == [nobody, nobody]
    assert ran.stderr.count("gave no time-stamp") == 2
