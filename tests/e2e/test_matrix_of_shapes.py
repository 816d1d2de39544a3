"""The matrix of backups: each shape comes back equal to its baseline, and is what the table in docs/ says of it."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import docker
import pytest

from drtool.record.model import DrillRecord
from fixtures.shop.matrix import ROWS, SERIES, Row, make_rows
from fixtures.shop.shapes import Keys
from tests.e2e.workbench import Ran, Workbench

PAGE = Path(__file__).parents[2] / "docs" / "backups.md"
_WITNESS_RANK = 1
_FIRST_PARTS = {".001", ".aa", ".part1"}


@dataclass(frozen=True, kw_only=True)
class Made:
    """The backups of all rows, by their names, and the keys of those that are encrypted."""

    backups: dict[str, Path]
    keys: Keys


@pytest.fixture(scope="module")
def made(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Make the backups of all rows."""
    del engine
    with TemporaryDirectory(prefix="keys-") as folder, Keys.made(Path(folder) / "k") as keys:
        yield Made(backups=make_rows(tmp_path_factory.mktemp("matrix"), keys), keys=keys)


@pytest.fixture(scope="module")
def drills(request: pytest.FixtureRequest, shared_bench: Workbench, made: Made) -> Iterator[dict[str, Future[Ran]]]:
    """Drill the rows that are asked for, two at a time."""
    asked = {row.name for item in request.session.items if (row := _row_of(item))}

    def drill(number: int, row: Row) -> Ran:
        body = row.scenario(made.backups[row.name], made.keys)
        script = shared_bench.scenario(body, name=f"row_{number}", targets='rpo="1h"')
        return shared_bench.drtool("run", script, "--profile", "fast", "--json", environment=made.keys.environment)

    with ThreadPoolExecutor(2) as pool:
        yield {row.name: pool.submit(drill, number, row) for number, row in enumerate(ROWS) if row.name in asked}


def _row_of(item: pytest.Item) -> Row | None:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("row") if callspec else None


def _digest(backup: Path) -> str:
    """Return what anybody can make of a backup by `sha256sum`: of a file, of all its parts, or of a folder."""
    if backup.is_dir():
        script = "find . -type f -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
        made = subprocess.run(["bash", "-c", script], cwd=backup, check=True, capture_output=True, text=True)
        return made.stdout.split()[0]
    split = backup.suffix in _FIRST_PARTS
    parts = sorted(one for one in backup.parent.glob(f"{backup.stem}.*") if ".baseline." not in one.name)
    return hashlib.sha256(b"".join(part.read_bytes() for part in (parts if split else [backup]))).hexdigest()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_backup_comes_back_equal_to_its_baseline_and_is_what_the_table_says(
    drills: dict[str, Future[Ran]], made: Made, row: Row
) -> None:
    ran = drills[row.name].result()
    assert ran.code == 0, ran
    record = ran.record
    assert record.findings == ()
    assert [(loss.missing, loss.extra, loss.changed) for loss in record.losses] == [(0, 0, 0)]
    (container,) = record.sandbox.containers if record.sandbox else ()
    # What no file of it says (mydumper names no server), nobody can restore into the same.
    assert str(container.server_version).startswith(f"{row.series}.") or record.backups[0].server_version is None
    assert record.backups[0].sha256 == _digest(made.backups[row.name])
    assert _cells(row, record) in _table()


@pytest.mark.parametrize("row", [row for row in ROWS if row.shape.name == "--tab"], ids=lambda row: row.name)
def test_triggers_do_not_fire_at_rows_and_are_there_afterwards(drills: dict[str, Future[Ran]], row: Row) -> None:
    """Each order of the shop writes to its audit by a trigger: the baseline would tell."""
    assumptions = drills[row.name].result().record.assumptions
    assert any("3 triggers were set aside" in assumption for assumption in assumptions)


def test_table_has_every_row_once_in_the_order_of_the_matrix() -> None:
    assert [(cells[0], cells[1]) for cells in _table()] == [(row.shape.name, row.series) for row in ROWS]


def test_matrix_has_thirty_shapes_over_all_series() -> None:
    assert len({row.shape.name for row in ROWS}) >= 30
    assert {row.series for row in ROWS} == set(SERIES)


def _cells(row: Row, record: DrillRecord) -> tuple[str, ...]:
    """Return what the table has to say of a row, by the record of its drill."""
    (backup, *others) = record.backups
    format_ = " + ".join(dict.fromkeys(one.format for one in (backup, *others)))
    # Data that is equal to its baseline is the best witness there is; the table says what there was without it.
    others_say = (one for one in record.rpo.evidence if one.rank > _WITNESS_RANK)
    own = min(others_say, key=lambda one: (one.rank, one.bound_only))
    return row.shape.name, row.series, format_, backup.compression, own.source


def _table() -> list[tuple[str, ...]]:
    lines = re.findall(r"^\| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    rows = [tuple(cell.strip().replace("`", "") for cell in line.split(" | ")) for line in lines]
    return [cells for cells in rows if len(cells) == 5 and cells[1] in SERIES]
