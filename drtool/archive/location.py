"""Where an archive is: a bucket, and what the keys of its objects begin with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from drtool.errors import WrongUse
from drtool.stores.lookup import known_scheme

_SCHEME = "s3://"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_FOLDER = re.compile(r"[A-Za-z0-9_.=+-]{1,200}")


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
            raise WrongUse(
                "bad-archive",
                "An archive is written s3://bucket/prefix",
                why="in the prefix there are letters, digits and _ . = + - between single slashes",
            )
        return cls(bucket=bucket, prefix="".join(f"{one}/" for one in folders))

    def __str__(self) -> str:
        return f"{_SCHEME}{self.bucket}/{self.prefix}".rstrip("/")


def is_archive(text: str) -> bool:
    """Tell whether a text is meant to be the place of an archive, and not a folder."""
    return text.lower().startswith(_SCHEME)
