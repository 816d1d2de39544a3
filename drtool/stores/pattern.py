"""Patterns of paths and keys, the same in every store: `*`, `?` and `[...]`, none of which matches a slash."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

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
