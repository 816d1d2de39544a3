"""Patterns of paths and keys, the same in every store: `*`, `?` and `[...]`, none of which matches a slash."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

from drtool.errors import WrongUse

_WILDCARD = re.compile(r"[*?\[]")


def has_wildcard(text: str) -> bool:
    """Tell whether a pattern, or a part of one, matches more than itself."""
    return _WILDCARD.search(text) is not None


def fixed_prefix(pattern: str) -> str:
    """Return what everything that matches a pattern begins with: all of it up to its first wildcard."""
    wildcard = _WILDCARD.search(pattern)
    return pattern[: wildcard.start()] if wildcard else pattern


def matches(name: str, pattern: str) -> bool:
    """Tell whether a name matches a pattern, part by part between its slashes, in upper and lower case as written."""
    parts, patterns = name.split("/"), pattern.split("/")
    return len(parts) == len(patterns) and all(map(fnmatchcase, parts, patterns))


def parse_inside(text: str) -> str:
    """Return a pattern of files inside an archive: a name that begins at the root, or with a dot, begins with a folder.

    Raises:
        WrongUse: it names no file.
    """
    pattern = re.sub(r"^(?:\./|/)+", "", text.strip())
    if not pattern or pattern.endswith("/") or ".." in pattern.split("/") or not pattern.isprintable():
        what = f"{text!r} names no files inside an archive"
        raise WrongUse("bad-pattern", what, mend="Write mysql/*.sql*, or *.sql for those in all folders")
    return pattern


def matches_end(name: str, pattern: str) -> bool:
    """Tell whether the last parts of a name match a pattern, however many folders stand before them."""
    parts = name.split("/")[-len(pattern.split("/")) :]
    return matches("/".join(parts), pattern)


def ends_of(path: str) -> list[str]:
    """Return the last names of an absolute path, as many as may lie in a folder that was mounted elsewhere."""
    names = [name for name in path.split("/") if name not in {"", ".", ".."}]
    return ["/".join(names[at:]) for at in range(len(names))]
