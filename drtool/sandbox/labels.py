"""Labels on everything a drill makes, so that it can be found and removed whatever happened to drtool."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from drtool.host.owner import Owner

DRILL = "drtool.drill"
EXPIRES = "drtool.expires"
OWNER = "drtool.owner"
KEPT = "drtool.kept"
SCOPE = "drtool.scope"

# A drill ends itself at its time limit; the expiry only has to outlive that, with room for the clean-up.
_GRACE = timedelta(hours=1)


def labels(drill_id: str, *, time_limit: timedelta, kept: bool) -> dict[str, str]:
    """Return the labels for what a drill makes; kept sandboxes live for a day beyond the drill."""
    lifetime = time_limit + _GRACE + (timedelta(days=1) if kept else timedelta())
    expires = (datetime.now(UTC) + lifetime).isoformat(timespec="seconds")
    made = {DRILL: drill_id, EXPIRES: expires, OWNER: str(Owner.this_process())}
    return made | ({KEPT: "true"} if kept else {}) | ({SCOPE: scope} if (scope := _scope()) else {})


def _scope() -> str:
    """Return what sets drills apart from others on their engine; empty for nothing."""
    return os.environ.get("DRTOOL_SCOPE", "")


def is_leftover(found: dict[str, str], *, kept_too: bool, others_too: bool = False) -> bool:
    """Tell from its labels whether nobody needs a container or volume any more.

    It is left over once it has expired, or once its drill's process is gone; what was kept on request stays
    until it expires, unless `kept_too`. What is of another scope than ours stays until then, too, unless `others_too`,
    which counts for nothing where we have a scope.
    """
    try:
        expired = datetime.fromisoformat(found.get(EXPIRES, "")) < datetime.now(UTC)
    except (ValueError, TypeError):
        expired = False
    owner = Owner.parse(found.get(OWNER, ""))
    ours = found.get(SCOPE, "") == _scope() or (others_too and not _scope())
    return expired or (ours and owner is not None and owner.is_dead() and (kept_too or KEPT not in found))
