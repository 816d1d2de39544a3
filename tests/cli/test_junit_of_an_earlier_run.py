"""What an earlier run left at `--junit` goes before anything else; what is not drtool's is no business of ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from drtool.cli import cli
from drtool.render.junit import junit

NOT_CARRIED_OUT = [
    ("run", "gone.py"),
    ("run",),
    ("verify", "--rto", "5", "db.sql"),
    ("verify", "db-*.sql"),
    ("verify", "nowhere://db.sql"),
    ("verify", "--config", "gone.cnf", "db.sql"),
    ("verify", "--key", "/nonexistent", "db.sql"),
    ("verify", "--statement", "--unsigned", "db.sql"),
]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", NOT_CARRIED_OUT, ids=" ".join)
def test_results_of_an_earlier_run_do_not_pass_for_those_of_this_one(command: tuple[str, ...]) -> None:
    results = Path("drills.xml")
    for _ in range(2):
        assert CliRunner().invoke(cli, [*command, "--junit", str(results)]).exit_code
        assert not results.exists()
        results.write_text(junit([]))
    assert CliRunner().invoke(cli, command).exit_code
    assert results.exists()


def test_what_is_not_drtools_and_what_is_no_file_stays() -> None:
    backup, link, of_another = Path("db.sql"), Path("stdout"), Path("drills.xml")
    backup.write_text("-- MariaDB dump")
    link.symlink_to(of_another)
    of_another.write_text(junit([]))
    for results in (backup, link, Path()):
        assert CliRunner().invoke(cli, ["run", "gone.py", "--junit", str(results)]).exit_code
    assert backup.exists()
    assert link.is_symlink()
    assert of_another.exists()
