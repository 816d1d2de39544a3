"""What a dump asks of the session that loads it, or leaves to it: client's commands, delimiters, comments."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, Tried, passes, unverified, verify
from tests.field.dumps import BLOG, CUSTOMERS, SANDBOX, SHOP, WIKI, dump, structure

_WARNING = "mysqldump: [Warning] Using a password on the command line interface can be insecure.\n"
_BODY = """\
BEGIN
  -- why: the ledger counts twice; see the ticket
  # an old way of saying it
  /* a block; it's quoted */
  UPDATE customers SET name = 'nor -- this; /* nor this */'; -- at the end of a line
END"""


def _routine(before: str = "DELIMITER ;;\n", end: str = " ;;\nDELIMITER ;\n", body: str = _BODY) -> str:
    return f"{before}CREATE DEFINER=`root`@`localhost` PROCEDURE `rename_all`()\n{body}{end}"


def asking(condition: str, path: str, content: str | bytes, *options: str) -> Input:
    """Return a dump to be verified of which something has to hold, once it is there."""
    query = f"SELECT IF({condition}, TIMESTAMP'2026-01-02 03:04:05', NULL)"
    return verify(path, {path: content}, "--freshness", query, "--zone", "UTC", *options)


def _has_body(body: str) -> str:
    return f"(SELECT body FROM mysql.proc WHERE name = 'rename_all') = UNHEX('{body.encode().hex()}')"


def _several(line: str) -> str:
    blog = dump(BLOG, database="blog", selects=True, sandbox=line)
    return blog + dump(WIKI, database="wiki", selects=True, sandbox=line) + dump(SHOP, selects=True, sandbox=line)


_BY_HAND = "\r\n".join(
    [
        "-- routines",
        "",
        "/* of the shop */",
        "  -- and more",
        " ",
        *_routine("delimiter $$\n", " $$\ndelimiter ;\n").split("\n"),
    ]
)

_ZONED = structure(
    "calls",
    "`id` int(11) NOT NULL,\n  `at` datetime DEFAULT NULL,\n"
    "  `utc` datetime GENERATED ALWAYS AS (convert_tz(`at`,'{zone}','UTC')) STORED",
).replace("CREATE TABLE", "SET time_zone = '{zone}';\nCREATE TABLE") + (
    "INSERT INTO `calls` (`id`, `at`) VALUES (1,'2026-07-01 12:00:00'),(2,'2026-01-01 12:00:00');\n"
)


def _zoned(zone: str) -> Input:
    hours = "(SELECT GROUP_CONCAT(HOUR(utc) ORDER BY id) FROM shop.calls) = '10,11'"
    return asking(hours, "shop.sql", dump(_ZONED.replace("{zone}", zone)))


CASES = (
    Case(
        number="c69",
        seen="MariaDB's documentation of its image",
        tried=passes("a dump that names a zone, in its session and in a column", _zoned("Europe/Berlin")),
        twin=unverified("one that there is not", _zoned("Europe/Atlantis"), "time-zone-missing"),
    ),
    Case(
        number="c04d",
        seen="MariaDB/mariadb-docker#584",
        tried=Tried(
            what="three dumps in one file, each with its sandbox line, behind a byte order mark, with CRLF",
            given=verify("all.sql", {"all.sql": "\ufeff" + _several(SANDBOX).replace("\n", "\r\n")}),
            code=0,
        ),
        twin=Tried(
            what="the same, and the second is an error message",
            given=verify(
                "all.sql", {"all.sql": _several(SANDBOX).replace("-- MariaDB dump", _WARNING + "-- MariaDB dump", 2)}
            ),
            code=1,
            told=("dump-tool-failed",),
        ),
    ),
    Case(
        number="c20",
        seen="docker-library/mysql#718; phpmyadmin/phpmyadmin#11717",
        tried=Tried(
            what="a routine with comments in its body, which comes back as it was",
            given=asking(_has_body(_BODY), "shop.sql", dump(CUSTOMERS, _routine())),
            code=0,
        ),
        twin=Tried(
            what="a routine that lost its comments on the way",
            given=asking(_has_body(_BODY), "shop.sql", dump(CUSTOMERS, _routine(body="BEGIN DO 1; END"))),
            code=1,
            told=("newest data is fresh",),
        ),
    ),
    Case(
        number="c20b",
        seen="nextcloud/nextcloudpi#2029",
        tried=Tried(
            what="delimiters in lower case, behind comments and empty lines, with CRLF",
            given=verify("shop.sql", {"shop.sql": dump(CUSTOMERS, comments=False) + _BY_HAND}),
            code=3,
            told=("backup is complete",),
        ),
        twin=Tried(
            what="a delimiter that nothing ends any more",
            given=verify("shop.sql", {"shop.sql": dump(CUSTOMERS, _routine(end="\nDROP TABLE customers;\n"))}),
            code=1,
            told=("dump-truncated",),
        ),
    ),
)
