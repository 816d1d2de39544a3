"""A dump that was cut short never passes, wherever it was cut."""

from __future__ import annotations

import pytest

from tests.e2e.workbench import Workbench
from tests.field.dumps import dump, table

pytestmark = pytest.mark.long

_STEP, _SHARES = 997, 12
_COLUMNS = "`id` int(11) NOT NULL,\n  `note` text,\n  `at` datetime DEFAULT NULL,\n  PRIMARY KEY (`id`)"
_PROGRAMS = """\
DELIMITER ;;
CREATE PROCEDURE `tidy`()
BEGIN
  -- it's a comment; with a semicolon
  DELETE FROM `t0` WHERE `note` = 'a;b' AND 1 = 0;
END ;;
CREATE TRIGGER `seen` BEFORE INSERT ON `t1` FOR EACH ROW BEGIN SET @seen = 'x'; END ;;
DELIMITER ;
"""


def _rows(count: int) -> list[str]:
    return [
        f"{n},'it\\'s; -- Dump completed ({n}), {'x' * (n % 70)}','2026-01-0{1 + n % 9} 10:00:00'" for n in range(count)
    ]


_WHOLE = dump(*(table(f"t{n}", _COLUMNS, _rows(1500)) for n in range(8)), _PROGRAMS, selects=True).encode()


def test_the_whole_dump_passes(bench: Workbench) -> None:
    assert len(_WHOLE) > 1_000_000
    (bench.folder / "shop.sql").write_bytes(_WHOLE)
    ran = bench.drtool("verify", bench.folder / "shop.sql", "--profile", "fast", "--json")
    assert (ran.code, ran.record.verdict) == (0, "passed"), ran


@pytest.mark.parametrize("share", range(_SHARES))
def test_a_dump_that_was_cut_anywhere_never_passes(bench: Workbench, share: int) -> None:
    cut = bench.folder / "shop.sql"
    for kept in range(_STEP * (share + 1), len(_WHOLE), _STEP * _SHARES):
        cut.write_bytes(_WHOLE[:kept])
        ran = bench.drtool("verify", cut, "--profile", "fast", "--json")
        assert ran.code == 1, (kept, ran)
