"""Whatever stands in a report, reading it ends in a page or a clear word: never in a mistake of drtool's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drtool.errors import Unverifiable
from drtool.record.model import decode, encode
from drtool.render.junit import junit
from drtool.render.page import page
from drtool.render.text import full, summary
from tests.evidence.builder import Site, as_document, like, signed
from tests.evidence.conftest import Run
from tests.render import records

WHOLE = [json.loads(encode(one)) for one in (records.passed(), records.failed(), records.unverified())]
ODD: list[Any] = [
    None, True, "", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-11-24T03:00:00",
    "9999-12-31T23:59:59-12:00", "\x1b[2J\n\u202e\u200b", "x" * 5000, -1, 0, 2**62, 2**64, 10**400, 1e12, -1e12, 1e13,
    1e308, 5e-324, [], {}, [[[[[]]]]], "passed", "failed",
]  # fmt: skip


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value in a document."""
    yield way
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*way, key))


def with_odd(document: Any, way: tuple[Any, ...], odd: Any) -> Any:
    """Return a document with another value at a place."""
    if not way:
        return odd
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[way[0]] = with_odd(document[way[0]], way[1:], odd)
    return copy


@st.composite
def edited(draw: st.DrawFn) -> bytes:
    document = draw(st.sampled_from(WHOLE))
    anything = st.recursive(
        st.sampled_from(ODD) | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    )
    for _ in range(draw(st.integers(1, 4))):
        document = with_odd(document, draw(st.sampled_from([*places(document)])), draw(anything))
    return json.dumps(document).encode()


def read(document: bytes) -> None:
    """Read a report and render it in every way, or have it refused."""
    try:
        record = decode(document)
    except Unverifiable:
        return
    for colour in (True, False):
        shown = full(record, colour=colour, width=80) + summary(record, colour=colour, width=40)
        assert not {*"\x07\x08\x9b\u202e\u200b"} & {*shown}
    page(record).encode()
    junit([record]).encode()


@given(document=edited())
def test_a_report_that_was_edited_anyhow_is_read_or_refused(document: bytes) -> None:
    read(document)


@pytest.mark.parametrize(
    ("way", "odd"),
    [
        (("backups", 0, "modified_at"), "2026-11-24T03:00:00"),
        (("rpo", "evidence", 0, "latest"), "0001-01-01T00:00:00+14:00"),
        (("steps", 0, "elapsed_seconds"), 1e308),
        (("backups", 0, "size_bytes"), 10**400),
    ],
)
def test_what_no_drill_leaves_is_refused_in_a_sentence(way: tuple[Any, ...], odd: Any) -> None:
    with pytest.raises(Unverifiable) as refused:
        decode(json.dumps(with_odd(WHOLE[0], way, odd)).encode())
    assert refused.value.code == "record-unreadable"
    decode(json.dumps(WHOLE[0]).encode())


@pytest.mark.parametrize(
    "document",
    [b"", b"null", b"[" * 100_000, b'{"schema_version":1,"x":' + b"[" * 100_000, b'{"schema_version":1e400}',
     b'{"schema_version":1' + b"0" * 5000 + b"}", b"\xff\xfe", b'{"scenario":"\\ud800"}'],
    ids=range(8),
)  # fmt: skip
def test_what_is_hardly_json_is_refused(document: bytes) -> None:
    read(document)


def test_a_signed_report_with_odd_values_is_audited_shown_and_listed(site: Site, drtool: Run) -> None:
    """Whoever holds the key can write anything; it is unreadable then, or as strange as it says."""
    site.drill(change=like(records.passed()))
    for number, (way, odd) in enumerate(
        [(("backups", 0, "modified_at"), "2026-11-24T03:00:00"), (("rto", "actual_seconds"), -1e12)]
    ):
        document = as_document(with_odd(site.record(0), way, odd))
        site.rewrite_report(0, document)
        assert site.key is not None
        signed(site.path(0, "report.json"), Path(site.key.path))
        audited = drtool("audit", site.reports, "--html", "--json")
        assert "report-unreadable" in audited.codes or number == 1
        assert "mistake in drtool" not in audited.errors
        shown = drtool("show", site.path(0))
        assert shown.code in (1, 3), shown
        assert "mistake in drtool" not in shown.errors


def test_values_beyond_those_of_a_drill_are_none_that_drtool_writes() -> None:
    for one in (records.passed(), records.failed(), records.unverified()):
        assert decode(encode(replace(one, reason="as it is"))) == replace(one, reason="as it is")
    assert msgspec.json.decode(encode(records.passed()))["schema_version"] == 1
