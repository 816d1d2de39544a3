"""The monthly drill: database and uploads from the newest backups, equal to what they were when they were made."""

import os

from drtool import Drill, scenario

BACKUPS = os.environ.get("DRTOOL_EXAMPLE_BACKUPS", ".cache/examples")


@scenario(rto="30m", rpo="24h", every="31d", owner="ops@example.org", controls=["SOC2 A1.3", "ISO27001 A.8.13"])
def shop_monthly(drill: Drill) -> None:
    """The shop's database and uploads come back complete within half an hour."""
    db = drill.restore_mariadb(drill.latest(f"{BACKUPS}/dumps/db-*.sql.zst"))
    files = drill.restore_files(drill.latest(f"{BACKUPS}/uploads/uploads-*.tar.zst"))

    db.check("there are orders", "SELECT COUNT(*) FROM shop.orders", at_least=1000)
    db.check_freshness("SELECT MAX(ts) FROM shop.heartbeat")
    db.check_baseline()
    files.check_baseline()
