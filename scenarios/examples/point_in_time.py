"""Somebody dropped a table: a physical backup, its increments, and the binary logs up to just before that."""

import os

from drtool import Drill, scenario

BACKUPS = os.environ.get("DRTOOL_EXAMPLE_BACKUPS", ".cache/examples")
LOGS = f"{BACKUPS}/logs/binlog.[0-9]*"


@scenario(rto="1h", rpo="15m", every="92d", owner="dba@example.org", controls=["SOC2 A1.2"])
def shop_before_the_accident(drill: Drill) -> None:
    """Everything up to the statement that dropped the sessions comes back."""
    bad = drill.find_statement(LOGS, "drop table", table="shop.sessions")

    full = drill.latest(f"{BACKUPS}/physical/full-*.mb.zst")
    db = drill.restore_mariadb(full, increments=drill.since(full, f"{BACKUPS}/physical/inc-*.mb.zst"))
    drill.replay_binlogs(LOGS, until=bad)

    db.check("the sessions are back", "SELECT COUNT(*) FROM shop.sessions", at_least=1)
    db.check("what came after the backups is there", "SELECT COUNT(*) FROM shop.heartbeat WHERE id = 900001", equals=1)
    db.check("what came after the accident is not", "SELECT COUNT(*) FROM shop.heartbeat WHERE id = 900002", equals=0)
