"""What mariadb-upgrade says is reduced to its phase, error numbers and tables; rows that it quotes stay inside."""

from __future__ import annotations

from drtool.restore.upgrade import _failure, _Ran

_SAID = (
    "Phase 1/8: Checking and upgrading mysql database",
    "Processing databases",
    "mysql",
    "mysql.db                                           OK",
    "Phase 6/8: Checking and upgrading tables",
    "shop.orders",
    'error    : Table rebuild required. Please do "ALTER TABLE `orders` FORCE" or dump/reload to fix it!',
    "ERROR 1062 (23000) at line 12: Duplicate entry 'jane@example.org' for key 'email'",
    "FATAL ERROR: Upgrade failed",
)


def test_failed_upgrade_names_phase_error_and_table_and_no_row() -> None:
    failure = _failure(_Ran(status=1, lines=_SAID), "11.8.9-MariaDB")
    assert failure.code == "upgrade-failed"
    for part in ("11.8.9", "Checking and upgrading tables", "1062", "shop.orders"):
        assert part in str(failure)
    assert "jane" not in str(failure)
    assert "mysql.db" not in str(failure)


def test_upgrade_that_ends_without_a_word_is_told_by_its_status() -> None:
    assert "status 137" in str(_failure(_Ran(status=137, lines=()), "11.8.9-MariaDB"))
