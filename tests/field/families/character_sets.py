"""Dumps in other character sets than UTF-8, which name them, or leave it to whoever loads them."""

from __future__ import annotations

from tests.attacks.attack import Input
from tests.field.case import Case, fails, passes, unverified, verify
from tests.field.dumps import dump, structure, table
from tests.field.families.left_to_the_client import asking

_SEEN = "FreePBX/cdr#46; MariaDB's documentation of mariadb-dump"
_COLUMNS = "`id` int(11) NOT NULL,\n  `who` varchar(60) DEFAULT NULL,\n  PRIMARY KEY (`id`)"
_BLOB = "`id` int(11) NOT NULL,\n  `who` varbinary(60) DEFAULT NULL,\n  PRIMARY KEY (`id`)"
_NAMES = "/*!40101 SET NAMES utf8mb4 */;\n"
_RUSSIAN, _JAPANESE, _CHINESE = "Иван Яшин", "表は能 ソ", "誠許功"
_RAW = b"\xe4\xff\x00".replace(b"\0", b"\\0")


def _holds(text: str) -> str:
    return f"(SELECT COUNT(*) FROM shop.people WHERE HEX(CONVERT(who USING utf8mb4)) = '{text.encode().hex()}') = 1"


def _people(text: str, *, names: str, columns: str = _COLUMNS) -> str:
    """Return a dump with one text in it and another behind it; `names` stands in place of its SET NAMES."""
    whole = dump(table("people", columns, (f"1,'{text}'", "2,'plain; text'")))
    return whole.replace(_NAMES, f"/*!40101 SET NAMES {names} */;\n" if names else "")


def _asked(text: str, charset: str, *options: str, names: str = "") -> Input:
    return asking(_holds(text), "people.sql", _people(text, names=names).encode(charset), *options)


def _raw(value: bytes) -> bytes:
    return _people("RAW", names="", columns=_BLOB).encode().replace(b"'RAW'", b"_binary '" + value + b"'")


def _tab(rows: bytes, *options: str) -> Input:
    definition = dump(structure("people", _COLUMNS)).replace(_NAMES, "")
    query = f"SELECT IF({_holds('Müller')}, TIMESTAMP'2026-01-02 03:04:05', NULL)"
    files: dict[str, str | bytes] = {"tab/people.sql": definition, "tab/people.txt": rows}
    return verify("tab/", files, "--freshness", query, "--zone", "UTC", *options)


def _folder(content: bytes, *options: str) -> Input:
    return verify("dumps/", {"dumps/people.sql": content}, *options)


CASES = (
    Case(
        number="c19",
        seen=_SEEN,
        tried=passes(
            "latin1 that the dump does not name, and --charset does", _asked("Müller", "latin-1", "--charset", "latin1")
        ),
        twin=unverified(
            "the same without --charset",
            verify("people.sql", {"people.sql": _people("Müller", names="").encode("latin-1")}),
            "charset-not-named",
            says=("names no character set", "charset="),
            unsaid=("cut",),
        ),
    ),
    Case(
        number="c19d",
        seen=_SEEN,
        tried=passes("cp1251 that --charset names", _asked(_RUSSIAN, "cp1251", "--charset", "cp1251")),
        twin=fails(
            "the same read as latin1", _asked(_RUSSIAN, "cp1251", "--charset", "latin1"), "newest data is fresh"
        ),
    ),
    Case(
        number="c19e",
        seen=_SEEN,
        tried=passes(
            "cp932 that the dump names, letters with a backslash in them", _asked(_JAPANESE, "cp932", names="cp932")
        ),
        twin=fails(
            "the same, cut",
            verify("people.sql", {"people.sql": _people(_JAPANESE, names="cp932").encode("cp932")[:-600]}),
            "dump-truncated",
        ),
    ),
    Case(
        number="c19f",
        seen=_SEEN,
        tried=passes("big5 that --charset names, likewise", _asked(_CHINESE, "big5", "--charset", "big5")),
        twin=fails("the same read as latin1", _asked(_CHINESE, "big5", "--charset", "latin1")),
    ),
    Case(
        number="c19g",
        seen=_SEEN,
        tried=passes(
            "raw bytes of a binary column, no character set named", verify("people.sql", {"people.sql": _raw(_RAW)})
        ),
        twin=fails(
            "the same, and a byte is lost",
            asking("(SELECT HEX(who) FROM shop.people WHERE id = 1) = 'E4FF00'", "people.sql", _raw(_RAW[1:])),
            "newest data is fresh",
        ),
    ),
    Case(
        number="c19h",
        seen=_SEEN,
        tried=passes(
            "--tab --skip-set-charset of latin1, and --charset",
            _tab("1\tMüller\n".encode("latin-1"), "--charset", "latin1"),
        ),
        twin=unverified("the same without it", _tab("1\tMüller\n".encode("latin-1")), "charset-not-named"),
    ),
    Case(
        number="c19i",
        seen=_SEEN,
        tried=unverified(
            "cp932 that nothing names, a string that ends in half a backslash",
            verify("people.sql", {"people.sql": _people("ソ", names="").encode("cp932")}),
            "charset-not-named",
            says=("cp932", "--charset"),
            unsaid=("--force",),
        ),
        twin=passes("the same, and --charset", _asked("ソ", "cp932", "--charset", "cp932")),
    ),
    Case(
        number="c19j",
        seen=_SEEN,
        tried=passes(
            "cp932 in a folder, and --charset", _folder(_people("ソ", names="").encode("cp932"), "--charset", "cp932")
        ),
        twin=unverified(
            "the same without it",
            _folder(_people("ソ", names="").encode("cp932")),
            "charset-not-named",
            says=("people",),
        ),
    ),
    Case(
        number="c19k",
        seen=_SEEN,
        tried=passes(
            "UTF-8 that nothing names, a quote behind a letter",
            verify("people.sql", {"people.sql": _people("ソ\\'", names="")}),
        ),
        twin=fails(
            "the same, and its quote is lost",
            verify("people.sql", {"people.sql": _people("ソ\\", names="")}),
            "dump-end-swallowed",
            unsaid=("charset",),
        ),
    ),
)
