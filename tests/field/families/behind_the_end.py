"""What stands behind the end of a dump: statements that a job appends, other text, and the beginning of more."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import BLOG, CUSTOMERS, dump

_WHOLE = dump()
_GARBAGE = "dump-trailing-garbage"
_HEIDI = (
    f"-- {'-' * 56}\n-- Host:                         db\n-- Server version:               10.11.16-MariaDB\n"
    f"-- Server OS:                    Win64\n-- HeidiSQL Version:             12.6.0.6765\n-- {'-' * 56}\n\n"
    "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
)
_HEIDI_END = "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n"
_DUPLICATOR = (
    "/* DUPLICATOR-LITE (PHP BUILD MODE) MYSQL SCRIPT CREATED ON : 2026-01-02 03:04:05 */\n\n"
    f"SET FOREIGN_KEY_CHECKS = 0;\n\n{CUSTOMERS}"
)
_DUPLICATOR_END = (
    "SET FOREIGN_KEY_CHECKS = 1; \n\n/* Duplicator WordPress Timestamp: 2026-01-02 03:04:06*/\n"
    "/* DUPLICATOR_MYSQLDUMP_EOF */\n"
)


def _file(text: str) -> Input:
    return verify("shop.sql", {"shop.sql": text})


def _folder(shop: str, blog: str) -> Input:
    blogs = dump(BLOG, database="blog", selects=True)
    return verify("dumps/", {"dumps/shop.sql": dump(selects=True) + shop, "dumps/blog.sql": blogs + blog})


CASES = (
    Case(
        number="c514",
        seen="shopware/shopware-cli#342; keyamasabaya/bigdump#19",
        tried=passes(
            "settings before the dump, and COMMIT behind its closing comment",
            _file(f"SET autocommit=0;\n{_WHOLE}COMMIT;\n"),
            says=("1 statement follows the end of the dump",),
        ),
        twin=fails(
            "a text behind it that is no statement", _file(f"{_WHOLE}COMMIT;\nBackup done: 1 warning\n"), _GARBAGE
        ),
    ),
    Case(
        number="c515",
        seen="flynn/flynn#3397; Sequel-Ace/Sequel-Ace#1825",
        tried=passes(
            "FLUSH PRIVILEGES, checks switched on and rows changed behind the closing comment",
            _file(f"{_WHOLE}SET FOREIGN_KEY_CHECKS = 1;\nFLUSH PRIVILEGES;\nUPDATE customers SET name = 'x; y';\n"),
            says=("3 statements follow the end of the dump", "1 may add rows or remove some"),
        ),
        twin=fails("a statement behind it that breaks off", _file(f"{_WHOLE}COMMIT;\nUPDATE customers SET"), _GARBAGE),
    ),
    Case(
        number="c516",
        seen="ifsnop/mysqldump-php#89",
        tried=unverified(
            "tables and rows behind the closing comment, of which there may have been more",
            _file(f"{_WHOLE}{CUSTOMERS.replace('customers', 'guests')}"),
            "backup is complete",
            says=("nothing tells whether there were to be more of them",),
        ),
        twin=fails(
            "a second dump behind it, cut between two statements",
            _file(_WHOLE + dump(CUSTOMERS, comments=False).partition("/*!40103 SET TIME_ZONE=@OLD")[0]),
            _GARBAGE,
        ),
    ),
    Case(
        number="c517",
        seen="HeidiSQL/HeidiSQL#1890",
        tried=unverified(
            "HeidiSQL's dump without a time, and COMMIT behind the settings that it gives back",
            _file(_HEIDI + CUSTOMERS + _HEIDI_END + "COMMIT;\n"),
            "RPO",
            says=("1 statement follows the end of the dump",),
            unsaid=("would have to be there",),
        ),
        twin=fails("the same without those settings", _file(_HEIDI + CUSTOMERS + "COMMIT;\n"), "dump-trailer-missing"),
    ),
    Case(
        number="c518",
        seen="Duplicator's own check of its end mark",
        tried=passes("Duplicator's dump, whole", _file(_DUPLICATOR + _DUPLICATOR_END)),
        twin=fails("the same without its end mark", _file(_DUPLICATOR), "dump-trailer-missing"),
    ),
    Case(
        number="c450",
        seen="shopware/shopware-cli#342; flynn/flynn#3397",
        tried=passes(
            "a folder of dumps, COMMIT behind one of them and UPDATE behind another",
            _folder("COMMIT;\n", "UPDATE users SET nick = 'x';\n"),
            says=("blog.sql (1 statement)", "shop.sql (1 statement)", "may add rows or remove some, in blog.sql"),
        ),
        twin=fails(
            "a text behind one of them that is no statement", _folder("COMMIT;\n", "COMMIT;\nBackup done: 1 warning\n")
        ),
    ),
    Case(
        number="c451",
        seen="no thread looked up",
        tried=unverified(
            "a folder of dumps, and rows behind the end of one of them",
            _folder("COMMIT;\n", "INSERT INTO users VALUES (77,'late');\n"),
        ),
        twin=passes("nothing behind them but COMMIT", _folder("COMMIT;\n", "COMMIT;\n")),
    ),
)
