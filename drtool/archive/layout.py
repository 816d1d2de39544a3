"""Where an archive is, and what lies where in it.

Every object has its content's place in its name, so that none ever needs another:

    <prefix>/ledger/000000000012-<sha256>.jsonl   line 12 of the ledger; its SHA-256 is what line 13 holds as `previous`
    <prefix>/<drill id>/report.json               a drill's folder, as it lies in the reports folder

Lines are objects of their own, since what is locked cannot grow: a ledger that was cut or rebuilt shows as a line that
the archive has and the folder lacks, or as two lines of one number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from drtool.errors import WrongUse
from drtool.evidence.folder import DRILL_ID
from drtool.stores.lookup import known_scheme

_SCHEME = "s3://"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FOLDER = re.compile(r"[A-Za-z0-9_.=+-]{1,200}")

LEDGER = "ledger"
_LEDGER_LINE = re.compile(LEDGER + r"/(?P<sequence>[0-9]{12})-(?P<digest>[0-9a-f]{64})\.jsonl")
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, kw_only=True)
class Location:
    """An archive's place; `prefix` is empty or ends in a slash. As text it is `s3://bucket/prefix`."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, text: str) -> Location:
        """Read `s3://bucket/prefix`, with or without a slash at its end; the prefix may be left out.

        Raises:
            WrongUse: it is no such place, or has credentials in it.
        """
        scheme = known_scheme(text)
        bucket, _, rest = text[len(_SCHEME) :].partition("/")
        folders = rest.rstrip("/").split("/") if rest.rstrip("/") else []
        proper = all(_FOLDER.fullmatch(one) and one not in (".", "..") for one in folders)
        if scheme != "s3" or not _BUCKET.fullmatch(bucket) or not proper:
            why = "in the prefix there are letters, digits and _ . = + - between single slashes"
            if proper:
                why = "a bucket's name has 3 to 63 small letters, digits, dots and hyphens"
            raise WrongUse("bad-archive", "An archive is written s3://bucket/prefix", why=why)
        return cls(bucket=bucket, prefix="".join(f"{one}/" for one in folders))

    def __str__(self) -> str:
        return f"{_SCHEME}{self.bucket}/{self.prefix}".rstrip("/")


def is_archive(text: str) -> bool:
    """Tell whether a text is meant to be the place of an archive, and not a folder."""
    return text.lower().startswith(_SCHEME)


@dataclass(frozen=True)
class LedgerLine:
    """A line of the ledger, by its number from 1 and its hash."""

    sequence: int
    digest: str

    @property
    def key(self) -> str:
        """Its key, below the archive's prefix."""
        return f"{LEDGER}/{self.sequence:012}-{self.digest}.jsonl"


@dataclass(frozen=True)
class DrillFile:
    """A file in a drill's folder."""

    drill_id: str
    name: str

    @property
    def key(self) -> str:
        """Its key, below the archive's prefix."""
        return f"{self.drill_id}/{self.name}"


Part = LedgerLine | DrillFile


def part(key: str) -> Part | None:
    """Return what a key below the prefix stands for, or None where nothing of drtool's has such a name.

    Whoever can write to the bucket chooses the names in it, and files are made of them: `..`, slashes and whatever
    else means something to a file system are no part of any.
    """
    if line := _LEDGER_LINE.fullmatch(key):
        return LedgerLine(int(line["sequence"]), line["digest"])
    drill_id, _, name = key.partition("/")
    if drill_id != LEDGER and DRILL_ID.fullmatch(drill_id) and _FILE_NAME.fullmatch(name):
        return DrillFile(drill_id, name)
    return None
