"""`drtool init`."""

from __future__ import annotations

import keyword
from pathlib import Path

import click

from drtool.cli.options import PathType
from drtool.drill.first_scenario import first_scenario
from drtool.drill.scenarios import SCENARIO_FOLDER
from drtool.errors import WrongUse
from drtool.keys import allowed_signers, signing, site


@click.command("init")
@click.argument("patterns", metavar="STORE_PATTERN...", nargs=-1)
@click.option("--name", default="recovery", show_default=True, help="Name of the scenario and its script.")
@click.option("--key", type=PathType(readable=False), help="Pin this key for audits  [default: make the site's own]")
def command(patterns: tuple[str, ...], name: str, key: Path | None) -> int:
    """Write a first scenario for the backups at STORE_PATTERN, and make the signing key.

    Looks at the newest backup of each pattern to see what it is. What exists already is left as it is. The key is
    pinned: `drtool audit` trusts its signatures from then on, also beside keys that were pinned before.

    \b
    drtool init '/srv/backups/db-*.sql.zst' '/srv/backups/uploads-*.tar.zst'
    drtool init 's3://backups/shop/db-*.sql.gz' --name shop
    drtool init --key ~/.ssh/drills_ed25519      pin a key of your own, or a new one beside the old
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise WrongUse("bad-name", f"{name!r} cannot name a scenario", mend="Use letters, digits and _")
    script = SCENARIO_FOLDER / f"{name}.py"
    if script.exists():
        click.echo(f"kept   {script}: it exists already")
    elif patterns:
        content = first_scenario(name, patterns)
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(content, encoding="utf-8")
        click.echo(f"wrote  {script}: set its targets, then `drtool run {script}`")
    else:
        click.echo("no scenario written: name your backups, for example '/srv/backups/db-*.sql.zst'")
    if found := signing.find_key(key):
        pinning = allowed_signers.pin(found.principal, signing.check_key(found))
        click.echo(f"kept   {found}: signs as {found.principal}")
    else:
        found = signing.make_site_key()
        pinning = allowed_signers.Pinning.PINNED_NOW
        click.echo(f"made   {found}: this site's signing key, signs as {found.principal}")
    if pinning is allowed_signers.Pinning.PINNED_NOW:
        click.echo(f"pinned {found} in {site.pins_path()}: `drtool audit` trusts its signatures from now on")
    else:
        click.echo(f"kept   {site.pins_path()}: the key is pinned already")
    return 0
