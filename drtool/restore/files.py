"""From a tar archive to a folder in the sandbox: provision, unpack, look at the end."""

from __future__ import annotations

from datetime import tzinfo

from drtool.amounts import listed
from drtool.backups.backup import Backup
from drtool.backups.recognise import Format
from drtool.errors import DrtoolError, RestoreFailed
from drtool.record.steps import Phase
from drtool.restore.checksums import judge_lists_beside
from drtool.restore.context import RestoreContext
from drtool.restore.diagnosis import tar_failure
from drtool.restore.pipeline import Outcome
from drtool.restore.unpack import unpack
from drtool.sandbox.container import Container
from drtool.sandbox.sandbox import RESTORED_PATH, Limits, Mount

# What it takes to give files back their owners and modes; no CAP_MKNOD, so no device node comes to be.
_CAPABILITIES = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"]

_LOOKING = "looking at restored links"
# How many links of a folder lead to nothing that was restored, a folder a line; all links are seen as from its root.
_LEADING = r"""cd "$1" && find . -type l -printf '%P\0%l\0' | perl -0ne '
    chomp;
    if ($. % 2) { $link = $_; next }
    my ($folder) = $link =~ m{(.*)/}s;
    my @at = m{^/} ? () : split m{/}, $folder // "";
    my $out = 0;
    for (split m{/}) {
        next if $_ eq "" || $_ eq ".";
        if ($_ ne "..") { push @at, $_ } elsif (@at) { pop @at } else { $out = 1 }
    }
    next if !$out && lstat join("/", ".", @at);
    $folder = ($folder // "") =~ s/[^\x20-\x7e]/?/gr;
    $count{$folder}++ if exists $count{$folder} || keys %count < 100;
    END { print "$count{$_} $_\n" for sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count }'
"""


def end_failure(outcome: Outcome) -> RestoreFailed | None:
    """Return what the archive's end says: without its end mark it may have been cut between two members."""
    if outcome.end == "complete":
        return None
    if outcome.end == "followed":
        what = "Something follows the archive's end mark, where tar never looks"
        return RestoreFailed("archive-trailing-garbage", what)
    return RestoreFailed("archive-end-missing", "The archive has no end mark: it was cut short between two files")


def untar_failure(outcome: Outcome) -> DrtoolError | None:
    """Return why an archive cannot be restored from: what tar complains of, or that it has no end."""
    return tar_failure(outcome) or end_failure(outcome)


def restore_files(
    context: RestoreContext, backup: Backup, name: str, *, limits: Limits, zone: tzinfo | None
) -> Container:
    """Restore a tar archive into an empty folder of a container without a network.

    Raises:
        RestoreFailed: the archive does not unpack.
        Unverifiable: the sandbox could not be made or was lost.
    """
    context.claim(name, backup, (Format.TAR,))
    image = context.image(None)
    [mounted] = context.within_reach([backup], name, image)
    with context.journal.step(Phase.PROVISION, f"make an empty folder for {name}", resource=name):
        container = context.sandbox.room(
            name,
            image,
            limits=limits,
            mounts=[Mount(target=RESTORED_PATH, source=context.sandbox.volume(f"{name}-data")), *mounted.mounts],
            capabilities=_CAPABILITIES,
        )
    context.note_container(name, image, limits, {}, None)
    context.prove_isolated(name, container)
    outcome = unpack(
        context,
        backup,
        name,
        container,
        sink="tar",  # keeps modes, owners, links and times
        into=RESTORED_PATH,
        source=mounted.source,
        failure=tar_failure,
    )
    if leading := [(int(number), where) for number, where in container.talk(_LEADING, RESTORED_PATH, doing=_LOOKING)]:
        where = listed([f"{number} in {folder or 'the topmost folder'}" for number, folder in leading])
        context.journal.assumption(
            f"{name}: links lead out of the archive or nowhere ({where}): what they point to is not in this backup"
        )
    judge_lists_beside(context, backup, name)
    question = "the archive ends with tar's end mark"
    context.came_back(backup, name, outcome, question=question, failure=end_failure(outcome), zone=zone)
    return container
