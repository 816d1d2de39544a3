"""An upgrade rehearsal: what MariaDB 10.11 backed up, restored into 11.8, upgraded there and compared."""

import os

from drtool import Drill, scenario

BACKUPS = os.environ.get("DRTOOL_EXAMPLE_BACKUPS", ".cache/examples")


@scenario(rto="1h", rpo="24h", owner="dba@example.org")
def shop_on_the_next_mariadb(drill: Drill) -> None:
    """The shop's database works on MariaDB 11.8, with every row and routine that it had."""
    db = drill.restore_mariadb(drill.latest(f"{BACKUPS}/dumps/db-*.sql.zst"), version="11.8")

    db.check("it is the newer server", "SELECT VERSION() LIKE '11.8.%'", equals=1)
    db.check("routines work there", "SELECT shop.order_total(1) = total FROM shop.orders WHERE id = 1", equals=1)
    db.check_baseline()
