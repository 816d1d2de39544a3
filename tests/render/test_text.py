"""What the terminal says of a drill: compact after it, complete on request, harmless always."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from drtool.record.environment import Profile
from drtool.record.model import DrillRecord
from drtool.record.verdicts import Effect, Finding, Verdict
from drtool.render.text import full, summary
from tests.render import parts, records, rewording

EVERY = [records.passed, records.failed, records.unverified, records.interrupted, records.unsigned, records.sampled]
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def joined(text: str) -> str:
    """Return a text as if it had never been wrapped; words that were broken for their length are mended too."""
    return re.sub(r"\n *", " ", text)


@pytest.mark.parametrize("make", EVERY)
def test_summary_begins_with_the_verdict_and_its_reason(make: Callable[[], DrillRecord]) -> None:
    record = make()
    text = summary(record, colour=False, width=100)
    assert text.startswith(f"{record.verdict.upper()} ")
    assert record.reason in joined(text)


@pytest.mark.parametrize("make", EVERY)
@pytest.mark.parametrize("width", [80, 100])
def test_summary_fits_the_screen(make: Callable[[], DrillRecord], width: int) -> None:
    lines = summary(make(), colour=False, width=width).split("\n")
    assert max(map(len, lines)) <= width
    worst = make is records.failed  # two findings, two failed checks, two deviations and losses
    assert len(lines) <= {80: 35 if worst else 27, 100: 28 if worst else 21}[width]
    assert all(line == line.rstrip() for line in lines)


def test_summary_holds_each_objective_against_its_actual() -> None:
    text = summary(records.failed(), colour=False, width=100)
    assert "MISSED: 47 min 12 s of 30 min, 157 %" in text
    assert "met: 1 min 45 s of 30 min, 6 %" in summary(records.passed(), colour=False, width=100)


def test_durations_that_would_read_alike_are_told_apart() -> None:
    record = records.failed()
    close = replace(record, rto=replace(record.rto, actual_seconds=1800.2, reason="RTO missed"))
    assert "1800.200 s of 1800.000 s, just over 100 %" in summary(close, colour=False, width=100)


def test_summary_names_what_was_restored_from_which_backup_of_when() -> None:
    text = joined(summary(records.passed(), colour=False, width=100))
    assert f"db: restored from {parts.DUMP}, 150 MiB, written 2026-11-23 23:49:31 UTC" in text
    assert "3 h 10 min before the disaster" in text


def test_summary_shows_failed_checks_with_what_was_expected_and_observed() -> None:
    text = joined(summary(records.failed(), colour=False, width=100))
    assert "FAILED db: there are orders: expected at least 1, observed 0" in text


def test_summary_shows_findings_with_their_mend_and_deviations() -> None:
    record = records.failed()
    text = joined(summary(record, colour=False, width=100))
    for found in record.findings:
        assert found.code in text
        assert found.message.rstrip(".") in text
        assert found.mend in text
    assert all(deviation in text for deviation in record.deviations)


def test_summary_says_nothing_twice_that_the_reason_says_already() -> None:
    text = joined(summary(records.failed(), colour=False, width=100))
    assert text.count("The dump has no closing comment") == 1
    assert joined(full(records.failed(), colour=False, width=100)).count("The dump has no closing comment") == 2


def test_a_disaster_time_that_was_supposed_is_said() -> None:
    record = records.passed()
    assert "Disaster" not in summary(record, colour=False, width=100)
    supposed = replace(record, disaster_at=record.started_at - timedelta(hours=1))
    assert "Disaster     supposed at 2026-11-24 02:00:00 UTC" in summary(supposed, colour=False, width=100)


def test_summary_says_how_many_it_left_out() -> None:
    many = tuple(
        Finding(code=f"code-{number}", effect=Effect.FAILED, resource=None, message="m.", mend="")
        for number in range(9)
    )
    record = replace(records.failed(), findings=many)
    assert "... and 4 more" in summary(record, colour=False, width=100)
    assert all(found.code in full(record, colour=False, width=100) for found in many)


def test_an_objective_that_was_not_judged_is_not_called_met() -> None:
    record = records.passed()
    fast = replace(
        record,
        profile=Profile.FAST,
        rto=replace(record.rto, verdict=None, reason="recovered in 1 min 45 s; not judged, because tuned for speed"),
        rpo=replace(record.rpo, objective_seconds=None, verdict=None, reason="no objective was set"),
    )
    text = summary(fast, colour=False, width=100)
    assert "RTO          not judged: 1 min 45 s of 30 min" in text
    assert "RPO          no objective; actual 3 h 12 min" in text
    nothing = replace(fast, rpo=replace(fast.rpo, actual_seconds=None))
    assert "RPO          no objective; actual not known" in summary(nothing, colour=False, width=100)
    assert " met" not in text.replace("RTO met", "").replace("RPO met", "")


def test_an_objective_that_could_not_be_told_is_not_shown_as_a_figure() -> None:
    record = records.passed()
    reason = "RPO cannot be judged: between 23 h and 25 h of data lost, against an objective of 1 d"
    unsure = replace(record, rpo=replace(record.rpo, verdict=Verdict.UNVERIFIED, reason=reason))
    assert "UNVERIFIED: between 23 h and 25 h" in summary(unsure, colour=False, width=100)


@pytest.mark.parametrize("render", [summary, full])
def test_unsigned_and_interrupted_are_said(render: Callable[..., str]) -> None:
    assert "UNSIGNED" in render(records.unsigned(), colour=False, width=100)
    assert "UNSIGNED" not in render(records.passed(), colour=False, width=100)
    assert "INTERRUPTED" in render(records.interrupted(), colour=False, width=100)


@pytest.mark.parametrize("render", [summary, full])
@pytest.mark.parametrize("make", EVERY)
def test_colour_says_nothing_that_the_words_do_not(render: Callable[..., str], make: Callable[[], DrillRecord]) -> None:
    coloured = render(make(), colour=True, width=100)
    uncoloured = render(make(), colour=False, width=100)
    assert "\x1b" in coloured
    assert "\x1b" not in uncoloured
    assert ANSI.sub("", coloured) == uncoloured


@pytest.mark.parametrize("render", [summary, full])
@pytest.mark.parametrize("colour", [True, False])
def test_a_hostile_record_sends_nothing_to_the_terminal_but_text_and_colours(
    render: Callable[..., str], *, colour: bool
) -> None:
    text = ANSI.sub("", render(rewording.hostile(), colour=colour, width=100))
    categories = {unicodedata.category(one) for one in text.replace("\n", "")}
    assert not {one for one in categories if one.startswith("C")} | (categories & {"Zl", "Zp"})
    text.encode()


def test_full_drops_no_text_of_the_record() -> None:
    record = rewording.marked()
    shown = set(re.findall(r"t[0-9]+", full(record, colour=False, width=100)))
    # A step's name says what it is about, and a reason says no more than the figures it was reckoned from.
    told_otherwise = {step.resource for step in record.steps} | {record.rto.reason}
    assert set(rewording.texts_of(record)) - shown == told_otherwise


def test_full_gives_each_counted_step_its_share_of_the_recovery_time() -> None:
    text = full(records.passed(), colour=False, width=100)
    restore = next(line for line in text.split("\n") if "1 min 11 s" in line)
    assert "68 %" in restore


@pytest.mark.parametrize("width", [40, 60, 200])
def test_narrow_and_wide_terminals_are_served(width: int) -> None:
    lines = full(records.failed(), colour=False, width=width).split("\n")
    assert max(map(len, lines)) <= min(width, 100)


def test_our_own_words_are_ascii_for_terminals_that_know_no_more() -> None:
    for make in EVERY:
        assert full(make(), colour=False, width=100).isascii()
