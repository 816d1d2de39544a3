"""`drtool run`."""

from __future__ import annotations

from typing import Any

import click

from drtool.cli.options import options, values_of
from drtool.drill.options import DrillOptions


@click.command("run")
@click.argument("targets", metavar="[FILE[::NAME]]...", nargs=-1)
@options(DrillOptions)
def command(targets: tuple[str, ...], **values: Any) -> int:
    """Carry out drills and leave a signed report of each.

    Without arguments every scenario in scenarios/ is drilled.

    \b
    drtool run scenarios/quickstart.py
    drtool run scenarios/shop.py::shop_monthly --environment monthly
    drtool run --at 2026-11-24T03:00:00Z        as if the disaster had struck then
    drtool run --profile fast --junit drills.xml --jobs 2
    """
    # With the Docker SDK, which help needs none of.
    from drtool.cli.drills import carry_out
    from drtool.drill.planning import planned

    return carry_out(planned(targets), values_of(DrillOptions, values))
