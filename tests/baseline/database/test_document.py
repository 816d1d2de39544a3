"""A baseline of databases survives its file, which is read line by line; what is no baseline is refused."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from drtool.baseline.database import document
from drtool.baseline.database.capture import _shapes_of
from drtool.baseline.database.compare_database import compare_database
from drtool.baseline.database.model import DatabaseBaseline, KeyColumn, Newest, ObjectKind
from drtool.baseline.database.row_chain import ordering
from drtool.baseline.database.row_text import Column
from drtool.baseline.findings import database_findings, database_losses
from drtool.errors import Unverifiable
from tests.baseline.builder import a_baseline, a_table, an_object

_BASELINE = a_baseline(
    [a_table(order=(KeyColumn(name="id"),)), a_table("log", history=True)],
    [an_object(ObjectKind.PROCEDURE, "shop.p", definer="app@%")],
    notes=("a note",),
)


def read(folder: Path, content: bytes) -> DatabaseBaseline:
    path = folder / "baseline"
    path.write_bytes(content)
    found = document.read(path)
    assert (len(found.tables), len(found.objects)) == (len(tuple(found.tables)), len(tuple(found.objects)))
    return replace(found, tables=tuple(found.tables), objects=tuple(found.objects))


@pytest.mark.parametrize("baseline", [_BASELINE, a_baseline(), a_baseline(objects=tuple(_BASELINE.objects))])
def test_it_survives_its_file_as_each_version_lays_it_out(baseline: DatabaseBaseline, tmp_path: Path) -> None:
    assert read(tmp_path, document.encode(baseline)) == baseline
    first = replace(baseline, schema_version=1)
    content = msgspec.json.encode(first)
    for laid_out in (msgspec.json.format(content, indent=1) + b"\n", msgspec.json.format(content, indent=4), content):
        assert read(tmp_path, laid_out) == first
    assert msgspec.json.decode(document.encode(baseline), type=DatabaseBaseline).taken_at == baseline.taken_at


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"format": "other"}', b'{,"tables":[\n', b"[" * 9999])
def test_a_file_that_is_no_baseline_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unverifiable) as caught:
        read(tmp_path, content)
    assert caught.value.code == "baseline-unreadable"


def test_one_that_was_cut_or_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    whole = document.encode(_BASELINE)
    old = msgspec.json.format(msgspec.json.encode(replace(_BASELINE, schema_version=1)), indent=1)
    for content in (whole, old):
        for broken in (
            content[:-3],
            content[: len(content) // 2],
            content.replace(b"InnoDB", b"In\nnoDB"),
            content + b"x",
        ):
            with pytest.raises(Unverifiable):
                read(tmp_path, broken)


def test_one_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unverifiable, match="version 3"):
        read(tmp_path, document.encode(replace(_BASELINE, schema_version=3)))


@pytest.mark.parametrize("wrong", [None, 5, -1, True, 1e300, "x", "2026-01-01T00:00:00", [], {}, [{}], "9" * 5000])
def test_a_field_that_was_edited_is_the_baselines_own_fault_whatever_stands_there(
    wrong: object, tmp_path: Path
) -> None:
    newest, order = Newest(column="id", type="date", value=None), KeyColumn(name="id", collation="utf8mb4_bin")
    table = a_table(order=(order,), newest=(newest,))
    whole = msgspec.to_builtins(a_baseline([table], [an_object(ObjectKind.VIEW, "shop.v")]))
    first = whole["tables"][0]
    for place in (whole, first, first["parts"][1], first["order"][0], first["newest"][0], whole["objects"][0]):
        for name, right in list(place.items()):
            place[name] = wrong
            try:
                _use(read(tmp_path, msgspec.json.encode(whole)))
            except Unverifiable as error:
                assert error.code == "baseline-unreadable"  # noqa: PT017 (one that is not raised is fine)
            place[name] = right


def _use(baseline: DatabaseBaseline) -> None:
    for shape in _shapes_of(baseline, {("shop", "orders", False)}).values():
        names = {one.name for one in shape.order} or {"id"}
        columns = [Column(name=name, type="varchar", nullable=False, collation="latin1_bin") for name in names]
        ordering(columns, shape.order, unique=True)
    found = compare_database(baseline, a_baseline([a_table()]))
    database_findings(found)
    database_losses(found, "db")


def test_one_of_any_size_is_compared_in_little_memory(tmp_path: Path) -> None:
    objects = [an_object(ObjectKind.COLUMN, f"shop.orders.c{number}", "d" * 64) for number in range(20_000)]
    path, here = tmp_path / "baseline", a_baseline([a_table()])
    path.write_bytes(document.encode(a_baseline([a_table()], objects)))
    # Held in memory these take more than the file does.
    tracemalloc.start()
    kinds = replace(here, kinds=(ObjectKind.TABLE,))
    found = compare_database(document.read(path), kinds)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.equal
    assert peak < path.stat().st_size / 4
