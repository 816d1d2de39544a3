"""The newest backup is lost: cut off, empty or overwritten. The one before it has to do."""

import os

from drtool import Backup, Database, Drill, scenario

BACKUPS = os.environ.get("DRTOOL_EXAMPLE_BACKUPS", ".cache/examples")


@scenario(rto="1h", rpo="48h", every="92d", owner="ops@example.org")
def shop_without_the_newest(drill: Drill) -> None:
    """With the newest backup lost, no more than two days of data are."""

    def usable(backup: Backup) -> Database:
        db = drill.restore_mariadb(backup)
        db.check("there are orders", "SELECT COUNT(*) FROM shop.orders", at_least=1000)
        return db

    db = drill.walk_back(f"{BACKUPS}/broken/db-*.sql.zst", usable, at_most=2)
    db.check_freshness("SELECT MAX(ts) FROM shop.heartbeat")
