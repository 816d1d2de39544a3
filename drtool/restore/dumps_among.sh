# Reads dumps that lie among restored files to their ends, behind streams.sh; nothing is loaded.
# Argument: the folder. Standard input: how many there are, then a line each, their paths in hex. Prints `file PATH` and
# what is known of that one: how its decompressing ended, and what its statements say.
folder=$1
IFS= read -r number
paths=()
for ((; number > 0; number--)); do
    IFS= read -r path
    paths+=("$path")
done
for path in "${paths[@]}"; do
    file=$folder/$(perl -e 'print pack "H*", shift' "$path"; echo .)
    file=${file%.}
    echo "file $path"
    unpack_with "$(compression_of "$file")"
    "${unpack[@]}" < "$file" 2> /dev/null | perl -e "$statements_pl$session_pl$promises_pl; main::promises()"
    echo "decompress ${PIPESTATUS[0]}"
done
rm -rf "$work"
echo "done"
