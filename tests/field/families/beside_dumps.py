"""What backup jobs leave in a folder beside their dumps: files without an ending, notes, lists, what was set aside."""

from __future__ import annotations

from collections.abc import Mapping

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import BLOG, WIKI, dump

_BORGMATIC = "borgmatic-collective/docker-borgmatic#355; borgbase/docs#24"
_HOLLAND = "holland-backup/holland#273"
_REFUSED = "mariadb-dump: Got error: 1045: \"Access denied for user 'backup'@'localhost'\" when trying to connect\n"
_SHOP, _BLOG, _WIKI = dump(), dump(BLOG, database="blog"), dump(WIKI, database="wiki")
_BARE: Mapping[str, str | bytes] = {"shop": _SHOP, "blog": _BLOG, "wiki": _WIKI}
_NAMED: Mapping[str, str | bytes] = {f"{name}.sql": text for name, text in _BARE.items()}
_SET_ASIDE = "--\n-- DDL of Invalid Views\n-- Created automatically by Holland\n--\n"
_VIEW = (
    "--\n-- Current View: `shop`.`paid`\n--\nCREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY "
    "DEFINER VIEW `shop`.`paid` AS select `shop`.`orders`.`{column}` AS `{column}` from `shop`.`orders`;\n"
)


def _folder(changes: Mapping[str, str | bytes], of: Mapping[str, str | bytes] = _NAMED) -> Input:
    return verify("dumps/", {f"dumps/{name}": text for name, text in {**of, **changes}.items()})


def _of_host(changes: Mapping[str, str | bytes]) -> Input:
    files = {f"localhost/{name}": text for name, text in {**_BARE, **changes}.items()}
    return _folder({f".borgmatic/mariadb_databases/{name}": text for name, text in files.items()}, of={})


CASES = (
    Case(
        number="j01",
        seen=_BORGMATIC,
        tried=fails(
            "dumps without an ending, one of 0 bytes", _of_host({"wiki": ""}), "backup-empty", says=("localhost/wiki",)
        ),
        twin=passes("the same, each whole", _of_host({})),
    ),
    Case(
        number="j01b",
        seen=_BORGMATIC,
        tried=fails(
            "dumps without an ending, one an error message",
            _of_host({"wiki": _REFUSED}),
            "backup-is-an-error-message",
            says=("localhost/wiki",),
        ),
        twin=passes(
            "notes, a lock, a flag and a log beside them",
            _folder({"README": "", "LOCK": "", ".keep": "", "done": "", "log": _REFUSED, "backup.log": ""}, of=_BARE),
            says=("README",),
        ),
    ),
    Case(
        number="j02",
        seen=_HOLLAND,
        tried=passes(
            "comments alone in a file called a dump",
            _folder({"invalid_views.sql": _SET_ASIDE}),
            says=("invalid_views",),
        ),
        twin=fails("a file called a dump that holds text", _folder({"blog.sql": "All done.\n"}), says=("blog.sql",)),
    ),
    Case(
        number="j02b",
        seen=_HOLLAND,
        tried=unverified(
            "a view that the tool set aside since it asks for a column that is gone",
            _folder({"invalid_views.sql": _SET_ASIDE + _VIEW.format(column="paid")}),
            "views-invalid",
            says=("invalid_views.sql", "1054"),
            unsaid=("The rows were not written",),
        ),
        twin=passes(
            "one that can be used again by now", _folder({"invalid_views.sql": _SET_ASIDE + _VIEW.format(column="id")})
        ),
    ),
)
