"""`drtool prune`."""

from __future__ import annotations

import click

from drtool.cli.options import TextType, json_option
from drtool.cli.terminal import print_json
from drtool.errors import WrongUse
from drtool.sandbox.engine import Engine
from drtool.sandbox.reaper import left_alone, reap


@click.command("prune")
@click.option("--kept", is_flag=True, help="Also sandboxes that were kept on request (--keep).")
@click.option("--drill", type=TextType(), help="Also all of the drill with this id: you know that it is over.")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@json_option
def command(kept: bool, drill: str | None, dry_run: bool, as_json: bool) -> int:
    """Remove what crashed drills left behind: containers and volumes with restored data in them.

    Sandboxes of drills that run, or may run on another host or in another container, are left alone, but named, with
    the time at which they go at the latest. Reports are never touched.

    \b
    drtool prune --dry-run
    drtool prune --drill 20261124T230613Z-shop_monthly-dbed75
    """
    engine = Engine.connect()
    if drill and drill not in left_alone(engine):
        raise WrongUse("no-such-drill", f"Nothing is there of a drill {drill}")
    reaped = reap(engine, kept_too=kept, others_too=True, of=drill, dry_run=dry_run)
    if as_json:
        print_json(reaped)
        return 0
    for leftover in reaped:
        click.echo(f"{'would remove' if dry_run else 'removed'} {leftover.name} of drill {leftover.drill_id}")
    standing = {
        one: until for one, until in left_alone(engine).items() if one not in {gone.drill_id for gone in reaped}
    }
    for drill_id, until in standing.items():
        click.echo(f"left drill {drill_id} alone until {until}: it may run, was kept or is of another scope", err=True)
    if not reaped and not standing:
        click.echo("nothing was left behind")
    return 0
