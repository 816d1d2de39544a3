"""Dumps that change the server, so that it answers otherwise than the data are, or cannot be asked at all.

What they would have the checks say is not true of the data: what is missing is missing still, and what is there is
there. In their twins the same settings are made and the data are sound: what was set is set back, and nothing is told.
"""

from __future__ import annotations

from tests.attacks.attack import Attack, Drilled, Input, each, judge, scenario
from tests.attacks.dumps import dump, dumped

_ORPHANS = "SET foreign_key_checks = 0;\nINSERT INTO `orders` VALUES (8,77),(9,78);"
_KEYS = ("foreign keys have their parents",)
_BROKEN_VIEW = "CREATE VIEW `v` AS SELECT * FROM `people`;\nRENAME TABLE `people` TO `folk`;\nDROP TABLE `orders`;"
_READABLE = ("tables and views are readable",)

_SETTINGS = {
    "select-limit-of-nothing": "SET GLOBAL sql_select_limit = 0",
    "select-limit-of-one": "SET GLOBAL sql_select_limit = 1",
    "statement-time-of-nothing": "SET GLOBAL max_statement_time = 0.000001",
    "join-size-of-one": "SET GLOBAL max_join_size = 1, GLOBAL sql_big_selects = 0",
    "mode-of-oracle": "SET GLOBAL sql_mode = 'ORACLE'",
    "mode-ansi-quotes": "SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'",
    "init-connect-that-fails": "SET GLOBAL init_connect = 'SELECT * FROM nowhere.nothing'",
    "init-connect-that-limits": "SET GLOBAL init_connect = 'SET SESSION sql_select_limit = 0'",
    "wait-timeout-of-a-second": "SET GLOBAL wait_timeout = 1, GLOBAL interactive_timeout = 1",
    "no-tables-in-memory": "SET GLOBAL tmp_table_size = 0, GLOBAL max_heap_table_size = 16384",
    "optimizer-switched-off": "SET GLOBAL optimizer_switch = 'materialization=off,semijoin=off,in_to_exists=on'",
    "isolation-that-sees-anything": "SET GLOBAL tx_isolation = 'READ-UNCOMMITTED'",
    "compressed-answers-of-a-byte": "SET GLOBAL net_buffer_length = 1024, GLOBAL max_allowed_packet = 1024",
    "character-set-of-another-world": "SET GLOBAL character_set_server = 'ucs2', GLOBAL collation_server = 'ucs2_bin'",
    "results-in-utf-32": "SET GLOBAL character_set_results = 'utf32'",
}  # fmt: skip


def _asked(statements: str, *, query: str, expected: str) -> Input:
    body = f"""
db = drill.restore_mariadb(drill.backup(str(here / "db.sql")))
db.check("asked", {query!r}, {expected})
"""
    return scenario(body, files={"db.sql": dump(statements)})


def _freshness(when: str, *, settings: str = "") -> Input:
    body = """
(here / "db.sql").touch()
db = drill.restore_mariadb(drill.backup(str(here / "db.sql")))
db.check_freshness("SELECT MAX(seen) FROM app.people", within="24h")
"""
    seen = f"{settings}\nINSERT INTO `people` VALUES (9,'Di',{when});"
    # The rows are from when they are loaded, and no dump ends before what is in it.
    return scenario(body, files={"db.sql": dump(seen, trailer="-- Dump completed\n")})


ATTACKS = (
    *(
        Attack(
            name=f"orphans-hidden-by-{name}",
            bad=dumped(f"{_ORPHANS}\n{statement};"),
            twin=dumped(f"{statement};"),
            told=_KEYS,
            worst=name == "select-limit-of-nothing",
        )
        for name, statement in _SETTINGS.items()
    ),
    Attack(
        name="broken-view-hidden-by-a-select-limit",
        bad=dumped(f"{_BROKEN_VIEW}\nSET GLOBAL sql_select_limit = 0;"),
        twin=dumped("CREATE VIEW `v` AS SELECT * FROM `people`;\nSET GLOBAL sql_select_limit = 0;"),
        told=_READABLE,
    ),
    Attack(
        name="event-scheduler-switched-on",
        bad=dumped("SET GLOBAL event_scheduler = ON;"),
        twin=dumped("SET GLOBAL event_scheduler = OFF;"),
        told=("events-switched-on",),
    ),
    Attack(
        name="local-infile-reads-a-file-of-the-container",
        bad=dumped(
            "SET GLOBAL local_infile = ON;\nCREATE TABLE `read` (`line` text);\n"
            "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE `read`;"
        ),
        twin=dumped("SET GLOBAL local_infile = ON;"),
        told=("dump-does-not-load",),
        worst=True,
    ),
    Attack(
        name="infile-reads-a-file-of-the-server",
        bad=dumped("CREATE TABLE `read` (`line` text);\nLOAD DATA INFILE '/etc/passwd' INTO TABLE `read`;"),
        twin=dumped("CREATE TABLE `read` (`line` text);"),
        told=("dump-does-not-load",),
    ),
    Attack(
        name="outfile-writes-a-file",
        bad=dumped("SELECT * FROM `people` INTO OUTFILE '/tmp/people';"),
        twin=dumped("SELECT * FROM `people`;"),
        told=("dump-does-not-load",),
    ),
    Attack(
        name="function-of-the-name-of-one-of-mariadbs",
        bad=_asked(
            "CREATE FUNCTION `count` (x int) RETURNS int DETERMINISTIC RETURN 1000;",
            query="SELECT COUNT(id) FROM app.people",
            expected="at_least=10",
        ),
        twin=_asked(
            "CREATE FUNCTION `count` (x int) RETURNS int DETERMINISTIC RETURN 0;",
            query="SELECT COUNT(id) FROM app.people",
            expected="at_least=3",
        ),
        told=("asked",),
    ),
    Attack(
        name="view-in-place-of-a-table-that-makes-up-its-rows",
        bad=_asked(
            "DROP TABLE `orders`;\nCREATE VIEW `orders` AS SELECT seq AS id, 1 AS person FROM seq_1_to_3;",
            query="SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'app' "
            "AND table_name = 'orders' AND table_type = 'BASE TABLE'",
            expected="equals=1",
        ),
        twin=_asked(
            "CREATE VIEW `made_up` AS SELECT seq AS id, 1 AS person FROM seq_1_to_3;",
            query="SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'app' "
            "AND table_name = 'orders' AND table_type = 'BASE TABLE'",
            expected="equals=1",
        ),
        told=("asked",),
    ),
    Attack(
        name="view-whose-function-deletes-what-is-asked-for",
        bad=_asked(
            "CREATE FUNCTION `f` () RETURNS int BEGIN DELETE FROM orders; RETURN 1; END;;\nDELIMITER ;\n"
            "CREATE VIEW `v` AS SELECT f() AS x;".replace("CREATE FUNCTION", "DELIMITER ;;\nCREATE FUNCTION"),
            query="SELECT x FROM app.v",
            expected="equals=1",
        ),
        twin=_asked(
            "CREATE FUNCTION `f` () RETURNS int RETURN 1;\nCREATE VIEW `v` AS SELECT f() AS x;",
            query="SELECT x FROM app.v",
            expected="equals=1",
        ),
        told=("asked",),
        code=3,
    ),
    Attack(
        name="row-dated-into-the-future-for-its-freshness",
        bad=_freshness("'2031-01-01 00:00:00'"),
        twin=_freshness("UTC_TIMESTAMP()"),
        told=("newest data is fresh",),
        code=3,
    ),
    Attack(
        name="row-of-days-ago-made-fresh-by-a-time-zone-for-everybody",
        bad=_freshness("UTC_TIMESTAMP() - INTERVAL 60 HOUR", settings="SET GLOBAL time_zone = '-12:00';"),
        twin=_freshness("UTC_TIMESTAMP()", settings="SET GLOBAL time_zone = '+13:00';"),
        told=("newest data is fresh",),
    ),
    Attack(
        name="clock-of-the-session-set-back",
        bad=_freshness("UTC_TIMESTAMP() - INTERVAL 60 HOUR", settings="SET timestamp = 1;"),
        twin=_freshness("UTC_TIMESTAMP()", settings="SET timestamp = 1; SET timestamp = DEFAULT;"),
        told=("newest data is fresh",),
    ),
    Attack(name="server-shut-down", bad=dumped("SHUTDOWN;"), twin=dumped("FLUSH TABLES;"), told=("server-stopped",)),
    *(
        Attack(
            name=f"accounts-{name}",
            bad=dumped(f"{statement};\n{flush}"),
            twin=dumped(f"{statement} WHERE `user` = 'mysql';\n{flush}"),
            told=("accounts-lost",),
        )
        for name, statement, flush in (
            ("deleted", "DELETE FROM `mysql`.`global_priv`", "FLUSH PRIVILEGES;"),
            (
                "locked",
                "UPDATE `mysql`.`global_priv` SET `priv` = JSON_SET(`priv`, '$.account_locked', true)",
                "FLUSH PRIVILEGES;",
            ),
            ("without-rights", "UPDATE `mysql`.`global_priv` SET `priv` = JSON_SET(`priv`, '$.access', 0)", ""),
        )
    ),
    Attack(
        name="account-with-a-shell-of-all-rights-and-no-password",
        bad=dumped("CREATE USER 'open'@'%';\nGRANT ALL ON *.* TO 'open'@'%';"),
        twin=dumped("CREATE USER 'shut'@'%' IDENTIFIED BY 'secret';\nGRANT ALL ON *.* TO 'shut'@'%';"),
        told=("account-without-password",),
        code=0,
    ),
)


@each(ATTACKS)
def test_a_dump_that_sets_the_server_otherwise_does_not_pass(attack: Attack, drilled: Drilled) -> None:
    judge(attack, drilled)
