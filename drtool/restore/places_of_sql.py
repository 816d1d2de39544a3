"""What the place and name of a file tell of the SQL in it: an application's own, or what a backup job left there."""

from __future__ import annotations

import re
from collections.abc import Collection

from drtool.backups.companions import is_one_of, shape_of

# Where applications keep the SQL that they make and change their tables with, and how they call it.
_OF_SOURCES = re.compile(
    r"(?:^|/)(?:(?:un)?install\w*|setup|schemas?|migrations?|updates?|upgrades?|changelog|test\w*|spec|fixtures?|samples?"
    r"|examples?|demos?|seeds?|vendor|node_modules|site-packages|docs?|src|resources|contrib|components|modules|plugins"
    r"|themes|extensions|ext|wp-includes|wp-admin|core|\.git)(?=/)",
    re.IGNORECASE,
)
_CALLED_AS_SOURCES = re.compile(
    r"(?:schema|structure|(?:un)?install|upgrade|sample|demo|setup|create|drop|tables?|seed|migration)[^/]*",
    re.IGNORECASE,
)
# Where backups keep dumps (borgmatic, Virtualmin, whoever calls a folder so), and where control panels do, if no
# application does.
_OF_BACKUPS = re.compile(
    r"(?:^|/)\.?(?:(?:mysql|mariadb)_databases|(?:db|mysql|sql|ai1wm)?[-_]?(?:dump|backup)s?|updraft)(?=/)",
    re.IGNORECASE,
)
_OF_PANELS = re.compile(r"(?:^|/)(?:mysql|mariadb)(?=/)", re.IGNORECASE)
_OF_DATABASES = re.compile(r"(?:^|/)(?:databases?|db)(?=/)", re.IGNORECASE)
_PACKED = re.compile(r"(?:\.(?:gz|zst|xz|bz2|lz4|lzma|zip|z|gpg|pgp|asc|age|enc))+$", re.IGNORECASE)
_LAST_WORD = re.compile(r"[^-_]+$")
_DATED = re.compile(r"(?:\d[-_.:T]?){6}")


def is_of_sources(path: str) -> bool:
    """Tell whether a file lies where the SQL of an application lies, or is called as such, and is no backup."""
    among, kept = _last(_OF_SOURCES, path), _last(_OF_BACKUPS, path)
    if among >= 0:
        return among > kept
    called = _CALLED_AS_SOURCES.fullmatch(path.rpartition("/")[2]) is not None
    return called and kept < 0 and _last(_OF_PANELS, path) < 0


def is_of_backups(path: str) -> bool:
    """Tell whether a file lies where backup jobs and control panels keep dumps."""
    return any(_last(folders, path) >= 0 for folders in (_OF_BACKUPS, _OF_PANELS, _OF_DATABASES))


def is_named_as_dumps(path: str, dumps: Collection[str]) -> bool:
    """Tell whether a file is named as the dumps in its folder are, so that the same job must have made it.

    That is by a date in both, by the suffix of what is packed, by names without one, or by all but the last word.

    Args:
        path: of a file.
        dumps: the paths of dumps.
    """
    folder, _, name = path.rpartition("/")
    beside = [one for one in dumps if one != path and one.rpartition("/")[0] == folder]
    shape = shape_of(path)
    alike = any(shape is not None and shape == shape_of(one) for one in beside)
    if alike and (_DATED.search(name) or _PACKED.fullmatch(shape or "") or is_of_backups(path)):
        return True
    run = _run_of(path)
    return (bool(_LAST_WORD.sub("", run.rstrip("-_"))) and any(run == _run_of(one) for one in beside)) or (
        is_of_backups(path) and is_one_of(path, dumps)
    )


def _run_of(path: str) -> str:
    """Return a name up to its last word: what a job puts before the name of each database."""
    return _LAST_WORD.sub("", _PACKED.sub("", path.rpartition("/")[2]))


def _last(folders: re.Pattern[str], path: str) -> int:
    """Return where the last folder of a path stands that is called so, or -1."""
    return max((found.start() for found in folders.finditer(path)), default=-1)
