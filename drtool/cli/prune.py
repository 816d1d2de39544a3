"""`drtool prune`."""

from __future__ import annotations

import click
import msgspec

from drtool.cli.options import json_option
from drtool.sandbox.engine import Engine
from drtool.sandbox.reaper import reap


@click.command("prune")
@click.option("--kept", is_flag=True, help="Also sandboxes that were kept on request (--keep).")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@json_option
def command(kept: bool, dry_run: bool, as_json: bool) -> int:
    """Remove what crashed drills left behind: containers and volumes with restored data in them.

    Sandboxes of drills that are still running are never touched. Reports are never touched.

    \b
    drtool prune
    drtool prune --dry-run
    """
    reaped = reap(Engine.connect(), kept_too=kept, others_too=True, dry_run=dry_run)
    if as_json:
        click.echo(msgspec.json.encode(reaped))
        return 0
    for leftover in reaped:
        click.echo(f"{'would remove' if dry_run else 'removed'} {leftover.name} of drill {leftover.drill_id}")
    if not reaped:
        click.echo("nothing was left behind")
    return 0
