"""What a drill that compares with a baseline says of what it could not compare."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drtool.baseline.database.model import ObjectKind
from drtool.baseline.kept import Standing
from drtool.baseline.tolerance import Tolerances
from drtool.drill import comparing
from drtool.record.clock import Clock
from drtool.record.journal import DrillLog, Journal
from drtool.render.progress import Progress
from tests.baseline.builder import TAKEN_AT, a_baseline, a_table


@pytest.mark.parametrize("blind", [(), (ObjectKind.VIEW, ObjectKind.TRIGGER)])
def test_kinds_that_a_baseline_is_blind_to_are_a_deviation(
    blind: tuple[ObjectKind, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = a_baseline([a_table()], kinds=tuple(kind for kind in ObjectKind if kind not in blind))
    kept = SimpleNamespace(location="a.baseline.json", sha256="", standing=Standing.TRUSTED)
    monkeypatch.setattr(comparing, "find_database_baseline", lambda *_: (kept, was))
    monkeypatch.setattr(comparing, "capture_database", lambda *_, **__: a_baseline([a_table()]))
    monkeypatch.setattr(comparing, "rows_of", lambda *_: [("shop",), ("sys",)])
    found = SimpleNamespace(modified_here=TAKEN_AT)
    anything: Any = SimpleNamespace(
        server=SimpleNamespace(connect=nullcontext), keeps_counters=False, store=None, location="a.sql", found=found
    )
    clock = Clock()
    journal = Journal(clock=clock, observer=Progress(), log=DrillLog(tmp_path / "drill.log", clock))
    comparing.compare_with_baseline(journal, "db", anything, anything, Tolerances())
    journal.log.close()
    said = "db: not compared, since one side may not see them: views, triggers"
    assert journal.deviations == ([said] if blind else [])
