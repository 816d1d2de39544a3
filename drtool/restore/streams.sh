# What every restore inside a sandbox container shares: read | decrypt | decompress | sink, with every stage's status
# kept. Prints facts, one a line; never a byte of content.
#
# Every stage swallows the rest of its input when its program gives up. So the digest is always that of the
# whole file, a damaged stream is told apart from bad content, and no stage dies of another's closed pipe.
#
# Set before: inputs (files, read one behind the other), encryption (`none`, or how as `decrypt` takes it).
set -u
work=$(mktemp -d /tmp/restore.XXXXXX)
mkfifo "$work/digest" "$work/end" "$work/marks" "$work/said"
said=/dev/null
key='' done_bytes=0
echo "0 0" > "$work/reader"

swallow_rest_of() {
    "$@"
    local status=$?
    cat > /dev/null
    return $status
}
need() {
    local program
    for program in "$@"; do
        command -v "$program" > /dev/null || { echo "lacks $program" && rm -rf "$work" && exit 67; }
    done
}
unpack_with() {
    case $1 in
        none) unpack=(cat) ;;
        gzip) unpack=(gzip -dc) ;;
        zstd) unpack=(zstd -dcq --long=31) ;;
        xz) unpack=(xz -dcq) ;;
        bzip2) unpack=(bzip2 -dc) ;; # -q keeps back that something follows the stream
        lz4) unpack=(lz4 -dcq) ;;
        lzma) unpack=(xz -dcq --format=lzma) ;;
        zlib) unpack=(inflate zlib) ;;
        zip) unpack=(inflate zip) ;;
    esac
    need "${unpack[0]}"
    if [[ ${unpack[0]} == inflate ]] && ! perl -MCompress::Raw::Zlib -MIO::Uncompress::Unzip -e 1 2> /dev/null; then
        need "perl (with IO::Uncompress)"
    fi
}
# Unpacks a zlib stream, or a zip of one file; perl brings what it takes.
inflate() {
    perl -e '
        binmode STDOUT;
        if ($ARGV[0] eq "zlib") {
            require Compress::Raw::Zlib;
            my ($z) = Compress::Raw::Zlib::Inflate->new(-LimitOutput => 1, -Bufsize => 1 << 17);
            my ($in, $status) = ("", 0);
            while ($status == 0 || $status == -5) {
                sysread STDIN, $in, 1 << 17, length $in or die "unexpected end\n" if $in eq "";
                do {
                    $status = $z->inflate($in, my $out);
                    print $out;
                } while ($status == -5 && $in ne "");
            }
            $status == 1 or die "damaged\n";
            ($in ne "" || sysread STDIN, $in, 1) and die "trailing garbage\n";
            exit;
        }
        require IO::Uncompress::Unzip;
        my $z = IO::Uncompress::Unzip->new("-", Strict => 1, Transparent => 0) or die "damaged\n";
        my ($found, $status) = (0, 1);
        while ($status > 0) {
            if (($z->getHeaderInfo->{Name} // "") !~ m{/$}) {
                $found++ and die "several files\n";
                while (($status = $z->read(my $out, 1 << 17)) > 0) { print $out }
                last if $status < 0;
            }
            $status = $z->nextStream();
        }
        $status == 0 && length $z->trailingData and die "trailing garbage\n";
        my $cut = $IO::Uncompress::Unzip::UnzipError =~ /unexpected end|Minimum header size/;
        $status < 0 and die $cut ? "unexpected end\n" : "damaged\n";' "$1"
}
compression_of() {
    case $(head -c 6 "$1" | od -An -tx1 | tr -d ' \n') in
        1f8b*) echo gzip ;;
        28b52ffd* | 5?2a4d18*) echo zstd ;;
        fd377a585a00) echo xz ;;
        425a68*) echo bzip2 ;;
        04224d18*) echo lz4 ;;
        5d0000*) echo lzma ;;
        504b0304*) echo zip ;;
        7801* | 785e* | 789c* | 78da*) echo zlib ;;
        *) echo none ;;
    esac
}

# The key comes over standard input, a line of base64, and stays in this shell's memory: no command line, environment
# or file ever holds it, but for a private key, which gpg wants in a keyring: that lies in the container's memory.
take_key() {
    [[ $encryption == none ]] && return
    case $encryption in
        gpg-*) need gpg ;;
        age-passphrase) need age script ;;
        age-*) need age ;;
        openssl*) need openssl ;;
    esac
    IFS= read -r key
}
show_key() { base64 -d <<< "$key"; }
gpg_quietly() { gpg --no-options --batch --no-tty --quiet --trust-model always "$@"; }
decrypt_with_gpg() { gpg_quietly --status-fd 4 "$@" --decrypt 4> "$work/gpg"; }
# What gpg says of a signature inside (doc/DETAILS of GnuPG): nothing, where there is none or it is good.
judge_signature() {
    local said=" $(sed -E 's/^\[GNUPG:\] ([A-Z_]+).*/\1/' "$work/gpg" 2> /dev/null | tr '\n' ' ')"
    case $said in
        *" BADSIG "*) echo bad ;;
        *" ERRSIG "*) echo unknown ;;
        *" EXPSIG "* | *" EXPKEYSIG "* | *" REVKEYSIG "*) echo expired ;;
    esac > "$work/signature"
    # It fails, too, where nothing but the key to check the signature with is missing.
    [[ $1 == 2 && $(cat "$work/signature") == unknown && $said == *" DECRYPTION_OKAY GOODMDC "* && $said != *" BADMDC "* ]]
}
decrypt() {
    local how
    read -ra how <<< "$encryption"
    case ${how[0]} in
        openssl) openssl enc -d "${how[@]:1}" -pass fd:3 3< <(show_key) ;;
        # Whoever wrote it with -A has it in one line, which openssl would not read without.
        openssl-base64) (
            set -o pipefail
            tr -d '\r\n' | base64 -d | openssl enc -d "${how[@]:1}" -pass fd:3
        ) 3< <(show_key) ;;
        age-identity) age --decrypt --identity <(show_key) ;;
        age-passphrase) age_with_passphrase ;;
        gpg-*)
            local status
            GNUPGHOME=$(mktemp -d /tmp/keyring.XXXXXX)
            export GNUPGHOME
            case ${how[0]} in
                gpg-session) decrypt_with_gpg --override-session-key-fd 3 3< <(show_key) ;;
                gpg-passphrase) decrypt_with_gpg --pinentry-mode loopback --passphrase-fd 3 3< <(show_key) ;;
                gpg-private) show_key | gpg_quietly --import > /dev/null && decrypt_with_gpg ;;
            esac
            status=$?
            judge_signature "$status" && status=0
            gpgconf --kill gpg-agent 2> /dev/null
            rm -rf "$GNUPGHOME"
            return $status
            ;;
    esac
}
age_with_passphrase() {
    # age takes a passphrase from a terminal alone, so it is given one; its data go past that, through descriptors.
    exec 3<&0 4>&1 5>&2
    {
        sleep 0.2
        show_key
        echo
    } | script --quiet --return --echo never --command 'age --decrypt <&3 >&4 2>&5 3>&- 4>&- 5>&-' /dev/null > /dev/null
    local status=$?
    ((status == 0)) || echo "age: status $status" >&2
    return $status
}
decompress() { swallow_rest_of "${unpack[@]}"; }
decrypt_and_decompress() {
    if [[ $encryption == none ]]; then
        decompress 2> "$work/decompress.err"
        return
    fi
    swallow_rest_of decrypt 2> "$work/decrypt.err" | decompress 2> "$work/decompress.err"
    local statuses=("${PIPESTATUS[@]}")
    echo "${statuses[0]}" > "$work/decrypt.status"
    return "${statuses[1]}"
}
# Of a physical backup what is wanted; see chosen_files.pl.
chosen_of_backup() {
    if [[ -z ${ONLY:-} || $1 != @(mbstream|untar) ]]; then
        decrypt_and_decompress
        return
    fi
    decrypt_and_decompress | perl -e "$chosen_files_pl" "$1"
    return "${PIPESTATUS[0]}"
}
files_of() {
    if [[ -z ${ONLY:-} ]]; then
        tar --create --file=- --directory="$1" .
        return
    fi
    (set -o pipefail && cd "$1" && find . ! -type d -print0 | perl -e "$chosen_files_pl" names | tar --create --file=- --null --files-from=-)
}
read_inputs() {
    local input before=$done_bytes
    exec 7> "$work/digest" # held open from the first input to the last
    for input in "${inputs[@]}"; do
        if [[ -d $input ]]; then
            # A folder is read as a tar archive of it.
            files_of "$input" | tee /dev/fd/7
            [[ "${PIPESTATUS[*]}" == "0 0" ]] || return 1
            continue
        fi
        exec 9< "$input" || return 66
        echo "$BASHPID $before" > "$work/reader"
        tee /dev/fd/7 <&9 || return
        before=$((before + $(position_of "$BASHPID")))
    done
    exec 9<&-
    echo "$BASHPID $before" > "$work/reader"
}
position_of() {
    local name value=0
    while read -r name value; do [[ $name == pos: ]] && break; done 2> /dev/null < "/proc/$1/fdinfo/9"
    echo "${value:-0}"
}
report_progress() {
    local pid before
    while true; do
        # It may outlive us for a moment, so it holds nothing open that somebody waits for. Bash's `read -t` would not
        # outlive us, but its alarm may come before it reads, and then it waits for ever (bash 5.1, on a busy machine).
        sleep 0.5 < /dev/null > /dev/null 2>&1
        read -r pid before < "$work/reader"
        echo "progress $((before + $(position_of "$pid")))"
    done
}

# Counts what the client tells of warnings and of our own last statement, by what is caught of them, whatever the length of
# lines. Prints `warned COUNT CAUGHT`.
count_warnings() {
    perl -e '
        my ($found, $left, $more, %found) = (shift, "\n", 1);
        while ($more) {
            $more = sysread STDIN, $left, 1 << 20, length $left;
            my $whole = length($left) - ($more ? 512 : 0);
            while ($left =~ /\n$found/go) {
                last if $-[0] >= $whole;
                my $what = join " ", grep defined, $1, $2;
                $what = $1 if !exists $found{$what} and keys %found >= 1000;
                $found{$what}++;
            }
            substr($left, 0, $whole, "") if $whole > 0;
        }
        print "warned $found{$_} $_\n" for sort keys %found;' "$@"
}
# Prints how many bytes of a stream there are up to the last one that is not zero.
last_byte() {
    perl -e '
        my ($at, $last) = (0, 0);
        while (my $more = sysread STDIN, my $part, 1 << 20) {
            my $length = length unpack "A*", $part;
            $last = $at + $length if $length;
            $at += $more;
        }
        print "$last\n";'
}
# Prints how many backups there are in an mbstream: how often the file that describes one ends. A chunk of another kind
# than parts and ends of files, or what is none, ends the count.
backups_in_mbstream() {
    perl -e '
        my ($left, $count, $skip) = ("", 0, 0);
        sub has { my $n = shift; while (length $left < $n) { sysread STDIN, $left, 1 << 20, length $left or return 0 } 1 }
        while (has(14)) {
            my ($magic, $type, $length) = unpack "a8 x a V", $left;
            last if $magic ne "XBSTCK01" || $type !~ /[PE]/ || $length > 4096 || !has(14 + $length);
            my $path = substr $left, 14, $length;
            substr($left, 0, 14 + $length) = "";
            $count++ if $type eq "E" && $path =~ m{^(?:\./)?(?:xtrabackup|mariadb_backup)_checkpoints$};
            next if $type eq "E";
            last if !has(20);
            $skip = unpack "Q<", $left;
            substr($left, 0, 20) = "";
            while ($skip > length $left) {
                $skip -= length $left;
                $left = "";
                last if !has(1);
            }
            last if $skip > length $left;
            substr($left, 0, $skip) = "";
        }
        print "$count\n";
        1 while sysread STDIN, $left, 1 << 20;'
}
facts_of_sql() {
    cat "$work/promises"
    if [[ -e $work/only ]]; then cat "$work/only"; fi
}

# Runs the pipe over the inputs into the sink and prints how each stage ended and the digest of what was read.
flow() {
    local sink=$1 statuses digesting ending bytes counting=() ends=("$work/end") said=/dev/null token
    token=$(od -An -N 8 -tu8 /dev/urandom)
    token=${token// /}
    sha256sum < "$work/digest" > "$work/sha256" &
    digesting=$!
    tail -c 4096 < "$work/end" > "$work/last_bytes" &
    ending=$!
    if [[ $sink == sql ]]; then
        perl -e "$statements_pl$session_pl$promises_pl; main::promises()" < "$work/marks" > "$work/promises" &
        counting+=($!) ends+=("$work/marks")
    fi
    if [[ $sink == @(sql|create|definitions|rows|rows_by) ]]; then
        count_warnings '(?|Warning \(Code (\d+)\)(?:[^\n]{0,200}column [^\n]{0,140}?([^\x27\x60\n]{1,64})[\x27\x60] at row)?'"|($token)\\t([01]\\t[01])\\n)" \
            < "$work/said" > "$work/warned" &
        counting+=($!) said=$work/said
    fi
    if [[ $sink == @(tar|untar) ]]; then
        last_byte < "$work/marks" > "$work/last_byte" &
        counting+=($!) ends+=("$work/marks")
    fi
    if [[ $sink == untar && -n ${2-} ]]; then
        mkfifo "$work/names"
        dumps_there < "$work/names" > "$work/there" &
        counting+=($!) ends+=("$work/names")
    fi
    if [[ $sink == mbstream ]]; then
        backups_in_mbstream < "$work/marks" > "$work/backups" &
        counting+=($!) ends+=("$work/marks")
    fi
    rm -f "$work"/*.err
    read_inputs 2> "$work/read.err" |
        chosen_of_backup "$sink" |
        tee "${ends[@]}" |
        "into_$@" 2> "$work/sink.err"
    statuses=("${PIPESTATUS[@]}")
    wait $digesting $ending "${counting[@]}"
    if [[ $said == "$work/said" ]]; then
        # Where the dump has left another delimiter, ours reached the server as a statement that begins with its semicolon;
        # one that the dump has not ended stands on lines before it.
        if grep -aq "near ';SET @drtool=$token[^']*' at line 1\$" "$work/sink.err"; then
            statuses[3]=0
            echo "sentinel 0 0"
        fi
        sed -E "s/^warned 1 $token ([01])\t/sentinel \1 /" "$work/warned"
    fi
    if [[ $encryption != none ]]; then
        echo "decrypt $(cat "$work/decrypt.status")"
        [[ -s $work/signature ]] && echo "signature $(cat "$work/signature")"
    fi
    echo "read ${statuses[0]}"
    echo "decompress ${statuses[1]}"
    echo "sink ${statuses[3]}"
    read -r _ bytes < "$work/reader"
    echo "bytes $bytes"
    echo "sha256 $(cut -c 1-64 "$work/sha256")"
    if [[ $sink == @(sql|create|definitions|rows|rows_by) ]]; then
        # The client repeats the statement it choked on, with all its rows, before it says why.
        grep -a '^ERROR' "$work/sink.err" | tail -n 1 > "$work/why" && mv "$work/why" "$work/sink.err"
    fi
    if [[ ${unpack[0]} == xz ]] && ((statuses[1])) && cat "${inputs[@]}" | if [[ $encryption == none ]]; then cat; else decrypt; fi 2> /dev/null | xz -tq --single-stream "${unpack[@]:2}" 2> /dev/null; then
        # xz complains of what follows its stream as if it were the stream's damage.
        echo "trailing garbage" > "$work/decompress.err"
    fi
    local stage
    for stage in read decrypt decompress sink; do
        [[ -e $work/$stage.err ]] && head -n 20 "$work/$stage.err" | cut -c 1-300 | sed "s/^/$stage.err /"
    done
    return "${statuses[3]}"
}
