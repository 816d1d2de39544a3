"""`drtool init`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from drtool.backups.backup import look_at
from drtool.backups.choice import choose_newest
from drtool.backups.recognise import Format
from drtool.drill.scenarios import SCENARIO_FOLDER
from drtool.errors import WrongUse
from drtool.keys import allowed_signers, signing, site
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


@click.command("init")
@click.argument("patterns", metavar="STORE_PATTERN...", nargs=-1)
@click.option("--name", default="recovery", show_default=True, help="Name of the scenario and its script.")
@click.option("--key", type=click.Path(path_type=Path), help="Pin this key for audits  [default: make the site's own]")
def command(patterns: tuple[str, ...], name: str, key: Path | None) -> int:
    """Write a first scenario for the backups at STORE_PATTERN, and make the signing key.

    Looks at the newest backup of each pattern to see what it is. What exists already is left as it is. The key is
    pinned: `drtool audit` trusts its signatures from then on, also beside keys that were pinned before.

    \b
    drtool init '/srv/backups/db-*.sql.zst' '/srv/backups/uploads-*.tar.zst'
    drtool init 's3://backups/shop/db-*.sql.gz' --name shop
    drtool init --key ~/.ssh/drills_ed25519      pin a key of your own, or a new one beside the old
    """
    if not name.isidentifier():
        raise WrongUse("bad-name", f"{name!r} cannot name a scenario", mend="Use letters, digits and _")
    script = SCENARIO_FOLDER / f"{name}.py"
    if script.exists():
        click.echo(f"kept   {script}: it exists already")
    elif patterns:
        body = "".join(_restore(number, pattern) for number, pattern in enumerate(patterns, start=1))
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(_SCRIPT.format(name=name, body=body), encoding="utf-8")
        click.echo(f"wrote  {script}: set its targets, then `drtool run {script}`")
    else:
        click.echo("no scenario written: name your backups, for example '/srv/backups/db-*.sql.zst'")
    found = signing.find_key(key)
    if found:
        pinning = allowed_signers.pin(found.principal, signing.check_key(found))
        click.echo(f"kept   {found.path}: signs as {found.principal}")
    else:
        found = signing.make_site_key()
        pinning = allowed_signers.Pinning.PINNED_NOW
        click.echo(f"made   {found.path}: this site's signing key, signs as {found.principal}")
    if pinning is allowed_signers.Pinning.PINNED_NOW:
        click.echo(f"pinned {found.path} in {site.pins_path()}: `drtool audit` trusts its signatures from now on")
    else:
        click.echo(f"kept   {site.pins_path()}: the key is pinned already")
    return 0


def _restore(number: int, pattern: str) -> str:
    """Return the scenario's lines for one pattern, by what its newest backup is."""
    store = store_for(pattern)
    chosen = choose_newest(pattern, store.find(pattern), datetime.now(UTC)).found
    kind = look_at(store, store.stat(chosen.location))
    suffix = "" if number == 1 else str(number)
    template = _FILES if kind.format is Format.TAR and not kind.holds_database else _DATABASE
    return template.format(suffix=suffix, pattern=pattern)
