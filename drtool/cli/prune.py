"""`drtool prune`."""

from __future__ import annotations

import click

from drtool.cli import exit_codes
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
    code = exit_codes.UNVERIFIED if any(one.refused for one in reaped) else exit_codes.PASSED
    if as_json:
        print_json(reaped)
        return code
    for one in reaped:
        done = "would remove" if dry_run else "removed" if not one.refused else "could not remove"
        why = f": {one.refused}. Take away what uses it, then prune again" if one.refused else ""
        click.echo(f"{done} {one.name} of drill {one.drill_id}{why}", err=bool(why))
    told = {one.drill_id for one in reaped}
    standing = {drill_id: until for drill_id, until in left_alone(engine).items() if drill_id not in told}
    for drill_id, until in standing.items():
        click.echo(f"left drill {drill_id} alone until {until}: it may run, was kept or is of another scope", err=True)
    if not reaped and not standing:
        click.echo("nothing was left behind")
    return code
