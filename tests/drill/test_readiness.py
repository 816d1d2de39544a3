"""What `drtool doctor` finds out about backups before a drill needs them."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, cast

import pytest

from drtool.drill import readiness
from drtool.drill.options import DrillOptions
from drtool.drill.readiness import Diagnosis, diagnoses
from drtool.errors import Unverifiable
from drtool.sandbox.engine import Engine


def diagnosis_of(pattern: str, monkeypatch: pytest.MonkeyPatch, reports: Path) -> Diagnosis:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{reports}/gone.sock")
    return next(one for one in diagnoses(DrillOptions(reports=reports), [pattern]) if one.subject == "store")


@pytest.mark.parametrize("pattern", ["db-*.sql", "shop-*/"])
def test_backups_that_may_be_read_are_within_reach(
    pattern: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("db-1.sql", "db-2.sql", "shop-1/orders.sql", "shop-1/orders.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("-- MariaDB dump\n")
    found = diagnosis_of(f"{tmp_path}/{pattern}", monkeypatch, tmp_path / "reports")
    assert (found.well, found.code, "match" in found.finding) == (True, None, True), found


def test_backups_that_may_be_seen_but_not_read_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "db-1.sql").touch()
    opens = Path.open

    def open_(path: Path, *arguments: Any, **named: Any) -> Any:
        if path.name == "db-1.sql":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opens(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", open_)
    found = diagnosis_of(f"{tmp_path}/db-*.sql", monkeypatch, tmp_path / "reports")
    assert (found.well, found.code) == (False, "store-unreachable")
    assert "db-1.sql cannot be read: Permission denied" in found.finding


@pytest.mark.parametrize("name", ["reports", "typo/evidence"])
def test_a_reports_folder_is_not_made_by_looking(name: str, tmp_path: Path) -> None:
    assert readiness._reports(tmp_path / name) == f"{tmp_path / name} can be written; the first drill makes it"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / name).mkdir(parents=True)
    assert readiness._reports(tmp_path / name) == f"{tmp_path / name} can be written"


def test_a_ledger_that_drills_refuse_is_not_well(tmp_path: Path) -> None:
    (tmp_path / "ledger.jsonl").write_text("checked by Bob\n")
    with pytest.raises(Unverifiable) as refused:
        readiness._reports(tmp_path)
    assert refused.value.code == "ledger-damaged"


@pytest.mark.parametrize(("free_bytes", "well"), [(6 * 2**30, True), (2**30, False)])
def test_the_engines_disk_is_looked_at_where_a_sandbox_would_lie(
    free_bytes: int, well: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "find_image", lambda *_, **__: None)
    monkeypatch.setattr(readiness, "try_sandbox", lambda *_: free_bytes)
    found = readiness._tried("sandbox", lambda: readiness._sandbox(cast(Engine, None), None))
    assert (found.well, found.code) == (well, None if well else "disk-full"), found
