"""Ransomware: every backup since the break-in holds encrypted data, so the drill goes back to the newest clean one."""

import os

from drtool import Backup, Database, Drill, scenario

BACKUPS = os.environ.get("DRTOOL_EXAMPLE_BACKUPS", ".cache/examples")


@scenario(rto="2h", rpo="24h", every="92d", owner="security@example.org", controls=["ISO27001 A.5.29"])
def shop_after_ransomware(drill: Drill) -> None:
    """The newest backup that nobody has tampered with is found, and how far back it lies is known."""

    def clean(backup: Backup) -> Database:
        db = drill.restore_mariadb(backup)
        # A row that nobody has a reason to touch, and columns that hold what they always held.
        db.check("the canary is alive", "SELECT note FROM shop.canary WHERE id = 1", equals="do not touch")
        db.check("addresses are readable", "SELECT COUNT(*) FROM shop.customers WHERE email NOT LIKE '%@%'", equals=0)
        return db

    db = drill.walk_back(f"{BACKUPS}/nightly/db-*.sql.zst", clean, at_most=14)
    db.check("there are orders", "SELECT COUNT(*) FROM shop.orders", at_least=1000)
