"""`drtool prune`."""

from __future__ import annotations

import click

from drtool.cli.options import json_option
from drtool.cli.terminal import print_json
from drtool.sandbox.engine import Engine
from drtool.sandbox.reaper import left_alone, reap


@click.command("prune")
@click.option("--kept", is_flag=True, help="Also sandboxes that were kept on request (--keep).")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@json_option
def command(kept: bool, dry_run: bool, as_json: bool) -> int:
    """Remove what crashed drills left behind: containers and volumes with restored data in them.

    Sandboxes of drills that still run, or may run on another host or in another container, are never touched, but
    named, with the time at which they go at the latest. Reports are never touched.

    \b
    drtool prune
    drtool prune --dry-run
    """
    engine = Engine.connect()
    reaped = reap(engine, kept_too=kept, others_too=True, dry_run=dry_run)
    if as_json:
        print_json(reaped)
        return 0
    for leftover in reaped:
        click.echo(f"{'would remove' if dry_run else 'removed'} {leftover.name} of drill {leftover.drill_id}")
    removed = {leftover.drill_id for leftover in reaped}
    standing = {drill_id: until for drill_id, until in left_alone(engine).items() if drill_id not in removed}
    for drill_id, until in standing.items():
        click.echo(
            f"left drill {drill_id} alone, which may run, was kept or is of another scope; until {until}", err=True
        )
    if not reaped and not standing:
        click.echo("nothing was left behind")
    return 0
