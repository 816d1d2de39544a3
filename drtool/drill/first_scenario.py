"""The first scenario of a site, written for backups by what the newest of them are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from drtool.backups.backup import look_at
from drtool.backups.choice import choose_newest
from drtool.backups.recognise import Format
from drtool.stores import store_for

_SCRIPT = '''"""Recovery from the newest backups. Set the targets to what the business asks for."""

from drtool import Drill, scenario


@scenario(rto="1h", rpo="24h", every="31d")
def {name}(drill: Drill) -> None:
    """Everything comes back from the newest backups."""
{body}'''

_DATABASE = """
    db{suffix} = drill.restore_mariadb(drill.latest({pattern!r}), name="db{suffix}")
    # db{suffix}.check("there are orders", "SELECT COUNT(*) FROM shop.orders", at_least=1)
    # db{suffix}.check_freshness("SELECT MAX(created_at) FROM shop.orders")
"""

_FILES = """
    files{suffix} = drill.restore_files(drill.latest({pattern!r}), name="files{suffix}")
    # files{suffix}.check_count("*.jpg", at_least=1000)
"""


def first_scenario(name: str, patterns: Sequence[str]) -> str:
    """Return a script with one scenario, which restores the newest backup of each pattern.

    Raises:
        RestoreFailed: nothing matches a pattern.
        WrongUse: a pattern names no store.
    """
    body = "".join(_restore(number, pattern) for number, pattern in enumerate(patterns, start=1))
    return _SCRIPT.format(name=name, body=body)


def _restore(number: int, pattern: str) -> str:
    """Return the scenario's lines for one pattern, by what its newest backup is."""
    store = store_for(pattern)
    chosen = choose_newest(pattern, store.find(pattern), datetime.now(UTC)).found
    kind = look_at(store, store.stat(chosen.location))
    suffix = "" if number == 1 else str(number)
    template = _FILES if kind.format is Format.TAR and not kind.holds_database else _DATABASE
    return template.format(suffix=suffix, pattern=pattern)
