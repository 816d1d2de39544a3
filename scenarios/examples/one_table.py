"""One table back from a full backup: the whole is restored, the table is held against what it was, and taken out.

The whole is restored into a sandbox that stays, and the table is dumped from there; production is not touched:

    drtool run --keep scenarios/examples/one_table.py      # at its end it says what the sandbox is called
    docker exec SANDBOX mariadb-dump --user=root shop customers > customers.sql
    drtool prune --kept
"""

import os

from drtool import Drill, scenario

BACKUPS = os.environ.get("DRTOOL_EXAMPLE_BACKUPS", ".cache/examples")


@scenario(rto="1h", rpo="24h", owner="dba@example.org")
def shop_customers_alone(drill: Drill) -> None:
    """The customers can be taken out of the newest full backup, row for row as they were."""
    db = drill.restore_mariadb(drill.latest(f"{BACKUPS}/dumps/db-*.sql.zst"))

    db.check("there are customers", "SELECT COUNT(*) FROM shop.customers", at_least=200)
    db.check_baseline(ignore={"shop.[!c]*": "only the customers are asked for", "shop.canary": "not asked for either"})
