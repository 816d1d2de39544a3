"""Names that files, databases and tables have in the field, and what stands before a dump's first line."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, arranged, fails, passes, unverified, verify
from tests.field.dumps import BLOG, SHOP, WIKI, dump, table
from tests.field.packing import tgz

_KEY = "`id` int(11) NOT NULL,\n  PRIMARY KEY (`id`)"
_ODD = dump(table("or der.s%", _KEY, ("1",)), database="my.shop 日本-1")
_ODD_NAME = "shop [prod] (nightly) #1 & co.sql"
_SHOP = "shop_2026-01-02T03:04:05Z.sql"
_WITH_COLONS = "db_backup_2026-01-02T03:04:05Z.tgz"


def _packed(blog: str) -> Input:
    members = {
        _SHOP: dump(selects=True),
        "blog_2026-01-02T03:04:05Z.sql": blog,
        "wiki_2026-01-02T03:04:05Z.sql": dump(WIKI, database="wiki", selects=True),
    }
    return verify(_WITH_COLONS, {_WITH_COLONS: tgz(members)})


def _linked(to: str) -> Input:
    given = verify("latest.shop.sql", {_ODD_NAME: dump()})
    return arranged(given, lambda folder: (folder / "latest.shop.sql").symlink_to(to))


_OF_BLOG = dump(BLOG, database="blog", selects=True)


def _folder_linked(to: str) -> Input:
    given = verify("night/", {"night/shop.sql": dump()})
    return arranged(given, lambda folder: (folder / "night" / "latest.sql").symlink_to(f"/backup/night/{to}"))


CASES = (
    Case(
        number="c03e",
        seen="nfrastack/db-backup#295",
        tried=fails(
            "an archive of three dumps, one of them cut",
            _packed(_OF_BLOG[:1800]),
            says=("blog_2026-01-02T03:04:05Z.sql",),
        ),
        twin=passes("the same, each whole, and colons in its name", _packed(_OF_BLOG)),
    ),
    Case(
        number="c37",
        seen="nfrastack/db-backup#295",
        tried=passes("colons in the name of a dump", verify(_SHOP, {_SHOP: dump()})),
        twin=fails("the same, cut", verify(_SHOP, {_SHOP: dump()[:1800]}), "dump-truncated"),
    ),
    Case(
        number="c37b",
        seen="mydumper/mydumper#1307",
        tried=passes("blanks, brackets, # and & in a name", verify(_ODD_NAME, {_ODD_NAME: dump()})),
        twin=fails("the same, empty", verify(_ODD_NAME, {_ODD_NAME: ""}), "backup-empty"),
    ),
    Case(
        number="c37c",
        seen="mydumper/mydumper#1307",
        tried=passes("a link to a file of such a name", _linked(_ODD_NAME)),
        twin=fails("a link to what is gone", _linked("gone.sql"), "backup-missing"),
    ),
    Case(
        number="c35",
        seen="coderatio/simple-backup#9",
        tried=passes(
            "a byte-order mark and line ends of Windows",
            verify("shop.sql", {"shop.sql": b"\xef\xbb\xbf" + dump().replace("\n", "\r\n").encode()}),
        ),
        twin=fails(
            "the same, cut in the middle",
            verify("shop.sql", {"shop.sql": b"\xef\xbb\xbf" + dump().replace("\n", "\r\n").encode()[:2500]}),
            "dump-truncated",
        ),
    ),
    Case(
        number="c35b",
        seen="coderatio/simple-backup#9",
        tried=fails(
            "a dump in UTF-16, as PowerShell redirects it",
            verify("shop.sql", {"shop.sql": dump().encode("utf-16")}),
            says=("UTF-16",),
        ),
        twin=passes("the same in UTF-8", verify("shop.sql", {"shop.sql": dump()})),
    ),
    Case(
        number="c59",
        seen="mydumper/mydumper#1307",
        tried=passes(
            "a database and a table with dots, blanks and signs in their names", verify("x.sql", {"x.sql": _ODD})
        ),
        twin=fails("the same, cut in its row", verify("x.sql", {"x.sql": _ODD.partition("(1)")[0]}), "dump-truncated"),
    ),
    Case(
        number="c59b",
        seen="mydumper/mydumper#1307",
        tried=passes(
            "--databases of a name with a backquote",
            verify("x.sql", {"x.sql": dump(SHOP, database="a``b", selects=True)}),
        ),
        twin=fails(
            "the same without the second one",
            verify("x.sql", {"x.sql": dump(SHOP, database="a`b", selects=True)}),
            "dump-does-not-load",
        ),
    ),
    Case(
        number="c593",
        seen="a backup container's script (ln -s of the path that it dumps into)",
        tried=passes(
            "a folder with a link to its newest dump by the path that a container has for it",
            _folder_linked("shop.sql"),
        ),
        twin=unverified(
            "such a link to a dump that is not there",
            _folder_linked("blog.sql"),
            "file-not-restored",
            says=("latest.sql",),
        ),
    ),
)
