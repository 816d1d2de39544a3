"""The quickstart: database and uploads of the sample shop, from the newest backups in a folder.

`make drill` makes the backups, lays a baseline beside each, and runs this.
"""

import os

from drtool import Drill, scenario

BACKUPS = os.environ.get("DRTOOL_SHOP_BACKUPS", ".cache/backups")


@scenario(rto="10m", rpo="1h", every="31d", owner="ops@example.org", controls=["SOC2 A1.3", "ISO27001 A.8.13"])
def shop_quickstart(drill: Drill) -> None:
    """The shop's database and uploads come back from the newest backups."""
    db = drill.restore_mariadb(drill.latest(f"{BACKUPS}/db-*.sql.zst"))
    files = drill.restore_files(drill.latest(f"{BACKUPS}/uploads-*.tar.zst"))

    db.check("there are customers", "SELECT COUNT(*) FROM shop.customers", at_least=1)
    db.check("there are orders", "SELECT COUNT(*) FROM shop.orders", at_least=1)
    db.check_freshness("SELECT MAX(ts) FROM shop.heartbeat")
    db.check_baseline()
    files.check_count("*", at_least=10)
    files.check_baseline()
