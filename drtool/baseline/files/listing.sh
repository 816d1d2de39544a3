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
case $1 in
    all) cd "$2" && find . -mindepth 1 -printf '%y %s %m %U %G %T@ %n %D:%i\0%P\0%l\0' | base64 -w 6000 ;;
    digests) cd "$2" && find . -type f -print0 | split -t '\0' -n "r/$3/$4" - | digests | base64 -w 6000 ;;
    top) cd "$2" && find . -mindepth 1 -maxdepth 1 -printf '%y%P\0' | base64 -w 6000 ;;
esac
echo "end $?"
