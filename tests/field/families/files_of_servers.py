"""Files of a server or of a physical backup: one of them alone, encrypted one by one, or with a job's notes beside."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, Tried, fails, passes, unverified, verify
from tests.field.dumps import dump

_ONE_TABLE = "anyongjin/mysql_ibd#1; innodb-rescue-kit (webdigestpro.com)"
_XBCRYPT = "percona/percona-xtrabackup#13; ShahriyarR/MySQL-AutoXtraBackup#77"
_LAYOUT = "omegazeng/run-mariabackup#3; open-osp/open-osp#46"
_PAGE = 16384
_SPACE = (7).to_bytes(4, "big")
_FIRST_PAGE = bytes(8) + b"\xff" * 8 + bytes(6) + b"\x53\x61\x00\x08" + bytes(8) + _SPACE * 2 + bytes(4)
_SECOND_PAGE = bytes(4) + b"\0\0\0\1" + b"\xff" * 8 + bytes(6) + b"\x53\x61\x00\x05" + bytes(8) + _SPACE + bytes(8)
_SAYS = {
    "xtrabackup_checkpoints": "backup_type = full-backuped\nfrom_lsn = 0\nto_lsn = 20000\nlast_lsn = 20010\n",
    "xtrabackup_info": "tool_name = xtrabackup\nserver_version = 8.0.36-28\npartial = N\nencrypted = Y\n",
}
_CLOSED = b"XBCRYP02" + bytes(range(256))
_FILES: dict[str, str | bytes] = {
    "ibdata1": bytes(_PAGE),
    "mysql.ibd": bytes(_PAGE),
    "app/t.ibd": bytes(_PAGE),
    **_SAYS,
}
_TEXT = (
    "{head}/*!50003 SET @OLD_COMPLETION_TYPE=@@COMPLETION_TYPE,COMPLETION_TYPE=0*/;\nDELIMITER /*!*/;\n# at 4\n"
    "#260102  3:04:05 server id 1  end_log_pos 256 \tStart: binlog v 4, server v 10.11.18-MariaDB-log\n"
    "use `app`/*!*/;\nSET TIMESTAMP=1767323045/*!*/;\nUPDATE orders SET total=1 WHERE id=5\n/*!*/;\nDELIMITER ;\n"
    "# End of log file\nROLLBACK /* added by mysqlbinlog */;\n/*!50003 SET COMPLETION_TYPE=@OLD_COMPLETION_TYPE*/;\n"
    "/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=0*/;\n"
)
_OF_MARIADB = "/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;\n/*!40019 SET @@session.max_delayed_threads=0*/;\n"
_OF_MYSQL = (
    "# The proper term is pseudo_replica_mode, but we use this compatibility alias\n# to make the statement usable.\n"
    "/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;\n"
)
_ENCRYPTED: dict[str, str | bytes] = {
    **{f"{name}.xbcrypt": _CLOSED for name in _FILES if name != "xtrabackup_checkpoints"},
    "xtrabackup_checkpoints": _SAYS["xtrabackup_checkpoints"],
}


def _alone(name: str, content: bytes) -> Input:
    return verify(name, {name: content})


def _one(what: str, name: str, content: bytes, *says: str) -> Tried:
    return unverified(what, _alone(name, content), "format-unsupported", says=says, unsaid=("damaged",))


def _within(folder: str, files: dict[str, str | bytes], **beside: str) -> Input:
    inside = {f"{folder}/base/{name}": content for name, content in files.items()}
    return verify(f"{folder}/", inside | {f"{folder}/{name.replace('_', '.')}": text for name, text in beside.items()})


CASES = (
    Case(
        number="c601",
        seen=_ONE_TABLE,
        tried=_one(
            "the data file of one table (.ibd)", "orders.ibd", _FIRST_PAGE.ljust(_PAGE, b"\0"), "InnoDB", "IMPORT"
        ),
        twin=fails(
            "the same without its first page", _alone("orders.ibd", _SECOND_PAGE.ljust(_PAGE, b"\0")), "not-a-backup"
        ),
    ),
    Case(
        number="c601b",
        seen=_ONE_TABLE,
        tried=_one(
            "the index of a table in MyISAM (.MYI)",
            "notes.MYI",
            b"\xfe\xfe\x07\x01\x00\x01".ljust(1024, b"\0"),
            "MyISAM",
        ),
        twin=fails("the rest of one by that name", _alone("notes.MYI", _SECOND_PAGE.ljust(999, b"\1")), "not-a-backup"),
    ),
    Case(
        number="c601c",
        seen=_ONE_TABLE,
        tried=_one(
            "a log of InnoDB's (ib_logfile0)",
            "ib_logfile0",
            (b"Phys\0\0\0\0\0\0\0\0\0\0\x30\0MariaDB 10.11.18").ljust(12288, b"\0"),
            "ib_logfile0",
        ),
        twin=fails("text by that name", _alone("ib_logfile0", b"Physics homework\n" * 90), "not-a-backup"),
    ),
    Case(
        number="c602",
        seen=_XBCRYPT,
        tried=unverified(
            "files that xtrabackup --encrypt closed one by one",
            verify("full/", {f"full/{name}": content for name, content in _ENCRYPTED.items()}),
            "encryption-unsupported",
            says=("xtrabackup --decrypt",),
        ),
        twin=fails(
            "the same without the closed files: their description did not come",
            verify(
                "full/", {"full/xtrabackup_checkpoints": _SAYS["xtrabackup_checkpoints"], "full/ibdata1": bytes(_PAGE)}
            ),
            "physical-info-missing",
        ),
    ),
    Case(
        number="c603",
        seen=_LAYOUT,
        tried=unverified(
            "a physical backup (of MySQL 8) in a folder of its own, the job's log beside it, told as what it is",
            _within("day", _FILES, mariabackup_log="[00] 2026-01-02 03:04:05 completed OK!\n"),
            "format-unsupported",
        ),
        twin=unverified(
            "the same with a dump beside it",
            _within("day", _FILES, accounts_sql=dump()),
            "backups-mixed",
            says=("Name the folder",),
        ),
    ),
    Case(
        number="c604",
        seen="SJshenjian/SJshenjian.github.io#33; apecloud/kubeblocks-addons#1994",
        tried=unverified(
            "what mariadb-binlog prints of a binary log, as a backup",
            verify("inc.sql", {"inc.sql": _TEXT.format(head=_OF_MARIADB)}),
            "format-unsupported",
            says=("--raw", "replay_binlogs"),
            unsaid=("--no-create-info",),
        ),
        twin=passes(
            "a dump, and that beside it in its folder",
            verify("day/", {"day/app.sql": dump(), "day/inc.sql": _TEXT.format(head=_OF_MARIADB)}),
            says=("inc.sql",),
        ),
    ),
    Case(
        number="c604b",
        seen="SJshenjian/SJshenjian.github.io#33; apecloud/kubeblocks-addons#1994",
        tried=unverified(
            "the same as MySQL's mysqlbinlog prints it",
            verify("inc.sql", {"inc.sql": _TEXT.format(head=_OF_MYSQL)}),
            "format-unsupported",
        ),
        twin=passes(
            "a dump between statements of its like",
            verify("app.sql", {"app.sql": f"/*!50530 SET @@SESSION.PSEUDO_SLAVE_MODE=1*/;\n{dump()}"}),
        ),
    ),
)
