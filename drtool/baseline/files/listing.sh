# Says in base64 what is below a folder of a container, and ends with `end` and its status.
# Arguments: what to list, the folder, then what that takes. 6000 characters are a multiple of four: each line can be
# decoded by itself.
set -o pipefail
export LC_ALL=C
# Everybody on the engine's host can read command lines, so no file's name may be in one: sha256sum gets files that
# are open already, by their numbers. What comes out is the names of a batch, an empty one, and as many digests.
digests() {
    while mapfile -d '' -n 500 -t names && [ "${#names[@]}" -gt 0 ]; do
        numbers=() files=()
        for name in "${names[@]}"; do
            exec {number}< "$name" || return 1
            numbers+=("$number") files+=("/proc/self/fd/$number")
        done
        printf '%s\0' "${names[@]}" '' && sha256sum --zero -- "${files[@]}" || return 1
        for number in "${numbers[@]}"; do exec {number}<&-; done
    done
}
# Path, name and value (hexadecimal) of extended attributes. Nothing that every image has can tell them but Perl, by the
# numbers of two system calls; on any other processor it ends with 77.
attributes() {
    find . -mindepth 1 -print0 | perl -0 -MPOSIX -ne '
        BEGIN {
            our ($list, $get) = @{ { x86_64 => [195, 192], aarch64 => [12, 9] }->{ (POSIX::uname())[4] } || exit 77 };
            binmode STDOUT;
        }
        chomp;
        my $path = $_ . "\0";
        my $names = "\0" x 65536;
        my $length = syscall($list, $path, $names, 65536);
        if ($length < 0) { next if $! == ENOTSUP || $! == ENOENT; exit 1 }
        for my $name (split /\0/, substr($names, 0, $length)) {
            my ($value, $asked) = ("\0" x 65536, "$name\0");
            my $size = syscall($get, $path, $asked, $value, 65536);
            exit 1 if $size < 0;
            print substr($_, 2), "\0$name\0", unpack("H*", substr($value, 0, $size)), "\0";
        }'
}
case $1 in
    all) cd "$2" && find . -mindepth 1 -printf '%y %s %m %U %G %T@ %n %D:%i\0%P\0%l\0' | base64 -w 6000 ;;
    digests) cd "$2" && find . -type f -print0 | split -t '\0' -n "r/$3/$4" - | digests | base64 -w 6000 ;;
    attributes) cd "$2" && attributes | base64 -w 6000 ;;
    folders)
        # Those of the paths that are folders, and that no link leads out of where they lie.
        for one in "${@:2}"; do
            [ -d "$one" ] && [ "$(readlink -f -- "$one")" = "$one" ] && printf '%s\0' "$one"
        done | base64 -w 6000
        true ;;
    outside) find "$2" -mindepth 1 -samefile "$3" -prune -o ! -type d -printf x -quit | base64 -w 6000 ;;
    top) cd "$2" && find . -mindepth 1 -maxdepth 1 -printf '%y%P\0' | base64 -w 6000 ;;
esac
echo "end $?"
