"""Questions to restored files, put by the same script as in a sandbox: what a pattern names, whether they are empty."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drtool.checks import files
from drtool.drill import restored as module
from drtool.drill.restored import Files
from drtool.record.clock import Clock
from drtool.record.journal import DrillLog, Journal
from drtool.record.verdicts import Effect, Verdict
from drtool.render.progress import Progress


class _Here:
    """Runs on this host what would run in a container."""

    def talk(self, script: str, *arguments: str, doing: str) -> Any:
        done = subprocess.run(["bash", "-c", script, doing, *arguments], capture_output=True, text=True, check=True)
        return SimpleNamespace(lines=lambda: iter(done.stdout.splitlines()))


_HERE = cast(Any, _Here())


@pytest.fixture
def restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "restored"
    folder.mkdir()
    monkeypatch.setattr(files, "RESTORED_PATH", str(folder))
    return folder


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    clock = Clock()
    log = DrillLog(tmp_path / "drill.log", clock)
    yield Journal(clock=clock, observer=Progress(), log=log)
    log.close()


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        ("IMG [1].jpg", 2),  # and what is meant by it as a pattern
        ("IMG [12].jpg", 1),
        ("album [2024]/*.jpg", 2),
        ("album [[]2024]/*.jpg", 2),
        ("IMG [2].jpg", 0),
        ("IMG?*", 2),
        ("*.jpg", 4),
    ],
)
def test_a_bracket_may_be_one_of_the_names_own(pattern: str, number: int, restored: Path) -> None:
    (restored / "album [2024]").mkdir()
    for name in ("IMG [1].jpg", "IMG 1.jpg", "album [2024]/a.jpg", "album [2024]/b.jpg"):
        (restored / name).write_bytes(b"x")
    assert files.count(_HERE, pattern, kind="f") == number


@pytest.mark.parametrize("content", [b"", b"\0"])
def test_files_of_which_none_has_anything_in_it_are_told(
    content: bytes, restored: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, has in (("1.jpg", b""), ("2.jpg", content)):
        (restored / name).write_bytes(has)
    monkeypatch.setattr(module, "judge_dumps_among", lambda *_: None)
    Files(journal, "files", cast(Any, SimpleNamespace(location="a.tar")), _HERE).run_builtin_checks()
    assert [one.outcome for one in journal.checks] == [Verdict.PASSED]
    told = [("files-empty", Effect.WARNING)]
    assert [(one.code, one.effect) for one in journal.findings] == ([] if content else told)
