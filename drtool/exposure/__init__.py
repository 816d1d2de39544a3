"""Exposure: what a disaster would have cost at the worst moment of a period, from a store's history.

One drill is one lucky or unlucky moment. At any time a recovery takes the newest recovery point that is restorable
by then, so the RPA grows until the next backup is restorable, and is largest just before:

    largest RPA before backup N+1 = restorable_at(N+1) - recovery_point(N)

`recovery_point` is the start of a dump, for rows committed while it ran are not in it; `restorable_at` is when it was
finished and uploaded. The gap that is still open, from the newest recovery point to now, counts as well.

Worked by hand, three nightly dumps whose names say when they began, seen at 06:00 UTC on 13 November 2026:

    name                          recovery point   restorable at
    db-20261111T030000Z.sql.zst   11 Nov 03:00     11 Nov 03:20
    db-20261112T030000Z.sql.zst   12 Nov 03:00     12 Nov 05:00   (a slow night)
    db-20261113T030000Z.sql.zst   13 Nov 03:00     13 Nov 03:20

    12 Nov 05:00 - 11 Nov 03:00 = 26 h          the worst
    13 Nov 03:20 - 12 Nov 03:00 = 24 h 20 min
    13 Nov 06:00 - 13 Nov 03:00 =  3 h          now

So an RPO of 25 h is met now (3 h), but was missed: 26 h just before 05:00 UTC on 12 November. Intervals between the
starts (24 h each) or between modification times (25 h 40 min at most) would not have shown it.
"""

from drtool.backups.name_times import HostZone
from drtool.exposure.measure import ExposureTerms, HeadCheck, exposures
from drtool.exposure.probes import clock_ahead, head_check

__all__ = ["ExposureTerms", "HeadCheck", "HostZone", "clock_ahead", "exposures", "head_check"]
