# Restores one backup inside a sandbox container; streams.sh and client.sh come before it.
# Arguments: the backup's files, a line each; how it is encrypted; its compression; the sink; the folder it fills; then
# the sink's own.
inputs=() encryption=$2 sink=$4 target=$5
mapfile -t inputs <<< "$1"
unpack_with "$3"
shift 5
take_key
for input in "${inputs[@]}"; do
    [[ -r $input ]] || { rm -rf "$work" && exit 66; }
done
mkfifo "$work/members"

into_tar() {
    swallow_rest_of tar --extract --file=- --directory="$target" --same-owner --same-permissions --numeric-owner \
        --xattrs --xattrs-include='user.*' --acls --delay-directory-restore \
        --block-number --verbose --quoting-style=escape > "$work/members"
}
# A database's files, unpacked to be restored from: plain files of nobody in particular. With a pattern, those alone whose
# names end as it says.
into_untar() {
    local chosen=()
    if [[ -n ${1-} ]]; then
        local -x LC_ALL=C.UTF-8 # so that `?` stands for a letter
        chosen=(--wildcards --no-wildcards-match-slash --no-anchored --no-unquote -- "$1")
    fi
    swallow_rest_of tar --extract --file=- --directory="$target" --no-same-owner --no-same-permissions \
        --block-number --verbose --quoting-style=escape "${chosen[@]}" > "$work/members"
}
# Prints what is called a dump in an archive, up to a thousand of them.
dumps_there() {
    swallow_rest_of tar --list --file=- --quoting-style=escape 2> /dev/null |
        perl -ne "BEGIN { $called_dumps_pl }"'
            our $called_dump;
            chomp;
            s{^(?:\./|/)+}{};
            s{\\(\\|[0-7]{3})}{$1 eq "\\" ? $1 : chr oct $1}ge;
            print "there $_\n" if /$called_dump/ && $found++ < 1000'
}
facts_of_tar() {
    # -R prints a line for the end mark: an archive cut between two members shows nowhere else. Behind it tar looks at
    # nothing; zeros fill up the last record, anything else is somebody else's.
    local mark='^block ([0-9]+): \*\* Block of NULs \*\*$'
    sed 1d "$work/last_member"
    if [[ ! $(head -n 1 "$work/last_member") =~ $mark ]]; then
        echo "end missing"
    elif (($(cat "$work/last_byte") > BASH_REMATCH[1] * 512)); then
        echo "end followed"
    else
        echo "end complete"
    fi
}
facts_of_untar() { facts_of_tar; }
into_unstream() { swallow_rest_of perl -e "$1" "$target"; }
facts_of_unstream() { echo "end unknown"; }
into_mbstream() {
    mkdir -p "$target"
    swallow_rest_of mbstream -x -C "$target"
}
facts_of_mbstream() {
    # The last chunk of a stream says that its file is over: XBSTCK01, flags, E, the length of the path, the path.
    perl -0777 -ne '
        my $at = rindex($_, "XBSTCK01");
        my ($type, $length) = $at < 0 ? () : unpack("x9 a V", substr($_, $at) . "\0" x 14);
        my $rest = $at < 0 ? -1 : length($_) - $at - 14 - $length;
        print "end ", $at < 0 || $type ne "E" && $type ne "e" || $rest < 0 ? "missing" : $rest ? "followed" : "complete", "\n";
    ' "$work/last_bytes"
    (($(cat "$work/backups") > 1)) && echo "end another"
}

# The last line tar writes, and how many of the names before it begin at the root.
perl -ne '
    /^block \d+: (?:(\/)|(?!\*\*))/ and $1 ? $rooted++ : $others++;
    $last = $_;
    END { printf "%srooted %d %d\n", $last // "\n", $rooted, $others }' \
    < "$work/members" > "$work/last_member" &
members=$!
exec 8> "$work/members" # so that the reader of member names ends even where no archive is read
report_progress 8>&- &
progress=$!
flow "$sink" "$@" 8>&-
exec 8>&-
wait $members
"facts_of_$sink"
if [[ -e $work/there ]]; then cat "$work/there"; fi
kill "$progress"
rm -rf "$work"
echo "done"
