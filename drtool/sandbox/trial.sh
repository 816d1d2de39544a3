# Says which programs are not there, and how many bytes are free on the disk below a folder.
# Arguments: the folder, then the programs.
for program in "${@:2}"; do
    command -v "$program" > /dev/null || echo "lacks $program"
done
read -r blocks size < <(stat --file-system --format='%a %S' "$1")
echo "free $((blocks * size))"
