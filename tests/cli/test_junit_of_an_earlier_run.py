"""What an earlier run left at `--junit` goes before drills begin; what is not drtool's is no business of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from drtool.cli.drills import carry_out
from drtool.drill.options import DrillOptions
from drtool.errors import Unverifiable
from drtool.render.junit import junit


def carried_out(results: Path) -> None:
    """Begin drills with a key that is not there, so that none is carried out."""
    with pytest.raises(Unverifiable, match="no signing key"):
        carry_out([], DrillOptions(junit=results, key=Path("/nonexistent"), reports=results.parent / "reports"))


def test_results_of_an_earlier_run_do_not_pass_for_those_of_this_one(tmp_path: Path) -> None:
    results = tmp_path / "drills.xml"
    results.write_text(junit([]))
    carried_out(results)
    assert not results.exists()
    carried_out(results)


def test_what_is_not_drtools_and_what_is_no_file_stays(tmp_path: Path) -> None:
    backup, link = tmp_path / "db.sql", tmp_path / "stdout"
    backup.write_text("-- MariaDB dump")
    link.symlink_to(tmp_path / "drills.xml")
    (tmp_path / "drills.xml").write_text(junit([]))
    for results in (backup, link, tmp_path):
        carried_out(results)
    assert backup.exists()
    assert link.is_symlink()
    assert (tmp_path / "drills.xml").exists()
