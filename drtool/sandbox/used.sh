# Says how many KiB a folder takes on the disk.
# Argument: the folder.
# The server sorts what it loads in files that it has deleted already: they take room, and no folder shows them.
used=$(du --summarize --block-size=1K "$1" | cut -f 1)
for open in /proc/[0-9]*/fd/*; do
    if [[ $(readlink "$open") == "$1"/*" (deleted)" ]]; then
        used=$((used + $(stat --dereference --format=%b "$open" || echo 0) / 2))
    fi
done 2> /dev/null
echo "$used"
