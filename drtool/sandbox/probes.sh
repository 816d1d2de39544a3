# Tries to get out of the sandbox, and says what it met, an attempt a line, which is empty where it could not try; then
# the names of the network interfaces.
# Arguments: a name to look up, the address of the engine's host, an address outside.
shopt -s nullglob
timeout 2 getent ahosts "$1" > /dev/null 2>&1
case $? in
    0) echo "found an address" ;;
    2 | 124) echo "no answer" ;;
    *) echo ;;
esac
for target in "$2" "$3"; do
    said=$(timeout 2 bash -c 'exec 3<>"/dev/tcp/$1/9"' drtool "$target" 2>&1)
    case $? in
        0) echo "connected" ;;
        124) echo "timed out" ;;
        *) [[ $said =~ unreachable|refused|timed\ out|No\ route\ to\ host ]] && echo "${BASH_REMATCH[0]}" || echo ;;
    esac
done
for interface in /sys/class/net/*; do echo -n "${interface##*/} "; done
